"""Values known only after apply: written as references, collected in one ConfigMap, put in their places by Kustomize.

A field that holds a reference, alone or within a longer text, is replaced whole: Kustomize can put a value between
delimiters, but not wherever a text has a hole. The ConfigMap is local configuration, so it is never applied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from seawall.graph.resource import Resource
from seawall.ingest.placeholders import REFERENCE
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, Text, Unknown, holes
from seawall.kernel.yaml_documents import yaml_documents
from seawall.render.kubernetes.yaml_text import WORDS, yaml_text

NAME: Final = "outputs"
FILE: Final = "outputs.yaml"

_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_KEY_CHARACTERS = re.compile(r"[^A-Za-z0-9_.-]+")
# Kustomize 5.5 writes these as they are and then refuses, or changes, what it has written.
_NOT_CARRIED = re.compile("[\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


def written(value: Any, resource: Resource) -> Any:
    """A body as plain data, its references spelled ``${address.attribute}``.

    InputError if it holds an Unknown, a character that Kustomize does not carry, or a text that would be taken for a
    reference of ours when it is read back.
    """
    # A thousand services have half a million leaves: the common types are asked for first, and by identity.
    kind = type(value)
    if kind is str:
        return _literal(value, resource) if "${" in value else _carried(value, resource)
    if kind is dict or isinstance(value, Mapping):
        return {_carried(key, resource): written(item, resource) for key, item in value.items() if item is not None}
    if kind is list or isinstance(value, list | tuple):
        return [written(item, resource) for item in value]
    if isinstance(value, str):
        return _literal(str(value), resource)
    if isinstance(value, Ref | Text | Unknown):
        for hole in holes(value):
            if isinstance(hole, Unknown):
                raise InputError(
                    f"{resource.address} cannot be written: {hole.what} is unknown, {hole.why}",
                    origin=resource.origin,
                )
        return _carried(str(value), resource)
    return value


def _literal(value: str, resource: Resource) -> str:
    found = REFERENCE.search(value)
    if found:
        raise InputError(
            f"{resource.address} holds the text {found[0]}, which would be read back as a reference",
            fix="spell it differently",
            origin=resource.origin,
        )
    return _carried(value, resource)


def _carried(value: str, resource: Resource) -> str:
    found = None if value.isascii() and "\x7f" not in value else _NOT_CARRIED.search(value)
    if found:
        raise InputError(
            f"{resource.address} holds the character U+{ord(found[0]):04X}, which Kustomize does not carry",
            fix="leave it out",
            origin=resource.origin,
        )
    return value


def sites(body: Any) -> Iterator[tuple[str, str]]:
    """Every field that holds a reference: its path as Kustomize spells it, and its text.

    Raises ValueError where the path has a key that Kustomize cannot spell.
    """
    yield from _sites(body, "")


def _sites(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Ref | Text):
        yield path, str(value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if next(holes(item), None) is not None:
                yield from _sites(item, _joined(path, _key_step(key)))
    elif isinstance(value, list | tuple):
        names = [item.get("name") if isinstance(item, Mapping) else None for item in value]
        for number, item in enumerate(value):
            name = names[number]
            # By name where that is unambiguous, so that the path still fits if something is put before it. Kustomize
            # takes the name for a regular expression, matches it anywhere within a name, and sees a name that needs
            # quotes in YAML with these quotes.
            named = isinstance(name, str) and names.count(name) == 1 and _is_word(name)
            yield from _sites(item, _joined(path, f"[name=^{name}$]" if named else str(number)))


def _is_word(name: str) -> bool:
    return _PLAIN_NAME.fullmatch(name) is not None and name.lower() not in WORDS


def _key_step(key: str) -> str:
    """A mapping's key: in brackets exactly where it has a dot, because only then Kustomize takes brackets for that."""
    if key.isdecimal() or key == "*" or "[" in key or "=" in key:
        raise ValueError(f"the key {key!r} means something else in a path of Kustomize")
    return f"[{key}]" if "." in key else key


