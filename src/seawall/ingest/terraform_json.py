"""Terraform's JSON configuration, ``*.tf.json``: our own output exactly, other people's as far as it is static."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from seawall.graph.resource import NOTHING, Resource
from seawall.ingest.expression import Place, Undecided, descend, value
from seawall.ingest.root_module import REMOTE_STATE, RootModule, StateName, joined, state_name
from seawall.ingest.secrets import without_secrets
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin
from seawall.kernel.value import Ref, Unknown

SUFFIX = ".tf.json"
_META = frozenset({"//", "depends_on", "lifecycle", "provider", "count", "for_each", "provisioner", "connection"})
_MAXIMUM = 64 * 2**20


def terraform_json(folders: Path | Iterable[Path]) -> Iterator[Resource]:
    """The resources of every root module in these folders, however deep, or in single files.

    Folders named ``as_documented`` are entered only if they were given themselves. Raises InputError on a file that
    is no JSON object.
    """
    given = [folders] if isinstance(folders, Path) else list(folders)
    yield from joined(root_modules(given))


def root_modules(given: Iterable[Path]) -> Iterator[RootModule]:
    """Every folder that holds ``*.tf.json`` files, each as one root module."""
    found: dict[Path, list[Path]] = {}
    for path in given:
        if path.is_file():
            found.setdefault(path.parent, []).append(path)
            continue
        for folder, below, names in os.walk(path):
            below[:] = sorted(name for name in below if not name.startswith(".") and name != "as_documented")
            files = [Path(folder) / name for name in sorted(names) if name.endswith(SUFFIX)]
            if files:
                found.setdefault(Path(folder), []).extend(files)
    called = Counter(folder.resolve().name for folder in found)
    for place, files in found.items():
        name = place.resolve().name
        # Two folders of one name are told apart by the folder above, as in dev/network and prod/network.
        name = name if called[name] == 1 else f"{place.resolve().parent.name}-{name}"
        yield read_module(name, [load(file) for file in dict.fromkeys(files)])


@dataclass(frozen=True, slots=True)
class Source:
    """One ``.tf.json`` file: its JSON object, and the bytes in which lines are counted."""

    file: Path
    content: dict[str, Any]
    written: bytes


def load(file: Path) -> Source:
    """One file. Raises InputError with file and line if it holds something else."""
    if file.stat().st_size > _MAXIMUM:
        raise InputError(f"{file} is larger than {_MAXIMUM // 2**20} MiB", fix="pass the files one by one")
    written = file.read_bytes()
    try:
        content = orjson.loads(written)
    except orjson.JSONDecodeError as error:
        raise InputError(
            f"this is no JSON: {error.msg}",
            fix="write the file anew, or leave it out",
            origin=Origin(str(file), error.lineno, error.colno),
        ) from None
    if not isinstance(content, dict):
        origin = Origin(str(file), 1)
        raise InputError("a .tf.json file holds one object", fix="see Terraform's JSON syntax", origin=origin)
    return Source(file, content, written)


def read_module(name: str, files: list[Source]) -> RootModule:
    """One root module from its files, ``override.tf.json`` and ``*_override.tf.json`` laid over the others."""
    module = _Module(name, [source for source in files if not _is_override(source.file)] or files)
    module.override([source for source in files if _is_override(source.file)])
    return module.read()


def _is_override(file: Path) -> bool:
    return file.name == f"override{SUFFIX}" or file.name.endswith(f"_override{SUFFIX}")


class _Module:
    """What names mean in one module, and how its blocks become resources."""

    def __init__(self, name: str, files: list[Source]) -> None:
        self._files = files
        self._blocks: dict[str, dict[str, Any]] = {}
        self._where: dict[str, tuple[Path, str, str, str]] = {}
        self._locals: dict[str, tuple[str, Any]] = {}
        self._variables: dict[str, Any] = {}
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
            for (type, label), body in _labelled(content.get("data"), 2):
                self._blocks[f"data.{type}.{label}"] = body
                self._where[f"data.{type}.{label}"] = (file, "data", type, label)
            for _, body in _labelled(content.get("locals"), 0):
                self._locals.update((key, (str(file), item)) for key, item in body.items() if key != "//")
        self.name = str(marker.get("stack", name))
        self._regions = dict(self._provider_regions())
        own = marker.get("region", self._regions.get("aws", ""))
        self._own: str | Unknown = own
        self.region = own if isinstance(own, str) else ""

    def override(self, files: list[Source]) -> None:
        """Lay override files over the blocks, argument by argument, as Terraform does."""
        for source in files:
            for kind, prefix in (("resource", ""), ("data", "data.")):
                for (type, label), body in _labelled(source.content.get(kind), 2):
                    name = f"{prefix}{type}.{label}"
                    if name in self._blocks:
                        self._blocks[name] = self._blocks[name] | body

    def read(self) -> RootModule:
        lines = {source.file: _Lines(source.written) for source in self._files}
        for path, body in self._blocks.items():
            self._instances[path] = list(self._keys(path, body) or ())
        resources: list[Resource] = []
        remote: dict[Address, StateName | None] = {}
        for path, body in self._blocks.items():
            file, *labels = self._where[path]
            origin = Origin(str(file), lines[file].line(*labels))
            keys = self._keys(path, body)
            for key, each in [(None, None)] if keys is None else keys.items():
                self._each = (key, each) if "for_each" in body else None
                self._count = key if isinstance(key, int) else None
                instance = path if key is None else f"{path}[{orjson.dumps(key).decode()}]"
                resource = self._resource(instance, body, origin)
                resources.append(resource)
                if path.startswith(f"data.{REMOTE_STATE}."):
                    remote[resource.address] = self._state(resource.body, file)
            self._each = self._count = None
        return RootModule(self.name, self.region, tuple(resources), self._outputs(), self._backend(), remote)

    def lookup(self, path: tuple[str, ...]) -> Any:
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
            case ("var", name, *_):
                raise Undecided(f"whoever runs it sets var.{name}")
            case ("each", "key" | "value" as what, *rest) if self._each is not None:
                return descend(self._each[what == "value"], tuple(rest))
            case ("count", "index") if self._count is not None:
                return self._count
            case (("each" | "count" | "local" | "path" | "terraform" | "self"), *_):
                raise Undecided(f"{'.'.join(path[:2])} is known to Terraform alone")
            case ("module", name, *_):
                raise Undecided(f"module.{name} lies in another folder")
            case ("data", type, name, *rest):
                return self._reference(f"data.{type}.{name}", tuple(rest))
            case (type, name, *rest) if "_" in type:
                return self._reference(f"{type}.{name}", tuple(rest))
        raise Undecided(f"{'.'.join(path)} is not known")

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
        return Address.terraform(self.region, self.name, path)

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

    def _resource(self, path: str, written: Mapping[str, Any], origin: Origin) -> Resource:
        address = self.address(path)
        arguments = {name: item for name, item in written.items() if name not in _META}
        body = {
            name: value(item, self, Place(f"{address}.{name}", str(origin)))
            for name, item in arguments.items()
            if item is not None
        }
        type = path.split(".")[1] if path.startswith("data.") else path.split(".")[0]
        meta: dict[str, Any] = {}
        depends_on = [_bare(item) for item in written.get("depends_on", ()) if isinstance(item, str)]
        named = tuple(self.address(item) for item in depends_on if not item.startswith("module."))
        if named:
            meta["depends_on"] = named
        lifecycle = written.get("lifecycle")
        if lifecycle:
            meta["lifecycle"] = lifecycle[0] if isinstance(lifecycle, list) else lifecycle
        return Resource(
            address,
            f"data.{type}" if path.startswith("data.") else type,
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
                called = f"{name}.{body['alias']}" if "alias" in body else name
                place = Place(f"{self.name}:provider.{called}.region", str(source.file))
                if "region" in body:
                    yield called, value(body["region"], self, place)
                elif name == "aws":
                    yield called, Unknown(place.what, why="it comes from the environment of whoever runs it")

    def _outputs(self) -> dict[str, Any]:
        return {
            name: value(body.get("value"), self, Place(f"{self.name}:output.{name}", str(source.file)))
            for source in self._files
            for (name,), body in _labelled(source.content.get("output"), 1)
        }

    def _backend(self) -> StateName | None:
        for source in self._files:
            for _, settings in _labelled(source.content.get("terraform"), 0):
                for (kind,), arguments in _labelled(settings.get("backend"), 1):
                    return self._state({"backend": kind, "config": arguments}, source.file)
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


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}]')
_PRETTY = re.compile(r'^(?:  |    |      )"((?:[^"\\]|\\.)*)": ', re.MULTILINE)


class _Lines:
    """The lines at which a file's blocks begin, found when the first is asked for."""

    def __init__(self, written: bytes) -> None:
        self._written = written
        self._found: dict[tuple[str, ...], int] | None = None

    def line(self, *labels: str) -> int:
        """The line of a block's last label; 0 if it is not found."""
        if self._found is None:
            self._found = self._search(self._written.decode(errors="replace"))
        return self._found.get(labels, 0)

    @staticmethod
    def _search(source: str) -> dict[tuple[str, ...], int]:
        breaks = [match.start() for match in re.finditer("\n", source)]
        found: dict[tuple[str, ...], int] = {}
        path: list[str] = []
        # Strings of JSON hold no line breaks, so in a file laid out by two spaces a key's indent is its depth.
        if source.startswith('{\n  "'):
            for match in _PRETTY.finditer(source):
                depth = (match.start(1) - 1 - match.start()) // 2
                path[depth - 1 :] = [orjson.loads(f'"{match[1]}"')]
                found.setdefault(tuple(path), bisect_right(breaks, match.start()) + 1)
            return found
        last = ""
        for match in _TOKEN.finditer(source):
            match match[0]:
                case "{":
                    path.append(last)
                    found.setdefault(tuple(path[1:]), bisect_right(breaks, match.start()) + 1)
                case "}":
                    del path[-1:]
                case string:
                    last = orjson.loads(string)
        return found
