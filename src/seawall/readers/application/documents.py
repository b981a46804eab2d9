"""The text of Spring Boot's configuration files: YAML or properties, document by document, secrets left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin
from seawall.kernel.value import SECRET, Unknown
from seawall.kernel.yaml_documents import yaml_documents
from seawall.readers.kubernetes.containers import sensitive

NAME = re.compile(r"(?:application|bootstrap)(?:-(?P<profile>[A-Za-z0-9_-]+))?\.(?P<format>ya?ml|properties)")
"""The names under which Spring Boot looks for its configuration."""

_ACTIVATION = ("spring.config.activate.on-profile", "spring.profiles")
_DOCUMENT = re.compile(r"^(?:#|!)---\s*$")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_BROKEN = re.compile(r"(?<!\\)(?:\\\\)*\\u(?![0-9a-fA-F]{4})")
_HALF = re.compile("[\ud800-\udfff]")
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def documents(text: str, file: str) -> list[dict[str, Any]]:
    """The documents of a file, whose name says its format and perhaps its profile: ``profile`` and ``properties``.

    InputError if it is neither YAML nor properties.
    """
    match = NAME.fullmatch(file.rpartition("/")[2])
    profile = (match["profile"] or "") if match else ""
    parsed = _properties(text, file) if file.endswith(".properties") else _yaml(text, file)
    found: list[dict[str, Any]] = []
    for number, properties in enumerate(parsed):
        on = next((str(properties[key]) for key in _ACTIVATION if key in properties), profile)
        kept = {
            key: Unknown(f"{file}:{key}", why=SECRET) if value and _is_secret(key, value) else value
            for key, value in properties.items()
            if key not in _ACTIVATION
        }
        if kept or number == 0:
            found.append({"profile": on, "properties": kept})
    return found


def _is_secret(key: str, value: str) -> bool:
    # A placeholder is not a secret: it says where one comes from.
    return sensitive(key.rpartition(".")[2]) and "${" not in value


def _yaml(text: str, file: str) -> Iterator[dict[str, str]]:
    for document in yaml_documents(text, file):
        if not isinstance(document.data, Mapping):
            raise InputError("configuration is a mapping of properties", origin=Origin(file, document.line))
        flat: dict[str, str] = {}
        _flatten(document.data, "", flat)
        yield flat


def _flatten(value: Any, path: str, flat: dict[str, str]) -> None:
    """Nested keys joined by dots; a list of plain values is also one comma-separated value, as Spring binds it."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            _flatten(item, f"{path}.{key}" if path else str(key), flat)
    elif isinstance(value, list):
        if all(not isinstance(item, Mapping | list) for item in value):
            flat[path] = ",".join(_spelled(item) for item in value)
        else:
            for number, item in enumerate(value):
                _flatten(item, f"{path}[{number}]", flat)
    elif value is not None:
        flat[path] = _spelled(value)


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _properties(text: str, file: str) -> Iterator[dict[str, str]]:
    """Java's properties format (java.util.Properties): comments, continued lines, escapes, three separators."""
    properties: dict[str, str] = {}
    lines = iter(text.splitlines())
    number = 0
    for line in lines:
        number += 1
        if _DOCUMENT.fullmatch(line.strip()):
            yield properties
            properties = {}
            continue
        line = line.lstrip()
        if not line or line[0] in "#!":
            continue
        while (len(line) - len(line.rstrip("\\"))) % 2:
            line = line[:-1] + next(lines, "").lstrip()
            number += 1
        match = re.fullmatch(r"((?:\\.|[^\\=:\s])*)\s*[=:]?\s*(.*)", line, re.DOTALL)
        if match:
            if _BROKEN.search(line):
                raise InputError("\\u stands before four hexadecimal digits", origin=Origin(file, number))
            properties[_unescaped(match[1])] = _unescaped(match[2])
    yield properties


def _unescaped(text: str) -> str:
    """A key or a value without its escapes; Java writes what lies beyond 16 bits as two of them."""
    plain = _ESCAPE.sub(
        lambda match: chr(int(match[1][1:], 16)) if len(match[1]) == 5 else _ESCAPES.get(match[1], match[1]), text
    )
    # A half without its other half is no character, and could not be written down.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _HALF.search(plain) else plain
