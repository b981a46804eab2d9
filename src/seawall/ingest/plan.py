"""Terraform's plan as JSON (``terraform show -json``), alone or together with what a token plan found out.

Six rules make a body of a planned resource:

1. What the configuration does not set is no argument, known or not, and is dropped.
2. What is sensitive is replaced before anything else looks at it.
3. An unknown value of a link (``*_id``, ``*_arn``, ``role`` ...) with one reference is that Ref.
4. Any other unknown value is an Unknown with the references as its mentions.
5. A known value with a reference whose target has that very value is the Ref; so is a known ARN or self-telling id.
6. The region comes from the provider, through its alias and variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seawall.graph.resource import Resource
from seawall.ingest.configuration import Configuration, Module, Site, leaves, without_key
from seawall.ingest.expression import Place, descend, value
from seawall.ingest.identities import Identities
from seawall.ingest.root_module import REMOTE_STATE, RootModule, StateName, joined, state_name
from seawall.ingest.secrets import redacted, without_secrets
from seawall.ingest.syntax import Undecided
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin
from seawall.kernel.value import Ref, Unknown, holes, is_known
from seawall.readers.registry import links


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What another evaluation of the same configuration knows of one resource.

    ``after`` holds Refs where the plan is unknown, ``unknown`` marks what it does not know either, ``sensitive`` what
    is a secret, and ``undecided`` are the arguments that hang on a condition that only the real values decide.
    """

    after: Mapping[str, Any]
    unknown: Any
    sensitive: Any
    undecided: frozenset[str] = frozenset()


_LINKS = re.compile(
    r"(?:^|_)(?:ids?|arns?|role|roles|subnets|security_groups|buckets?|function_name|alarm_actions|ok_actions)$"
)
_PLURAL = re.compile(r"(?:s|_ids|_arns)$")
_MANY = re.compile(r"(?:ids|arns)$")
_DOCUMENTS = re.compile(r"(?:^|_)policy$")


def plan(plan: Mapping[str, Any], *, source: Path | None = None, name: str) -> Iterator[Resource]:
    """The resources of a plan's JSON; ``source`` is the file it came from, ``name`` what the stack is called.

    Raises InputError if it is no plan.
    """
    yield from joined([plan_module(plan, source=source, name=name)])


def plan_module(
    plan: Mapping[str, Any],
    *,
    source: Path | None = None,
    name: str,
    evaluated: Mapping[str, Evaluated] | None = None,
) -> RootModule:
    """A plan as a root module, to be joined with others; ``evaluated`` settles what is unknown, by address."""
    if (
        not isinstance(plan.get("resource_changes", plan.get("planned_values")), list | dict)
        or "configuration" not in plan
    ):
        raise InputError(
            f"{source or name} is no plan",
            fix="write it with `terraform show -json PLANFILE`",
            origin=Origin(str(source or "")),
        )
    return _Plan(plan, source, name, evaluated or {}).read()


@dataclass(frozen=True, slots=True)
class Planned:
    """One resource of a plan: what it will be, what of that is unknown or sensitive, and whether it is new."""

    address: str
    module: str
    type: str
    path: str
    key: str | int | None
    after: Mapping[str, Any]
    unknown: Any
    sensitive: Any
    created: bool


def planned(plan: Mapping[str, Any]) -> Iterator[Planned]:
    """Every resource and data source that will exist after the plan."""
    seen: set[str] = set()
    for change in plan.get("resource_changes") or ():
        actions = change["change"]["actions"]
        if change["change"].get("after") is None or actions == ["delete"] or "deposed" in change:
            continue
        seen.add(change["address"])
        yield _planned(
            change,
            change["change"]["after"],
            change["change"].get("after_unknown", {}),
            change["change"].get("after_sensitive", {}),
            "create" in actions,
        )
    state = ((plan.get("prior_state") or {}).get("values") or {}).get("root_module") or {}
    for resource in state_resources(state):
        if resource["mode"] == "data" and resource["address"] not in seen:
            yield _planned(resource, resource.get("values") or {}, {}, resource.get("sensitive_values") or {}, False)


def _planned(
    entry: Mapping[str, Any], after: Mapping[str, Any], unknown: Any, sensitive: Any, created: bool
) -> Planned:
    data = "data." if entry.get("mode") == "data" else ""
    module = entry.get("module_address")
    if module is None:  # in a state's values the module is only in the address
        path = f"{data}{entry['type']}.{entry['name']}"
        module = without_key(entry["address"]).removesuffix(path).rstrip(".")
    return Planned(
        entry["address"],
        module,
        f"{data}{entry['type']}",
        f"{data}{entry['type']}.{entry['name']}",
        entry.get("index"),
        after,
        unknown,
        sensitive,
        created,
    )


