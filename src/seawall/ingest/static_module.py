"""One module's source, read without running Terraform: what is static exactly, the rest as Unknowns.

Modules that the source calls are read with it where they lie in the same estate. A call that cannot be followed
becomes a resource of the type ``module``: what it makes is missing, and must not read as "there is no such thing".
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from seawall.graph.resource import NOTHING, Resource
from seawall.ingest.expression import Place, Undecided, descend, value
from seawall.ingest.placeholders import settle
from seawall.ingest.root_module import REMOTE_STATE, RootModule, StateName, state_name
from seawall.ingest.secrets import without_secrets
from seawall.ingest.source import Source, is_override, is_source, load
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin
from seawall.kernel.value import Ref, Unknown, holes

MODULE = "module"
"""The type of a module that is called and not read."""
_OF_CLUSTERS = frozenset({"helm", "kubectl", "kubernetes"})
_META = frozenset({"//", "depends_on", "lifecycle", "provider", "count", "for_each", "provisioner", "connection"})
_CALL = frozenset({"//", "source", "version", "providers", "count", "for_each", "depends_on"})


def read_module(name: str, files: list[Source]) -> RootModule:
    """A root module from its files, overrides laid over the others."""
    try:
        return _Module(name, files).read()
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


class _Module:
    """What names mean in one module, and how its blocks become resources."""

    def __init__(self, name: str, files: list[Source], call: _Call | None = None) -> None:
        overrides = [source for source in files if is_override(source.file)]
        files = [source for source in files if not is_override(source.file)] or files
        self._files = files
        self._call = call
        self._calls: dict[str, _Module] = {}
        self._unread: dict[str, Resource] = {}
        self.prefix: str = f"{call.caller.prefix}module.{call.name}." if call else ""
        self._blocks: dict[str, dict[str, Any]] = {}
        self._where: dict[str, tuple[Path, str, str, str]] = {}
        self._locals: dict[str, tuple[str, Any]] = {}
        self._defaults: dict[str, tuple[str, Any]] = {}
        self._busy: list[str] = []
        self._instances: dict[str, list[str | int]] = {}
        self._each: tuple[Any, Any] | None = None
        self._count: int | None = None
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
                if "default" in body:
                    self._defaults[label] = (str(file), body["default"])
        self._override(overrides)
        self.name = str(marker.get("stack", name))
        given = marker.get("given")
        self._given: Mapping[str, Any] = given if isinstance(given, dict) and call is None else {}
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
        for path, body in self._blocks.items():
            self._instances[path] = list(self._keys(path, body) or ())
        for source in files:
            for (label,), body in _labelled(source.content.get("module"), 1):
                called = self._called(source, label, body)
                if isinstance(called, _Module):
                    self._calls[label] = called
                else:
                    self._unread[label] = called

    def _called(self, source: Source, label: str, body: Mapping[str, Any]) -> _Module | Resource:
        origin = Origin(str(source.file), source.line("module", label))
        folder = _local(source.file, body)
        if self.prefix.count("module.") > 16:
            fix = "pass the plan (`terraform show -json PLANFILE`), which holds what the module makes"
            raise InputError(f"module {label} calls itself", fix=fix, origin=origin)
        if folder is not None and folder.is_dir() and "count" not in body and "for_each" not in body:
            files = [load(file) for file in sorted(folder.iterdir()) if is_source(file)]
            return _Module(self.name, files, _Call(self, label, body, source.file))
        why = "its source does not lie beside its caller"
        if folder is not None and folder.is_dir():
            why = "it has as many instances as Terraform finds out"
        return Resource(self.address(f"module.{label}"), MODULE, {"source": body.get("source"), "why": why}, origin)

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
        return RootModule(self.name, self.region, tuple(resources), self.outputs(), self._backend(), remote)

    def _collect(self, resources: list[Resource], remote: dict[Address, StateName | None]) -> None:
        lines = {source.file: source for source in self._files}
        for path, body in self._blocks.items():
            file, *labels = self._where[path]
            origin = Origin(str(file), lines[file].line(*labels))
            keys = self._keys(path, body)
            for key, each in [(None, None)] if keys is None else keys.items():
                self._each = (key, each) if "for_each" in body else None
                self._count = key if isinstance(key, int) else None
                instance = path if key is None else f"{path}[{orjson.dumps(key).decode()}]"
                resource = self._resource(instance, body, origin)
                number = self._number(path, body) if keys is None else None
                if number is not None:
                    resource = replace(resource, meta={**resource.meta, "count": number})
                resources.append(resource)
                if path.startswith(f"data.{REMOTE_STATE}."):
                    remote[resource.address] = self._state(resource.body, file)
            self._each = self._count = None
        for label, unread in self._unread.items():
            resources.append(replace(unread, body={**unread.body, "given": self._named_by(label)}))
        for called in self._calls.values():
            called._collect(resources, remote)

    def _named_by(self, label: str) -> list[Ref]:
        """What the arguments of a call that is not followed name."""
        files = ((source, source.content.get("module")) for source in self._files)
        calls = [(source, labels, body) for source, calls in files for labels, body in _labelled(calls, 1)]
        source, body = next((source, body) for source, labels, body in calls if labels == (label,))
        place = Place(str(self.address(f"module.{label}")), str(source.file))
        found = holes([value(item, self, place) for name, item in body.items() if name not in _CALL])
        named = (hole.mentions if isinstance(hole, Unknown) else (hole,) for hole in found)
        return sorted({ref for refs in named for ref in refs if isinstance(ref, Ref)}, key=str)

    def lookup(self, path: tuple[str, ...]) -> Any:
        """The value of a dotted name; raises Undecided if it has none before Terraform runs."""
        match path:
            case ("local", name, *rest) if name in self._locals:
                if name in self._busy:
                    raise Undecided(f"local.{name} is defined by itself")
                self._busy.append(name)
                try:
                    file, written = self._locals[name]
                    found = value(written, self, Place(f"{self.name}:local.{name}", file))
                finally:
                    self._busy.pop()
                return descend(found, tuple(rest))
            case ("var", name, *rest):
                return descend(self._variable(name), tuple(rest))
            case ("each", "key" | "value" as what, *rest) if self._each is not None:
                return descend(self._each[what == "value"], tuple(rest))
            case ("count", "index") if self._count is not None:
                return self._count
            case (("each" | "count" | "local" | "path" | "terraform" | "self"), *_):
                raise Undecided(f"{'.'.join(path[:2])} is known to Terraform alone")
            case ("module", name, output, *rest) if name in self._calls:
                outputs = self._calls[name].outputs(output)
                if output not in outputs:
                    raise Undecided(f"module.{name} has no output {output!r}")
                return descend(outputs[output], tuple(rest))
            case ("module", name, *_) if name in self._unread:
                raise Undecided(f"{self.prefix}module.{name} is not read: {self._unread[name].body['why']}")
            case ("data" | "ephemeral" as mode, type, name, *rest):
                return self._reference(f"{mode}.{type}.{name}", tuple(rest))
            case (type, name, *rest) if "_" in type:
                return self._reference(f"{type}.{name}", tuple(rest))
        raise Undecided(f"{'.'.join(path)} is not known")

    def _variable(self, name: str) -> Any:
        if isinstance(self._given.get(name), str):
            return settle(self._given[name])
        if self._call is None:
            raise Undecided(f"whoever runs it sets var.{name}")
        if name in self._call.body and name not in _CALL:
            what = f"{self._call.caller.prefix}module.{self._call.name}.{name}"
            place = Place(f"{self.name}:{what}", str(self._call.file))
            return value(self._call.body[name], self._call.caller, place)
        if name not in self._defaults:
            raise Undecided(f"nobody sets var.{name}")
        file, written = self._defaults[name]
        return value(written, self, Place(f"{self.name}:{self.prefix}var.{name}", file))

    def _reference(self, path: str, rest: tuple[str, ...]) -> Any:
        keys = self._instances.get(path)
        if keys:
            if not rest:
                raise Undecided(f"{path} stands for all of its instances")
            if rest[0] == "*":
                return [self._reference_to(f"{path}[{orjson.dumps(key).decode()}]", rest[1:]) for key in keys]
            key = next((key for key in keys if str(key) == rest[0]), None)
            if key is None:
                raise Undecided(f"{path} has no instance {rest[0]!r}")
            return self._reference_to(f"{path}[{orjson.dumps(key).decode()}]", rest[1:])
        body = self._blocks.get(path, {})
        if ("count" in body or "for_each" in body) and rest:
            raise Undecided(f"how many {path} there are is not known")
        return self._reference_to(path, rest)

    def _reference_to(self, path: str, rest: tuple[str, ...]) -> Ref:
        if not rest:
            raise Undecided(f"{path} stands for the whole resource")
        if "*" in rest:
            raise Undecided("it takes a part of every element")
        return Ref(self.address(path), ".".join(rest))

    def address(self, path: str) -> Address:
        """The address of a resource of this module."""
        return Address.terraform(self.region, self.name, f"{self.prefix}{path}")

    def _keys(self, path: str, body: Mapping[str, Any]) -> dict[str | int, Any] | None:
        """The instances that ``count`` or ``for_each`` makes, None if there is just the one, or nobody can say."""
        place = Place(f"{self.name}:{path}", str(self._where[path][0]))
        if "count" in body:
            found = value(body["count"], self, place)
            return {number: number for number in range(found)} if isinstance(found, int) and found <= 1000 else None
        if "for_each" in body:
            found = value(body["for_each"], self, place)
            if isinstance(found, Mapping) and all(isinstance(key, str) for key in found):
                return dict(found)
            if isinstance(found, list) and all(isinstance(item, str) for item in found):
                return {item: item for item in found}
        return None

    def _number(self, path: str, body: Mapping[str, Any]) -> Unknown | None:
        """What would have to be known to say how many instances there are; None if there is just the one."""
        for repeats in ("count", "for_each"):
            if repeats in body:
                what = f"{self.address(path)}.{repeats}"
                found = value(body[repeats], self, Place(what, str(self._where[path][0])))
                return found if isinstance(found, Unknown) else Unknown(what, why="how many there are is not known")
        return None

    def _resource(self, path: str, written: Mapping[str, Any], origin: Origin) -> Resource:
        address = self.address(path)
        arguments = {name: item for name, item in written.items() if name not in _META}
        body = {
            name: value(item, self, Place(f"{address}.{name}", str(origin)))
            for name, item in arguments.items()
            if item is not None
        }
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
            self._region(written.get("provider"), type),
            meta or NOTHING,
        )

    def _region(self, provider: Any, type: str) -> str | Unknown:
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
        """The backend, where the state lies in another region than what it is of; else it says nothing new."""
        for source in self._files:
            for _, settings in _labelled(source.content.get("terraform"), 0):
                for (kind,), arguments in _labelled(settings.get("backend"), 1):
                    region = arguments.get("region")
                    if kind == "s3" and isinstance(region, str) and region != self.region:
                        address = self.address("backend.s3")
                        origin = Origin(str(source.file), source.line("terraform"))
                        yield Resource(address, "backend.s3", {"region": region}, origin, self.region)

    def outputs(self, only: str | None = None) -> dict[str, Any]:
        """The module's outputs, or the one of that name."""
        return {
            name: value(body.get("value"), self, Place(f"{self.name}:output.{name}", str(source.file)))
            for source in self._files
            for (name,), body in _labelled(source.content.get("output"), 1)
            if only in (None, name)
        }

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
