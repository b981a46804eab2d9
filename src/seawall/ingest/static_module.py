"""One module's source, read without running Terraform: what is static exactly, the rest as Unknowns.

Modules that the source calls are read with it where they lie in the same estate. A call that cannot be followed
becomes a resource of the type ``module``: what it makes is missing, and must not read as "there is no such thing".
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from seawall.graph.resource import NOTHING, Resource
from seawall.ingest.expression import Bound, Place, Scope, descend, value
from seawall.ingest.functions import Missing
from seawall.ingest.placeholders import settle
from seawall.ingest.root_module import REMOTE_STATE, RootModule, StateName, state_name
from seawall.ingest.secrets import redacted, without_secrets
from seawall.ingest.source import Source, is_override, is_source, load
from seawall.ingest.syntax import Undecided
from seawall.ingest.variables import Values, is_secret, taken, typed
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin
from seawall.kernel.value import Ref, Unknown, holes

MODULE = "module"
"""The type of a module that is called and not read."""
_OF_CLUSTERS = frozenset({"helm", "kubectl", "kubernetes"})
_META = frozenset({"//", "depends_on", "lifecycle", "provider", "count", "for_each", "provisioner", "connection"})
_CALL = frozenset({"//", "source", "version", "providers", "count", "for_each", "depends_on"})
_MOST = 1000
"""How many instances a resource or a module may have; of one that has more, only the number is said to be not known."""

_MODULES = 5000
"""How many modules a root module may make, all that call each other together."""

Key: TypeAlias = str | int | None
"""Which instance of a resource or a module; None for the only one."""


def read_module(name: str, files: list[Source], given: Values = NOTHING) -> RootModule:
    """A root module from its files, overrides laid over the others; ``given`` are variables that are set from outside.

    Raises InputError on what is nested too deeply, or calls itself.
    """
    try:
        return _Module(name, files, given=given).read()
    except RecursionError:
        raise InputError(f"{files[0].file.parent} holds something nested too deeply to be read") from None


def called(sources: list[Source]) -> set[Path]:
    """The folders of the local modules that these files call."""
    return {
        folder
        for source in sources
        for _, body in _labelled(source.content.get("module"), 1)
        if (folder := _local(source.file, body)) is not None
    }


def declared(sources: list[Source]) -> set[str]:
    """The names of the variables that these files declare."""
    return {label for source in sources for (label,), _ in _labelled(source.content.get("variable"), 1)}


def places(files: list[Source], prefix: str = "") -> Iterator[tuple[str, Origin]]:
    """Where each resource is written, by its path within the root module, instance keys left aside."""
    for source in files:
        for kind, data in (("resource", ""), ("data", "data."), ("ephemeral", "ephemeral.")):
            for (type, label), _ in _labelled(source.content.get(kind), 2):
                yield f"{prefix}{data}{type}.{label}", Origin(str(source.file), source.line(kind, type, label))
        for (label,), body in _labelled(source.content.get("module"), 1):
            folder = _local(source.file, body)
            if folder is not None and folder.is_dir() and prefix.count("module.") < 16:
                below = [load(file) for file in sorted(folder.iterdir()) if is_source(file)]
                yield from places(below, f"{prefix}module.{label}.")


def _local(file: Path, body: Mapping[str, Any]) -> Path | None:
    written = body.get("source")
    said = written[3:-2] if isinstance(written, str) and written.startswith('${"') else written
    if not isinstance(said, str) or not said.startswith(("./", "../")):
        return None
    return Path(os.path.normpath(file.parent / said))


@dataclass(frozen=True, slots=True)
class _Call:
    """How one module calls another."""

    caller: _Module
    name: str
    body: Mapping[str, Any]
    file: Path
    key: Key = None
    names: Mapping[str, Any] = field(default_factory=dict)


class _Module:
    """What names mean in one module, and how its blocks become resources."""

    def __init__(self, name: str, files: list[Source], call: _Call | None = None, *, given: Values = NOTHING) -> None:
        overrides = [source for source in files if is_override(source.file)]
        files = [source for source in files if not is_override(source.file)] or files
        self._files = files
        self._call = call
        self._loaded: dict[Path, list[Source]] = call.caller._loaded if call else {}
        self._made: list[int] = call.caller._made if call else [0]
        self.prefix: str = f"{call.caller.prefix}{_instance(f'module.{call.name}', call.key)}." if call else ""
        self._blocks: dict[str, dict[str, Any]] = {}
        self._where: dict[str, tuple[Path, str, str, str]] = {}
        self._calls: dict[str, tuple[Source, dict[str, Any]]] = {}
        self._locals: dict[str, tuple[str, Any]] = {}
        self._variables: dict[str, tuple[str, dict[str, Any]]] = {}
        self._outputs: dict[str, tuple[str, Any]] = {}
        self._known: dict[str, Any] = {}
        self._busy: set[str] = set()
        self._called: dict[str, dict[Key, _Module] | Resource] = {}
        marker: Mapping[str, Any] = {}
        for source in files:
            file, content = source.file, source.content
            said = content.get("//")
            if isinstance(said, dict) and isinstance(said.get("seawall"), dict):
                marker = said["seawall"]
            for (type, label), body in _labelled(content.get("resource"), 2):
                self._blocks[f"{type}.{label}"] = body
                self._where[f"{type}.{label}"] = (file, "resource", type, label)
            for mode in ("data", "ephemeral"):
                for (type, label), body in _labelled(content.get(mode), 2):
                    self._blocks[f"{mode}.{type}.{label}"] = body
                    self._where[f"{mode}.{type}.{label}"] = (file, mode, type, label)
            for _, body in _labelled(content.get("locals"), 0):
                self._locals.update((key, (str(file), item)) for key, item in body.items() if key != "//")
            for (label,), body in _labelled(content.get("variable"), 1):
                self._variables[label] = (str(file), body)
            for (label,), body in _labelled(content.get("output"), 1):
                self._outputs[label] = (str(file), body.get("value"))
            for (label,), body in _labelled(content.get("module"), 1):
                self._calls[label] = (source, body)
        self._override(overrides)
        self.name = str(marker.get("stack", name))
        marked = marker.get("given")
        self._given: Mapping[str, Any] = marked if isinstance(marked, dict) and call is None else {}
        self._values, self._perhaps = taken(files[0].file.parent) if call is None and self._variables else ({}, {})
        self._values |= {name: item for name, item in given.items() if name in self._variables}
        self._applied = bool(self._values) or any(_applied(source.content) for source in files)
        # A provider may stand in a region that one of its own resources or data sources tells: until that is known
        # the module's resources are in none.
        self.region: str = call.caller.region if call else ""
        self._regions = dict(self._provider_regions())
        if call is not None:
            self._regions = call.caller.regions_of(call) | self._regions
        own = marker.get("region", self._regions.get("aws", ""))
        self._own: str | Unknown = own
        if call is None and isinstance(own, str):
            self.region = own

    def _modules(self, label: str) -> dict[Key, _Module] | Resource:
        """The modules that one call makes, or what stands for a call that cannot be followed."""
        if label not in self._called:
            self._called[label] = self._follow(label)
        return self._called[label]

    def _follow(self, label: str) -> dict[Key, _Module] | Resource:
        source, body = self._calls[label]
        origin = Origin(str(source.file), source.line("module", label))
        folder = _local(source.file, body)
        if self.prefix.count("module.") > 16:
            fix = "pass the plan (`terraform show -json PLANFILE`), which holds what the module makes"
            raise InputError(f"module {label} calls itself", fix=fix, origin=origin)
        why = "its source does not lie beside its caller"
        if folder is not None and folder.is_dir():
            keys = self._keys(f"module.{label}", body, source.file)
            if keys is not None:
                self._made[0] += len(keys)
            if self._made[0] > _MODULES:
                why = "the modules that call each other are more than are read"
            elif keys is not None:
                files = self._below(folder)
                return {
                    key: _Module(self.name, files, _Call(self, label, body, source.file, key, names))
                    for key, names in keys.items()
                }
            else:
                why = "it has as many instances as Terraform finds out"
        return Resource(self.address(f"module.{label}"), MODULE, {"source": body.get("source"), "why": why}, origin)

    def _below(self, folder: Path) -> list[Source]:
        if folder not in self._loaded:
            self._loaded[folder] = [load(file) for file in sorted(folder.iterdir()) if is_source(file)]
        return self._loaded[folder]

    def regions_of(self, call: _Call) -> dict[str, str | Unknown]:
        """The regions of the providers that a call passes on: all without an alias, or those it names."""
        passed = call.body.get("providers")
        if isinstance(passed, str):
            pairs = dict(item.split("=", 1) for item in passed.strip("${} \n").split(",") if "=" in item)
            passed = {name.strip(): said.strip() for name, said in pairs.items()}
        if not isinstance(passed, Mapping):
            return {name: region for name, region in self._regions.items() if "." not in name}
        return {name: self._regions[_bare(said)] for name, said in passed.items() if _bare(said) in self._regions}

    def _override(self, files: list[Source]) -> None:
        """Lay override files over the blocks, argument by argument, as Terraform does."""
        for source in files:
            for kind, prefix in (("resource", ""), ("data", "data."), ("ephemeral", "ephemeral.")):
                for (type, label), body in _labelled(source.content.get(kind), 2):
                    name = f"{prefix}{type}.{label}"
                    if name in self._blocks:
                        self._blocks[name] = self._blocks[name] | body

    def read(self) -> RootModule:
        """The whole module with those it calls."""
        resources: list[Resource] = []
        remote: dict[Address, StateName | None] = {}
        self._collect(resources, remote)
        resources += (*self._providers(), *self._state_elsewhere())
        return RootModule(self.name, self.region, tuple(resources), self._told(), self._backend(), remote)

    def _told(self) -> dict[str, Any]:
        """The outputs as other stacks read them, who cannot tell what a resource is as a whole."""
        why = "it holds a whole resource"
        return {
            name: Unknown(f"{self.name}:output.{name}", why=why) if _holds_whole(found) else found
            for name, found in self.outputs().items()
        }

    def _collect(self, resources: list[Resource], remote: dict[Address, StateName | None]) -> None:
        lines = {source.file: source for source in self._files}
        for path, body in self._blocks.items():
            file, *labels = self._where[path]
            origin = Origin(str(file), lines[file].line(*labels))
            keys = self._instances(path)
            for key, names in ({None: {}} if keys is None else keys).items():
                scope: Scope = Bound(self, names) if names else self
                resource = self._resource(_instance(path, key), body, origin, scope)
                if keys is None:
                    resource = replace(resource, meta={**resource.meta, "count": self._number(path, body)})
                resources.append(resource)
                if path.startswith(f"data.{REMOTE_STATE}."):
                    remote[resource.address] = self._state(resource.body, file)
        for label in self._calls:
            made = self._modules(label)
            if isinstance(made, Resource):
                resources.append(replace(made, body={**made.body, "given": self._named_by(label)}))
                continue
            for called in made.values():
                called._collect(resources, remote)

    def _named_by(self, label: str) -> list[Ref]:
        """What the arguments of a call that is not followed name."""
        source, body = self._calls[label]
        place = Place(str(self.address(f"module.{label}")), str(source.file))
        found = holes([value(item, self, place) for name, item in body.items() if name not in _CALL])
        named = (hole.mentions if isinstance(hole, Unknown) else (hole,) for hole in found)
        return sorted({ref for refs in named for ref in refs if isinstance(ref, Ref)}, key=str)

    def lookup(self, path: tuple[str, ...]) -> Any:
        """The value of a dotted name; raises Undecided if it has none before Terraform runs."""
        match path:
            case ("local", name, *rest) if name in self._locals:
                return descend(self._once(f"local.{name}", *self._locals[name]), tuple(rest))
            case ("var", name, *rest):
                return descend(self._variable(name), tuple(rest))
            case (("each" | "count" | "local" | "path" | "terraform" | "self"), *_):
                raise Undecided(f"{'.'.join(path[:2])} is known to Terraform alone")
            case ("module", name, *rest) if name in self._calls:
                return self._output(name, tuple(rest))
            case ("data" | "ephemeral" as mode, type, name, *rest):
                return self._reference(f"{mode}.{type}.{name}", tuple(rest))
            case (type, name, *rest) if "_" in type:
                return self._reference(f"{type}.{name}", tuple(rest))
        raise Undecided(f"{'.'.join(path)} is not known")

    def instances(self, steps: tuple[str, ...]) -> Any:
        """All instances of a resource or module that has any number of them, to be gone through; else None."""
        found: dict[str, Any]
        match steps:
            case ("module", name) if name in self._calls:
                made = self._modules(name)
                if isinstance(made, Resource) or None in made:
                    return None
                found = {str(key): called.outputs() for key, called in made.items()}
                repeated = self._calls[name][1]
            case ("data", type, name) | (type, name) if (
                path := f"data.{type}.{name}" if len(steps) == 3 else f"{type}.{name}"
            ) in self._blocks:
                keys = self._instances(path)
                if keys is None or None in keys:
                    return None
                found = {str(key): Ref(self.address(_instance(path, key)), "") for key in keys}
                repeated = self._blocks[path]
            case _:
                return None
        return list(found.values()) if "count" in repeated else found

    def _once(self, what: str, file: str, written: Any) -> Any:
        """A value of this module's that is the same wherever it is asked for."""
        if what not in self._known:
            if what in self._busy:
                raise Undecided(f"{what} is defined by itself")
            self._busy.add(what)
            try:
                found = value(written, self, Place(f"{self.name}:{self.prefix}{what}", file, whole=True))
            finally:
                self._busy.discard(what)
            if _large(found):
                found = Unknown(f"{self.name}:{self.prefix}{what}", why="it holds more than is read")
            self._known[what] = found
        return self._known[what]

    def _variable(self, name: str) -> Any:
        if isinstance(self._given.get(name), str):
            return settle(self._given[name])
        known = f"var.{name}"
        if known not in self._known:
            if known in self._busy:
                raise Undecided(f"{known} is defined by itself")
            self._busy.add(known)
            try:
                self._known[known] = self._passed(name)
            except Undecided as reason:
                self._known[known] = reason
            finally:
                self._busy.discard(known)
        found = self._known[known]
        if isinstance(found, Undecided):
            raise Undecided(str(found))
        return found

    def _passed(self, name: str) -> Any:
        """What a variable is: what the caller says, or Terraform finds in a file, or else its default."""
        file, declared = self._variables.get(name, ("", {}))
        if self._call is not None and name in self._call.body and name not in _CALL:
            what = f"{self._call.caller.prefix}module.{self._call.name}.{name}"
            scope: Scope = Bound(self._call.caller, self._call.names) if self._call.names else self._call.caller
            found = value(self._call.body[name], scope, Place(f"{self.name}:{what}", str(self._call.file), whole=True))
            if found is not None or declared.get("nullable") is not False:
                return typed(found, declared.get("type"))
        written = declared.get("default")
        if self._call is None:
            if name in self._perhaps and name not in self._values:
                raise Undecided(f"whoever runs it sets var.{name}, perhaps by {self._perhaps[name]}")
            if name in self._values:
                file, written = self._values[name]
            elif "default" not in declared:
                raise Undecided(f"whoever runs it sets var.{name}")
            elif not self._applied:
                raise Undecided(f"whoever calls it sets var.{name}")
        elif "default" not in declared:
            raise Undecided(f"nobody sets var.{name}")
        what = f"{self.name}:{self.prefix}var.{name}"
        found = value(written, self, Place(what, file)) if name not in self._values else written
        found = typed(found, declared.get("type"))
        return redacted(what, found) if is_secret(name, declared, found) else found

    def _output(self, name: str, rest: tuple[str, ...]) -> Any:
        """What a module that is called gives, of one instance or of all."""
        made = self._modules(name)
        if isinstance(made, Resource):
            raise Undecided(f"{self.prefix}module.{name} is not read: {made.body['why']}")
        if None in made:
            return made[None].told(rest)
        if not rest:
            raise Undecided(f"module.{name} stands for all of its instances")
        if rest[0] == "*":
            return [called.told(rest[1:]) for called in made.values()]
        for key, called in made.items():
            if str(key) == rest[0]:
                return called.told(rest[1:])
        raise Missing(f"module.{name} has no instance {rest[0]!r}")

    def told(self, rest: tuple[str, ...]) -> Any:
        """One output of this module, or a part of it; raises Undecided where there is none."""
        if not rest:
            raise Undecided(f"{self.prefix.removesuffix('.')} stands for all of its outputs")
        if rest[0] not in self._outputs:
            raise Undecided(f"{self.prefix.removesuffix('.')} has no output {rest[0]!r}")
        return descend(self._once(f"output.{rest[0]}", *self._outputs[rest[0]]), rest[1:])

    def outputs(self) -> dict[str, Any]:
        """The module's outputs."""
        return {name: self._once(f"output.{name}", *written) for name, written in self._outputs.items()}

    def _reference(self, path: str, rest: tuple[str, ...]) -> Any:
        keys = self._instances(path) if path in self._blocks else {None: {}}
        if keys is None:
            if rest:
                raise Undecided(f"how many {path} there are is not known")
            return self._reference_to(path, rest)
        if None in keys:
            return [self._reference_to(path, rest[1:])] if rest[:1] == ("*",) else self._reference_to(path, rest)
        if not rest:
            raise Undecided(f"{path} stands for all of its instances")
        if rest[0] == "*":
            return [self._reference_to(_instance(path, key), rest[1:]) for key in keys]
        for key in keys:
            if str(key) == rest[0]:
                return self._reference_to(_instance(path, key), rest[1:])
        raise Missing(f"{path} has no instance {rest[0]!r}")

    def _reference_to(self, path: str, rest: tuple[str, ...]) -> Ref:
        if "*" in rest:
            raise Undecided("it takes a part of every element")
        # Without an attribute it is the resource as a whole, which may be passed on until a part of it is asked for.
        return Ref(self.address(path), ".".join(rest))

    def address(self, path: str) -> Address:
        """The address of a resource of this module."""
        return Address.terraform(self.region, self.name, f"{self.prefix}{path}")

    def _instances(self, path: str) -> Mapping[Key, Mapping[str, Any]] | None:
        """The instances of a resource, each with the names that it has besides; None if nobody can say."""
        known = f"instances of {path}"
        if known not in self._known:
            if known in self._busy:
                raise Undecided(f"how many {path} there are rests on itself")
            self._busy.add(known)
            try:
                self._known[known] = self._keys(path, self._blocks[path], self._where[path][0])
            finally:
                self._busy.discard(known)
        found: Mapping[Key, Mapping[str, Any]] | None = self._known[known]
        return found

    def _keys(self, path: str, body: Mapping[str, Any], file: Path) -> dict[Key, Mapping[str, Any]] | None:
        """The instances that ``count`` or ``for_each`` makes, by their names; None if nobody can say."""
        place = Place(f"{self.name}:{path}", str(file))
        found: Any
        if "count" in body:
            found = value(body["count"], self, place)
            found = int(found) if isinstance(found, str) and found.isdecimal() and len(found) < 5 else found
            if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= _MOST:
                return None
            return {number: {"count": {"index": number}} for number in range(found)}
        if "for_each" not in body:
            return {None: {}}
        found = value(body["for_each"], self, replace(place, whole=True))
        if isinstance(found, list) and all(isinstance(item, str) for item in found):
            found = {item: item for item in found}
        if not isinstance(found, Mapping) or len(found) > _MOST or not all(isinstance(key, str) for key in found):
            return None
        return {key: {"each": {"key": key, "value": item}} for key, item in found.items()}

    def _number(self, path: str, body: Mapping[str, Any]) -> Unknown:
        """What would have to be known to say how many instances there are."""
        repeats = "count" if "count" in body else "for_each"
        what = f"{self.address(path)}.{repeats}"
        found = value(body[repeats], self, Place(what, str(self._where[path][0])))
        return found if isinstance(found, Unknown) else Unknown(what, why="how many there are is not known")

    def _resource(self, path: str, written: Mapping[str, Any], origin: Origin, scope: Scope) -> Resource:
        address = self.address(path)
        arguments = {name: item for name, item in written.items() if name not in _META}
        found = {name: value(item, scope, Place(f"{address}.{name}", str(origin))) for name, item in arguments.items()}
        body = {name: item for name, item in found.items() if item is not None}
        mode = next((known for known in ("data.", "ephemeral.") if path.startswith(known)), "")
        type = path.removeprefix(mode).split(".")[0]
        meta: dict[str, Any] = {}
        listed = written.get("depends_on")
        depends_on = [_bare(item) for item in listed if isinstance(item, str)] if isinstance(listed, list) else []
        named = tuple(self.address(item) for item in depends_on if not item.startswith("module."))
        if named:
            meta["depends_on"] = named
        lifecycle = written.get("lifecycle")
        if lifecycle:
            meta["lifecycle"] = lifecycle[0] if isinstance(lifecycle, list) else lifecycle
        return Resource(
            address,
            f"{mode}{type}",
            without_secrets(address, type, body),
            origin,
            self._region(address, body.get("region"), written.get("provider"), type),
            meta or NOTHING,
        )

    def _region(self, address: Address, said: Any, provider: Any, type: str) -> str | Unknown:
        if said is not None and type.startswith("aws_"):
            # Since version 6 of its provider, a resource of AWS's may say by itself where it is.
            return said if isinstance(said, str | Unknown) else Unknown(f"{address}.region", why=f"it is {said}")
        if isinstance(provider, str) and _bare(provider) in self._regions:
            return self._regions[_bare(provider)]
        if provider is None or not isinstance(provider, str) or "." not in provider:
            own = self._regions.get(type.split("_", 1)[0], self._own)
            return own
        return Unknown(f"{self.name}:provider.{_bare(provider)}.region", why="no such provider is configured here")

    def _provider_regions(self) -> Iterator[tuple[str, str | Unknown]]:
        for source in self._files:
            for (name,), body in _labelled(source.content.get("provider"), 1):
                place = Place(f"{self.name}:provider.{name}.region", str(source.file))
                called = f"{name}.{value(body['alias'], self, place)}" if "alias" in body else name
                if "region" in body:
                    region = value(body["region"], self, place)
                    known = isinstance(region, str | Unknown)
                    yield called, region if known else Unknown(place.what, why=f"it is {region}")
                elif name == "aws":
                    yield called, Unknown(place.what, why="it comes from the environment of whoever runs it")

    def _providers(self) -> Iterator[Resource]:
        """The providers that work inside a cluster, with the address of its API and nothing of how they sign in."""
        for source in self._files:
            for (name,), body in _labelled(source.content.get("provider"), 1):
                if name not in _OF_CLUSTERS:
                    continue
                inner = next((each for _, each in _labelled(body.get("kubernetes"), 0)), {})
                written = body.get("host", inner.get("host"))
                alias = body.get("alias")
                address = self.address(f"provider.{name}" + (f"_{alias}" if isinstance(alias, str) else ""))
                if written is not None:
                    place = Place(f"{address}.host", str(source.file))
                    origin = Origin(str(source.file), source.line("provider", name))
                    yield Resource(address, f"provider.{name}", {"host": value(written, self, place)}, origin)

    def _state_elsewhere(self) -> Iterator[Resource]:
        """The backend, where the state lies in another region or cloud than what it is of; else it says nothing new."""
        for source in self._files:
            for _, settings in _labelled(source.content.get("terraform"), 0):
                for (kind,), arguments in _labelled(settings.get("backend"), 1):
                    address = self.address("backend.s3")
                    region = value(arguments.get("region"), self, Place(f"{address}.region", str(source.file)))
                    azure = self._makes_azures()
                    if kind == "s3" and isinstance(region, str) and (region != self.region or azure):
                        origin = Origin(str(source.file), source.line("terraform"))
                        body = {"region": region, **({"of_azure": True} if azure else {})}
                        yield Resource(address, "backend.s3", body, origin, self.region)

    def _makes_azures(self) -> bool:
        """Whether a file of this module makes things of Azure, whose state then lies in Amazon's cloud."""
        made = (labels for source in self._files for labels, _ in _labelled(source.content.get("resource"), 2))
        return any(type.startswith("azurerm_") for type, _ in made)

    def _backend(self) -> StateName | None:
        for source in self._files:
            for _, settings in _labelled(source.content.get("terraform"), 0):
                for (kind,), arguments in _labelled(settings.get("backend"), 1):
                    place = Place(f"{self.name}:backend.{kind}", str(source.file))
                    return self._state({"backend": kind, "config": value(arguments, self, place)}, source.file)
        return None

    def _state(self, body: Mapping[str, Any], file: Path) -> StateName | None:
        kind, config = body.get("backend"), body.get("config")
        if not isinstance(kind, str) or not isinstance(config, Mapping):
            return None
        if kind == "local" and isinstance(config.get("path"), str):
            return (kind, str((file.parent / config["path"]).resolve()))
        return state_name(kind, config)