def state_resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every resource of a state's module and of those below it."""
    yield from module.get("resources") or ()
    for child in module.get("child_modules") or ():
        yield from state_resources(child)


class _Plan:
    def __init__(
        self, plan: Mapping[str, Any], source: Path | None, name: str, evaluated: Mapping[str, Evaluated]
    ) -> None:
        self._origin = Origin(str(source)) if source else Origin(name)
        self._name = name
        self._plan = plan
        self._evaluated = evaluated
        self._planned = tuple(planned(plan))
        self._region = ""
        configuration = Configuration(plan, self._address, (item.address for item in self._planned))
        self._region = configuration.region("aws", configuration.root) or ""
        self._configuration = configuration
        self._known = {self._address(item.address): item.after for item in self._planned}
        self._identities = Identities()
        for item in self._planned:
            self._identities.add_resource(self._address(item.address), item.after)
            if item.type == f"data.{REMOTE_STATE}":
                for name, value in (item.after.get("outputs") or {}).items():
                    self._identities.add(value, Ref(self._address(item.address), f"outputs.{name}"))

    def _address(self, path: str) -> Address:
        return Address.terraform(self._region, self._name, path)

    def read(self) -> RootModule:
        resources: list[Resource] = []
        remote: dict[Address, StateName | None] = {}
        for item in self._planned:
            module = self._configuration.module(item.module)
            configured = self._configuration.resource(module, item.path) or {}
            resource = self._resource(item, module, configured)
            resources.append(resource)
            if item.type == f"data.{REMOTE_STATE}":
                remote[resource.address] = _remote(resource.body)
        identities = self._identities.without(remote)
        return RootModule(self._name, self._region, tuple(resources), self._outputs(), None, remote, identities)

    def _resource(self, item: Planned, module: Module, configured: Mapping[str, Any]) -> Resource:
        address = self._address(item.address)
        each = (configured.get("for_each_expression") or {}).get("references", ())
        walk = _Walk(self._configuration, Site(module, item.key, tuple(each)), address, item, self._known)
        provider = configured.get("provider_config_key", "")
        said = item.after.get("region") if item.type.startswith("aws_") else None
        # Since version 6 of its provider, a resource of AWS's may say by itself where it is.
        region = (
            said if isinstance(said, str) and said else self._configuration.region(provider, module) or self._region
        )
        depends_on = tuple(self._address(module.inside(path)) for path in configured.get("depends_on") or ())
        expressions = configured.get("expressions") or {}
        body = walk.block(item.after, item.unknown, item.sensitive, expressions, ())
        if item.address in self._evaluated:
            body = _better(body, walk, expressions, self._evaluated[item.address])
        return Resource(
            address,
            item.type,
            without_secrets(address, item.type, self._identities.linked(body, address)),
            self._origin,
            region or Unknown(f"{address}.region", why="the provider's region is not in the plan"),
            {"depends_on": depends_on} if depends_on else {},
        )

    def _outputs(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        changes = self._plan.get("output_changes") or {}
        for name, output in (self._configuration.root.configuration.get("outputs") or {}).items():
            references = (output.get("expression") or {}).get("references", ())
            what = f"{self._name}:output.{name}"
            change = changes.get(name, {})
            site = Site(self._configuration.root)
            try:
                meant = self._configuration.refs(references, site, None)
            except Undecided as reason:
                found[name] = Unknown(what, self._configuration.mentions(references, site), str(reason))
                continue
            known = change.get("after")
            if len(meant) == 1 and len(leaves(references)) == 1:
                found[name] = meant[0]
            elif known is not None and change.get("after_sensitive") is not True:
                found[name] = known
            else:
                found[name] = Unknown(what, meant, "it is built from several values")
        return found


def _better(body: dict[str, Any], walk: _Walk, expressions: Mapping[str, Any], evaluated: Evaluated) -> dict[str, Any]:
    """The body with each argument as the other evaluation has it, where that shows a Ref or the plan is unknown.

    What the plan knows and what shows no Ref stays as the plan has it: the rest of the other evaluation is mocked.
    """
    # A mock computes no list of objects, so one that the plan's expressions lack is a dynamic block.
    item = replace(walk.item, created=True)
    names = [*expressions, *(name for name in evaluated.after if name not in expressions and name in body)]
    other = replace(walk, item=item).block(
        evaluated.after, evaluated.unknown, evaluated.sensitive, {name: expressions.get(name) for name in names}, ()
    )
    better: dict[str, Any] = {}
    for name in names:
        if name in body and is_known(body[name]) and not any(isinstance(hole, Ref) for hole in holes(other.get(name))):
            better[name] = body[name]
        elif name in evaluated.undecided and not is_known(body.get(name)):
            mentions = walk.configuration.mentions(references_in(expressions.get(name)), walk.site)
            why = "a condition in its expression is decided by a value that is known only after apply"
            better[name] = Unknown(walk.what((name,)), mentions, why)
        elif other.get(name) is not None:
            better[name] = other[name]
        elif name in body:
            better[name] = body[name]
    return better


def _remote(body: Mapping[str, Any]) -> StateName | None:
    kind, config = body.get("backend"), body.get("config")
    if not isinstance(kind, str) or not isinstance(config, Mapping):
        return None
    return state_name(kind, config)


@dataclass(frozen=True, slots=True)
class _Walk:
    """Walks the values of one resource side by side with its unknowns, sensitive marks and expressions."""

    configuration: Configuration
    site: Site
    address: Address
    item: Planned
    known: Mapping[Address, Mapping[str, Any]]

    def block(
        self,
        after: Any,
        unknown: Any,
        sensitive: Any,
        expressions: Mapping[str, Any] | None,
        path: tuple[str | int, ...],
    ) -> dict[str, Any]:
        """The arguments of a block; without its expressions everything that is said counts as an argument."""
        after = after if isinstance(after, Mapping) else {}
        if expressions is None:
            names = list(dict.fromkeys([*after, *(unknown if isinstance(unknown, Mapping) else ())]))
        else:
            # Dynamic blocks are missing from a plan's expressions. In a new resource a list of objects that is known
            # was configured; in an existing one it may as well be computed, like the rules of a security group.
            dynamic = [name for name in after if name not in expressions and self.item.created and _blocks(after[name])]
            names = [*expressions, *dynamic]
        body: dict[str, Any] = {}
        for name in names:
            value = self.value(
                after.get(name),
                _part(unknown, name),
                _part(sensitive, name),
                (expressions or {}).get(name),
                (*path, name),
            )
            if value is not None and not (expressions is None and value in ([], {}, "")):
                body[name] = value
        return body

    def value(self, after: Any, unknown: Any, sensitive: Any, expression: Any, path: tuple[str | int, ...]) -> Any:
        """The value of an argument or a list of blocks."""
        if sensitive is True:
            return redacted(self.what(path), after if after is not None or unknown is not True else "?")
        if isinstance(expression, list):
            if unknown is True:
                return self.hole(path, references_in(expression))
            return self.blocks(after, unknown, sensitive, expression, path)
        if isinstance(expression, Mapping) and expression and not {"references", "constant_value"} & expression.keys():
            return self.block(after, unknown, sensitive, expression, path) or None
        if expression is None and _blocks(after):
            return self.blocks(after, unknown, sensitive, [], path)
        written = self.written(expression, path)
        if written is not None:
            return written
        references = tuple((expression or {}).get("references", ()))
        return self.leaf(after, unknown, sensitive, references, path)

    def written(self, expression: Any, path: tuple[str | int, ...]) -> Any:
        """The argument as its source writes it, which a plan holds word for word if the source is JSON; else None."""
        if not isinstance(expression, Mapping) or not {"constant_value", "references"} <= expression.keys():
            return None
        found = value(expression["constant_value"], _Names(self), Place(self.what(path), str(self.item.address)))
        return None if any(isinstance(hole, Unknown) for hole in holes(found)) else found

    def blocks(
        self, after: Any, unknown: Any, sensitive: Any, expressions: list[Any], path: tuple[str | int, ...]
    ) -> list[dict[str, Any]]:
        """Nested blocks, each with the expressions that were written for it, in the order in which they were written.

        A plan re-orders sets, so blocks are paired by the constants they hold; where that leaves a choice, what is
        unknown in them stays unknown.
        """
        items = after if isinstance(after, list) else [] if after is None else [after]
        pairs = paired(items, unknown, expressions)
        order = sorted(range(len(items)), key=lambda number: pairs[number][1])
        return [
            self.block(
                items[number], _part(unknown, number), _part(sensitive, number), pairs[number][0], (*path, number)
            )
            for number in order
        ]

    def leaf(
        self, after: Any, unknown: Any, sensitive: Any, references: tuple[str, ...], path: tuple[str | int, ...]
    ) -> Any:
        """A value within an argument whose expression holds these references."""
        if sensitive is True and after is not None:
            return redacted(self.what(path), after)
        if unknown is True:
            return self.hole(path, references)
        match after:
            case Mapping():
                return {
                    key: self.leaf(after.get(key), _part(unknown, key), _part(sensitive, key), references, (*path, key))
                    for key in dict.fromkeys([*after, *(unknown if isinstance(unknown, Mapping) else ())])
                }
            case list():
                return self.items(after, unknown, sensitive, references, path)
            case None:
                return None
            case _:
                return self.same(after, references)

    def items(
        self, after: list[Any], unknown: Any, sensitive: Any, references: tuple[str, ...], path: tuple[str | int, ...]
    ) -> Any:
        """A list; as many unknown items as references are those references, in their order."""
        open = [number for number in range(len(after)) if _part(unknown, number) is True]
        found: dict[int, Any] = {}
        try:
            meant = self.configuration.refs(references, self.site, None)
            if open and len(meant) == len(open):
                found = dict(zip(open, meant, strict=True))
        except Undecided:
            pass
        return [
            found[number]
            if number in found
            else self.leaf(item, _part(unknown, number), _part(sensitive, number), references, (*path, number))
            for number, item in enumerate(after)
        ]

    def hole(self, path: tuple[str | int, ...], references: Iterable[str]) -> Any:
        """An unknown value: what somebody else knows of it, the one thing a link can be, or an Unknown."""
        references = tuple(references)
        name = next((step for step in reversed(path) if isinstance(step, str)), "")
        if not references:
            return Unknown(self.what(path))
        try:
            found = self.configuration.refs(references, self.site, _meant_attribute(name))
        except Undecided as reason:
            mentions = self.configuration.mentions(references, self.site)
            why = f"it is known only after apply, and {reason}; give the Terraform source beside the plan"
            return Unknown(self.what(path), mentions, why)
        alone = len(found) == 1
        if self._is_link(name, path):
            plural = bool(_PLURAL.search(name)) and not isinstance(path[-1], int)
            if plural and found and len({_type(ref) for ref in found}) == 1:
                # A list of many, unless the one reference is to a list itself.
                return found[0] if alone and _PLURAL.search(found[0].attr) else list(found)
            # One of many is not the many.
            if alone and not _MANY.search(found[0].attr):
                return found[0]
        if alone and found[0].attr == "json" and _DOCUMENTS.search(name):
            return found[0]
        why = "it is known only after apply, and the plan does not say how it is made; give the source beside the plan"
        return Unknown(self.what(path), found, why)

    def _is_link(self, name: str, path: tuple[str | int, ...]) -> bool:
        spelled = ".".join("*" if isinstance(step, int) else step for step in path)
        return bool(_LINKS.search(name)) or spelled in links().get(self.item.type, {})

    def same(self, after: Any, references: tuple[str, ...]) -> Any:
        """A known value, as the Ref whose target has that very value if there is one."""
        if not references or not isinstance(after, str) or after == "":
            return after
        same: list[Ref] = []
        for reference in leaves(references):
            try:
                meant = self.configuration.refs((reference,), self.site, None)
            except Undecided:
                continue
            same += [ref for ref in meant if self._value_of(ref) == after]
        return same[0] if len(set(same)) == 1 else after

    def _value_of(self, ref: Ref) -> Any:
        try:
            return descend(self.known.get(ref.to, {}), tuple(ref.attr.split(".")))
        except Undecided:
            return None

    def what(self, path: tuple[str | int, ...]) -> str:
        """How an Unknown names a value of this resource."""
        return ".".join([str(self.address), *map(str, path)])


@dataclass(frozen=True, slots=True)
class _Names:
    """What names mean where one resource is configured."""

    walk: _Walk

    def lookup(self, steps: tuple[str, ...]) -> Any:
        """The reference, or what the plan's own variables say."""
        return self.walk.configuration.meaning(steps, self.walk.site)

    def instances(self, steps: tuple[str, ...]) -> Any:
        """Not told here: a plan lists every instance itself."""
        return None


def paired(items: list[Any], unknown: Any, expressions: list[Any]) -> list[tuple[Mapping[str, Any] | None, int]]:
    """For each block of a plan the expressions written for it and their place; None where nobody can say.

    Blocks are paired by known scalars. Of blocks that these do not tell apart, equal expressions are as good as one
    another; different ones give the union of their names, each with the references of all.
    """
    candidates = [
        [place for place, expression in enumerate(expressions) if _fits(expression, item, _part(unknown, number))]
        for number, item in enumerate(items)
    ]
    if len(items) != len(expressions):  # a dynamic block is among them
        return [
            (expressions[found[0]], found[0]) if len(found) == 1 and _alone(candidates, found[0]) else (None, number)
            for number, found in enumerate(candidates)
        ]
    result: dict[int, tuple[Mapping[str, Any] | None, int]] = {}
    while len(result) < len(items):
        single = next((n for n, found in enumerate(candidates) if n not in result and len(found) == 1), None)
        if single is None:
            single = next(
                (
                    n
                    for n, found in enumerate(candidates)
                    if n not in result and found and all(expressions[p] == expressions[found[0]] for p in found)
                ),
                None,
            )
        if single is None:
            break
        place = candidates[single][0]
        result[single] = (expressions[place], place)
        candidates = [[p for p in found if p != place] if n != single else found for n, found in enumerate(candidates)]
    for number, found in enumerate(candidates):
        if number not in result:
            result[number] = (_union([expressions[place] for place in found]) if found else None, number)
    return [result[number] for number in range(len(items))]


def _alone(candidates: list[list[int]], place: int) -> bool:
    return sum(place in found for found in candidates) == 1


def _fits(expression: Any, item: Any, unknown: Any) -> bool:
    """Whether a block could have been made by these expressions."""
    if not isinstance(expression, Mapping) or not isinstance(item, Mapping):
        return True
    for name, written in expression.items():
        after = item.get(name)
        if isinstance(written, Mapping) and "constant_value" in written and not written.get("references"):
            constant = written["constant_value"]
            if _part(unknown, name) is True:
                return False
            if "{" in str(constant):
                continue  # a plan of JSON source holds the template, not the text
            if isinstance(constant, str | int | float | bool) and not _same_scalar(constant, after):
                return False
            if isinstance(constant, list) and isinstance(after, list) and not _same_list(constant, after):
                return False
        elif isinstance(written, list) and isinstance(after, list):
            if len(written) != len(after):
                return False
            below = _part(unknown, name)
            if not all(
                any(_fits(inner, found, _part(below, number)) for inner in written)
                for number, found in enumerate(after)
            ):
                return False
    # What is known there and was not written must be a default; what was written elsewhere makes the difference.
    return True


def _same_scalar(constant: Any, after: Any) -> bool:
    if isinstance(constant, bool) or isinstance(after, bool):
        return str(constant).lower() == str(after).lower()
    return constant == after or str(constant) == str(after)


def _same_list(constant: list[Any], after: list[Any]) -> bool:
    return sorted(map(str, constant)) == sorted(map(str, after))


def _union(expressions: list[Any]) -> Mapping[str, Any]:
    """All names that several blocks write, each with all references, so that nothing unknown has just one."""
    names = dict.fromkeys(name for expression in expressions for name in expression)
    union: dict[str, Any] = {}
    for name in names:
        written = [expression[name] for expression in expressions if name in expression]
        if all(item == written[0] for item in written):
            union[name] = written[0]
        else:
            union[name] = {"references": [*dict.fromkeys(references_in(written)), _TIE]}
    return union


_TIE = "local.(one of several blocks that the plan does not tell apart)"


def references_in(expression: Any) -> Iterator[str]:
    """Every reference within expressions, however deep."""
    if isinstance(expression, list):
        for item in expression:
            yield from references_in(item)
    elif isinstance(expression, Mapping):
        if isinstance(expression.get("references"), list):
            yield from expression["references"]
        else:
            for item in expression.values():
                yield from references_in(item)


def _meant_attribute(name: str) -> str | None:
    if re.search(r"(?:^|_)arns?$", name):
        return "arn"
    if re.search(r"(?:^|_)ids?$|^subnets$|^security_groups$", name):
        return "id"
    return None


def _blocks(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _part(of: Any, step: str | int) -> Any:
    """What a tree of marks says of one part; a mark of the whole is a mark of every part."""
    if of is True:
        return True
    if isinstance(of, Mapping):
        return of.get(step)
    if isinstance(of, list) and isinstance(step, int) and step < len(of):
        return of[step]
    return None


def _type(ref: Ref) -> str:
    name = ref.to.as_terraform()
    return name.type if name else ""
