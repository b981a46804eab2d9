"""The configuration part of a plan's JSON: which references an argument's expression holds, and what they mean.

A plan names references but not what is done with them, and loses those that pass through ``local.``; so a reference
found here says what an unknown value may come from, and only its caller can judge whether it *is* that value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seawall.ingest.expression import descend, steps
from seawall.ingest.syntax import Undecided
from seawall.kernel.address import Address
from seawall.kernel.value import Ref

_STEP = re.compile(r"module\.([\w-]+)(\[(?:\"(?:[^\"\\]|\\.)*\"|\d+)\])?\.?")


@dataclass(frozen=True, slots=True)
class Module:
    """One module's configuration, the address of the instance in question, and the module that calls it."""

    address: str
    configuration: Mapping[str, Any]
    parent: Module | None = None
    call: Mapping[str, Any] | None = None

    def inside(self, path: str) -> str:
        """The full address of a resource of this module."""
        return f"{self.address}.{path}" if self.address else path


@dataclass(frozen=True, slots=True)
class Site:
    """Where an expression stands: its module, and the instance key of the resource, None without one."""

    module: Module
    key: str | int | None = None
    for_each: tuple[str, ...] = ()


class Configuration:
    """The configuration of a plan. ``instances`` are all resource addresses of the plan, with their keys."""

    def __init__(self, plan: Mapping[str, Any], address: Callable[[str], Address], instances: Iterable[str]) -> None:
        configuration = plan.get("configuration") or {}
        self.root = Module("", configuration.get("root_module") or {})
        self.providers: Mapping[str, Any] = configuration.get("provider_config") or {}
        self._variables: Mapping[str, Any] = plan.get("variables") or {}
        self._address = address
        self._resources: dict[int, dict[str, Mapping[str, Any]]] = {}
        self._instances: dict[str, list[str]] = {}
        for instance in instances:
            self._instances.setdefault(without_key(instance), []).append(instance)

    def module(self, address: str) -> Module:
        """The module of that address, ``module.a["x"].module.b``; the root's is empty."""
        found = self.root
        walked = ""
        for match in _STEP.finditer(address):
            walked = address[: match.end()].rstrip(".")
            call = (found.configuration.get("module_calls") or {}).get(match[1], {})
            found = Module(walked, call.get("module") or {}, found, call)
        return found

    def resource(self, module: Module, path: str) -> Mapping[str, Any] | None:
        """The configuration of a resource of a module, by ``type.name`` or ``data.type.name``."""
        known = self._resources.get(id(module.configuration))
        if known is None:
            known = {item["address"]: item for item in module.configuration.get("resources") or ()}
            self._resources[id(module.configuration)] = known
        return known.get(path)

    def region(self, key: str, module: Module) -> str | None:
        """The region of a provider, through variables; None if the plan does not say."""
        settings = self.providers.get(key) or {}
        region = (settings.get("expressions") or {}).get("region") or {}
        if isinstance(region.get("constant_value"), str):
            return str(region["constant_value"])
        found = [self._variable(reference, module) for reference in region.get("references", ())]
        return found[0] if len(found) == 1 else None

    def _variable(self, reference: str, module: Module) -> str | None:
        name = reference.removeprefix("var.")
        if name == reference:
            return None
        if module.parent is None:
            given = self._variables.get(name, {}).get("value")
            default = (module.configuration.get("variables") or {}).get(name, {}).get("default")
            given = default if given is None else given
            return given if isinstance(given, str) else None
        argument = ((module.call or {}).get("expressions") or {}).get(name) or {}
        if isinstance(argument.get("constant_value"), str):
            return str(argument["constant_value"])
        found = [self._variable(above, module.parent) for above in argument.get("references", ())]
        return found[0] if len(found) == 1 else None

    def refs(self, references: Iterable[str], site: Site, attr: str | None, depth: int = 0) -> tuple[Ref, ...]:
        """What references mean, variables and outputs followed through modules.

        ``attr`` is the attribute meant where the plan leaves it out, as it does for ``aws_subnet.a[count.index].id``.
        Raises Undecided where a reference cannot be followed.
        """
        listed = leaves(references)
        found: dict[Ref, None] = {}
        for reference in listed:
            for ref in self._follow(steps(reference), site, attr, depth, listed):
                found[ref] = None
        return tuple(found)

    def meaning(self, path: tuple[str, ...], site: Site) -> Any:
        """The one value that a name stands for; raises Undecided if the plan alone does not say."""
        if path[0] == "var" and site.module.parent is None and path[1] in self._variables:
            return descend(self._variables[path[1]].get("value"), path[2:])
        if "*" in path:
            raise Undecided("it takes a part of every element")
        found = tuple(self._follow(path, site, None, 0, ()))
        if len(found) != 1:
            raise Undecided("it is no single value")
        return found[0]

    def mentions(self, references: Iterable[str], site: Site) -> tuple[Ref, ...]:
        """As many of the references as can be followed."""
        found: dict[Ref, None] = {}
        for reference in leaves(references):
            try:
                found.update(dict.fromkeys(self.refs((reference,), site, "id")))
            except Undecided:
                continue
        return tuple(found)

    def _follow(
        self, path: tuple[str, ...], site: Site, attr: str | None, depth: int, listed: tuple[str, ...]
    ) -> Iterator[Ref]:
        if depth > 16:
            raise Undecided("its references go too deep")
        module = site.module
        match path:
            case ("var", name, *rest):
                if module.parent is None:
                    return  # a root variable is known when the plan is made
                argument = ((module.call or {}).get("expressions") or {}).get(name) or {}
                if not isinstance(argument, Mapping):
                    raise Undecided(f"var.{name} is built by its caller")
                above = Site(module.parent, _key_of(module.address))
                yield from self._extended(argument.get("references", ()), above, attr, depth, rest)
            case ("module", name, *rest):
                if rest and (rest[0].isdecimal() or not self._is_output(module, name, rest[0])):
                    instance, rest = f"[{rest[0]}]" if rest[0].isdecimal() else f'["{rest[0]}"]', rest[1:]
                else:
                    instance = ""
                if not rest:
                    raise Undecided(f"module.{name} stands for all of its outputs")
                below = self.module(module.inside(f"module.{name}{instance}"))
                output = (below.configuration.get("outputs") or {}).get(rest[0], {}).get("expression") or {}
                if instance == "" and (below.call or {}).keys() & {"count_expression", "for_each_expression"}:
                    raise Undecided(f"module.{name} has several instances")
                yield from self._extended(output.get("references", ()), Site(below), attr, depth, rest[1:])
            case ("each", "value", *rest):
                sources = self.refs(site.for_each, site, attr, depth + 1)
                same = [ref for ref in sources if _key_of(ref.to) == site.key and site.key is not None]
                if len(same) != 1:
                    raise Undecided("each.value is no resource")
                yield Ref(same[0].to, ".".join(rest) or same[0].attr)
            case ("each", "key") | ("count", "index") | ("path" | "terraform", *_):
                return
            case ("local", name, *_):
                raise Undecided(f"it passes through local.{name}, which a plan does not hold")
            case ("data", type, name, *rest):
                yield from self._resource_refs(f"data.{type}.{name}", rest, site, attr, listed)
            case (type, name, *rest) if "_" in type:
                yield from self._resource_refs(f"{type}.{name}", rest, site, attr, listed)
            case _:
                raise Undecided(f"nobody knows {'.'.join(path)}")

    def _extended(
        self, references: Iterable[str], site: Site, attr: str | None, depth: int, rest: list[str]
    ) -> Iterator[Ref]:
        for ref in self.refs(references, site, attr, depth + 1):
            yield Ref(ref.to, ".".join([ref.attr, *rest])) if rest else ref

    @staticmethod
    def _is_output(module: Module, call: str, name: str) -> bool:
        called = (module.configuration.get("module_calls") or {}).get(call, {}).get("module") or {}
        return name in (called.get("outputs") or {})

    def _resource_refs(
        self, path: str, rest: list[str], site: Site, attr: str | None, listed: tuple[str, ...]
    ) -> Iterator[Ref]:
        full = site.module.inside(path)
        instances = self._instances.get(full, [])
        keyed = {_key_of(instance): instance for instance in instances}
        if rest and None not in keyed:
            named = next((instance for key, instance in keyed.items() if str(key) == rest[0]), None)
            if named is not None:
                instances, rest = [named], rest[1:]
        elif not rest and site.key in keyed and {"count.index", "each.key"} & set(listed):
            instances = [keyed[site.key]]
        spelled = ".".join(rest) or attr
        if spelled is None:
            raise Undecided(f"the plan does not say which attribute of {path} is meant")
        for instance in instances or [full]:
            yield Ref(self._address(instance), spelled)


def leaves(references: Iterable[str]) -> tuple[str, ...]:
    """The references without those that are but the beginning of another."""
    given = tuple(dict.fromkeys(references))
    return tuple(
        one for one in given if not any(other.startswith((f"{one}.", f"{one}[")) for other in given if other != one)
    )


def without_key(address: str) -> str:
    """A resource's address without its own instance key."""
    return re.sub(r"\[(?:\"(?:[^\"\\]|\\.)*\"|\d+)\]$", "", address)


def _key_of(address: str) -> str | int | None:
    match = re.search(r"\[(?:\"((?:[^\"\\]|\\.)*)\"|(\d+))\]$", address)
    if match is None:
        return None
    return int(match[2]) if match[2] else match[1]
