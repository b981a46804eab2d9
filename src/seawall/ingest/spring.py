"""Spring Boot's configuration files as resources: flat properties by profile, secrets left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from seawall.graph.resource import Resource
from seawall.ingest.folders import files_below
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin
from seawall.kernel.value import SECRET, Unknown
from seawall.kernel.yaml_documents import yaml_documents
from seawall.readers.kubernetes.containers import sensitive

MAX_BYTES: Final = 1_000_000
"""Configuration is written by hand; anything larger is a mistake."""

_NAME = re.compile(r"(?:application|bootstrap)(?:-(?P<profile>[A-Za-z0-9_-]+))?\.(?P<format>ya?ml|properties)")
_ACTIVATION = ("spring.config.activate.on-profile", "spring.profiles")
_DOCUMENT = re.compile(r"^(?:#|!)---\s*$")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def is_spring_file(path: Path) -> bool:
    """Whether the name is one under which Spring Boot looks for its configuration."""
    return _NAME.fullmatch(path.name) is not None


def spring_files(path: Path) -> Iterator[Path]:
    """The files of that kind in a folder, at any depth, or the file itself."""
    for file in files_below(path) if path.is_dir() else (path,):
        if is_spring_file(file):
            yield file


def spring_file(path: Path, shown_as: str | None = None) -> Resource:
    """One file as a resource of type ``file/spring``; its body has ``documents`` of ``profile`` and ``properties``.

    InputError if it cannot be read, is too large, or is neither YAML nor properties.
    """
    name = shown_as or str(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"the file is larger than {MAX_BYTES:,} bytes", origin=Origin(name))
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror}", origin=Origin(name)) from None
    except UnicodeDecodeError as error:
        raise InputError(f"this is not UTF-8 text (byte {error.start})", origin=Origin(name)) from None
    return spring_text(text, name)


def spring_text(text: str, file: str) -> Resource:
    """The text of a file, whose name says its format and perhaps its profile, as a resource."""
    match = _NAME.fullmatch(Path(file).name)
    profile = (match["profile"] or "") if match else ""
    parsed = _properties(text) if file.endswith(".properties") else _yaml(text, file)
    documents = []
    for number, properties in enumerate(parsed):
        on = next((str(properties[key]) for key in _ACTIVATION if key in properties), profile)
        kept = {
            key: Unknown(f"{file}:{key}", why=SECRET) if value and _is_secret(key, value) else value
            for key, value in properties.items()
            if key not in _ACTIVATION
        }
        if kept or number == 0:
            documents.append({"profile": on, "properties": kept})
    return Resource(Address.file(file), "file/spring", {"documents": documents}, Origin(file, 1))


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


def _properties(text: str) -> Iterator[dict[str, str]]:
    """Java's properties format (java.util.Properties): comments, continued lines, escapes, three separators."""
    properties: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        if _DOCUMENT.fullmatch(line.strip()):
            yield properties
            properties = {}
            continue
        line = line.lstrip()
        if not line or line[0] in "#!":
            continue
        while (len(line) - len(line.rstrip("\\"))) % 2:
            line = line[:-1] + next(lines, "").lstrip()
        match = re.fullmatch(r"((?:\\.|[^\\=:\s])*)\s*[=:]?\s*(.*)", line, re.DOTALL)
        if match:
            properties[_unescaped(match[1])] = _unescaped(match[2])
    yield properties


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(
        lambda match: chr(int(match[1][1:], 16)) if len(match[1]) == 5 else _ESCAPES.get(match[1], match[1]), text
    )