def _joined(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step


class Outputs:
    """The texts with references that an overlay needs, each under one key, and where they go."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}
        self._targets: dict[str, list[dict[str, Any]]] = {}

    def __bool__(self) -> bool:
        return bool(self._keys)

    def add(self, resource: Resource) -> None:
        """Note the references of one object's body; InputError where Kustomize cannot reach one."""
        if next(holes(resource.body), None) is None:
            return
        fields: dict[str, list[str]] = {}
        try:
            for path, text in sites(resource.body):
                fields.setdefault(text, []).append(path)
        except ValueError as error:
            raise InputError(
                f"{resource.address} holds a reference where Kustomize cannot put a value: {error}",
                fix="use another key",
                origin=resource.origin,
            ) from None
        for text, paths in fields.items():
            target = {"select": _selection(resource), "fieldPaths": paths}
            self._targets.setdefault(self._key(text), []).append(target)

    def config_map(self) -> dict[str, Any]:
        """The ConfigMap with every text, references and all."""
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": NAME, "annotations": {"config.kubernetes.io/local-config": "true"}},
            "data": {key: text for text, key in sorted(self._keys.items(), key=lambda item: item[1])},
        }

    def replacements(self) -> list[dict[str, Any]]:
        """Kustomize's replacements, by key."""
        return [
            {
                "source": {"kind": "ConfigMap", "name": NAME, "fieldPath": _joined("data", f"[{key}]")},
                "targets": self._targets[key],
            }
            for key in sorted(self._targets)
        ]

    def _key(self, text: str) -> str:
        if text not in self._keys:
            match = REFERENCE.search(text)
            address, attribute = (match["to"], match["attr"]) if match else ("value", "")
            stem = _KEY_CHARACTERS.sub("-", f"{address.rpartition(':')[2]}.{attribute}")
            alone = match is not None and match[0] == text
            stem = (stem if alone else f"{stem}.in-text")[:200]
            taken = set(self._keys.values())
            number, key = 1, stem
            while key in taken:
                number += 1
                key = f"{stem}-{number}"
            self._keys[text] = key
        return self._keys[text]


def _selection(resource: Resource) -> dict[str, str]:
    """Kustomize compares names as they are, and passes over a target that fits nothing without a word."""
    group, _, version = str(resource.body["apiVersion"]).rpartition("/")
    selection = {"group": group, "version": version, "kind": str(resource.body["kind"])}
    metadata = resource.body["metadata"]
    selection["name"] = str(metadata["name"])
    if metadata.get("namespace"):
        selection["namespace"] = str(metadata["namespace"])
    return {key: value for key, value in selection.items() if value}


def with_outputs(folder: Path, values: Mapping[str, str]) -> None:
    """Write real values into an overlay's ``outputs.yaml``.

    ``values`` maps a reference, spelled ``region/stack:type.name.attribute`` (with or without ``${}``), to its value.
    Holes that ``values`` does not know raise InputError, and then nothing is written. An overlay without references
    has no such file and stays as it is.
    """
    path = folder / FILE
    if not path.is_file():
        return
    known = {key.removeprefix("${").removesuffix("}"): value for key, value in values.items()}
    document = next(yaml_documents(path.read_text(encoding="utf-8"), str(path))).data
    missing: list[str] = []

    def fill(match: re.Match[str]) -> str:
        name = f"{match['to']}.{match['attr']}"
        if name not in known:
            missing.append(name)
            return match[0]
        return known[name]

    document["data"] = {key: REFERENCE.sub(fill, text) for key, text in document["data"].items()}
    if missing:
        raise InputError(
            f"{path} needs {', '.join(sorted(set(missing)))}, which no applied stack puts out",
            fix="apply the stacks that these come from first",
        )
    path.write_bytes(yaml_text(document))


def needed(folder: Path) -> tuple[Ref, ...]:
    """The references that an overlay's ``outputs.yaml`` still holds, each once."""
    path = folder / FILE
    if not path.is_file():
        return ()
    from seawall.ingest.placeholders import settle

    found: dict[Ref, None] = {}
    for document in yaml_documents(path.read_text(encoding="utf-8"), str(path)):
        for text in document.data["data"].values():
            for hole in holes(settle(text)):
                if isinstance(hole, Ref):
                    found.setdefault(hole)
    return tuple(found)
