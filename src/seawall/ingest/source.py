"""Terraform's source files, JSON or its own language, as one form: an object, and the line of every block."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from seawall.ingest.folders import files_below
from seawall.ingest.hcl import parse
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin

JSON = ".tf.json"
HCL = ".tf"
_MAXIMUM = 64 * 2**20


def is_source(file: Path) -> bool:
    """Whether a file is Terraform's source, by its name."""
    return file.name.endswith((JSON, HCL))


def is_override(file: Path) -> bool:
    """Whether Terraform lays a file over the others."""
    stem = file.name.removesuffix(".json").removesuffix(HCL)
    return stem == "override" or stem.endswith("_override")


@dataclass(slots=True)
class Source:
    """One file: what it says in Terraform's JSON syntax, and the text in which lines are counted."""

    file: Path
    content: dict[str, Any]
    written: bytes
    _lines: dict[tuple[str, ...], int] | None = field(default=None)

    def line(self, *labels: str) -> int:
        """The line at which a block begins, ``resource``, type and name; 0 if it is not found."""
        if self._lines is None:
            self._lines = _lines(self.written.decode(errors="replace"))
        return self._lines.get(labels, 0)


def folders_with_source(given: Iterable[Path]) -> dict[Path, list[Path]]:
    """Every folder that holds source, with its files: of folders however deep, or of single files."""
    found: dict[Path, list[Path]] = {}
    for path in given:
        for file in files_below(path) if path.is_dir() else (path,):
            if is_source(file):
                found.setdefault(file.parent, []).append(file)
    return {folder: list(dict.fromkeys(files)) for folder, files in found.items()}


def load(file: Path) -> Source:
    """One file. Raises InputError with file and line if it cannot be read."""
    try:
        if file.stat().st_size > _MAXIMUM:
            raise InputError(f"{file} is larger than {_MAXIMUM // 2**20} MiB", fix="pass the plan instead")
        written = file.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}", origin=Origin(str(file))) from None
    if file.name.endswith(JSON):
        return Source(file, _object(file, written), written)
    try:
        parsed = parse(written.decode(), file)
    except UnicodeDecodeError as error:
        raise InputError(f"this is not UTF-8 text (byte {error.start})", origin=Origin(str(file))) from None
    return Source(file, parsed.content, written, parsed.lines)


def _object(file: Path, written: bytes) -> dict[str, Any]:
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
    return content


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}]')
_PRETTY = re.compile(r'^(?:  |    |      )"((?:[^"\\]|\\.)*)": ', re.MULTILINE)


def _lines(source: str) -> dict[tuple[str, ...], int]:
    """The lines at which the blocks of a JSON file begin."""
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