def _instance(path: str, key: Key) -> str:
    return path if key is None else f"{path}[{orjson.dumps(key).decode()}]"


def _applied(content: Mapping[str, Any]) -> bool:
    """Whether a file is one of a module that Terraform is run in, rather than one that others call."""
    if any(True for _ in _labelled(content.get("provider"), 1)):
        return True
    return any(
        kind in settings for _, settings in _labelled(content.get("terraform"), 0) for kind in ("backend", "cloud")
    )


def _holds_whole(found: Any) -> bool:
    return any(isinstance(hole, Ref) and not hole.attr for hole in holes(found))


def _large(found: Any) -> bool:
    """Whether a value has more parts than anybody writes."""
    pending, left = [found], 100_000
    while pending and left:
        here = pending.pop()
        left -= 1
        if isinstance(here, Mapping):
            pending.extend(here.values())
        elif isinstance(here, list | tuple):
            pending.extend(here)
    return not left


def _bare(reference: str) -> str:
    """A reference without the ``${}`` that older files put around it."""
    return reference[2:-1].strip() if reference.startswith("${") and reference.endswith("}") else reference


def _labelled(block: Any, labels: int) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """The bodies of a block type with their labels; at each level an array stands for several blocks."""
    for item in block if isinstance(block, list) else [block]:
        if not isinstance(item, dict):
            continue
        if labels == 0:
            yield (), item
            continue
        for label, inner in item.items():
            if label != "//":
                for below, body in _labelled(inner, labels - 1):
                    yield (label, *below), body
