"""A YAML document as plain data, with the place of every value; read safely and within limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any, Final, TypeAlias

import yaml

from seawall.kernel.errors import InputError
from seawall.kernel.origin import NOWHERE, Origin

Path: TypeAlias = tuple[str | int, ...]

MAX_BYTES: Final = 1_000_000
"""A description is written by hand; anything larger is a mistake or an attack."""
MAX_VALUES: Final = 50_000
"""Values after aliases are followed: what an alias bomb would exceed."""
MAX_DEPTH: Final = 40

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE: Final = "tag:yaml.org,2002:merge"
_ALLOWED_TAGS: Final = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp")}


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data and where each of its values stands."""

    data: dict[str, Any]
    places: Mapping[Path, Origin]
    folder: FilePath | None = None
    """Where the file lies, for the files that it names; None of a text that is in no file."""
    base: dict[str, Any] | None = None
    """Of a document that another was laid over, the data before that."""

    @property
    def written(self) -> dict[str, Any]:
        """The data as it is written, whatever was laid over it since."""
        return self.data if self.base is None else self.base

    def origin(self, path: Path) -> Origin:
        """The place of a value, or of the nearest value around it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return NOWHERE

    def overridden(self, path: Path, *, leave_out: frozenset[str]) -> Document:
        """This document with the mapping at ``path`` laid over it, its ``leave_out`` keys excepted.

        Mappings are merged key by key; anything else replaces what was there, and null takes it away.
        """
        over: Any = self.data
        for step in path:
            over = over[step]
        places = dict(self.places)
        data = self._merge(self.data, {k: v for k, v in over.items() if k not in leave_out}, path, (), places)
        return Document(data, places, self.folder, self.written)

    def _merge(self, base: Any, over: Any, source: Path, target: Path, places: dict[Path, Origin]) -> dict[str, Any]:
        merged = dict(base)
        for key, value in over.items():
            here, there = (*source, key), (*target, key)
            if value is None:
                merged.pop(key, None)
            elif isinstance(value, dict) and isinstance(merged.get(key), dict):
                merged[key] = self._merge(merged[key], value, here, there, places)
            else:
                merged[key] = value
                for path, place in self.places.items():
                    if path[: len(here)] == here:
                        places[(*there, *path[len(here) :])] = place
        return merged


def parse_document(text: str, file: str) -> Document:
    """Read a YAML mapping; InputError with file, line and column for anything that is not one or is too large."""
    start = Origin(file, 1, 1)
    if len(text) > MAX_BYTES:
        raise _too_large(start, len(text))
    try:
        _check_depth(text, file)
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Origin(file, mark.line + 1, mark.column + 1) if mark else start
        raise InputError(f"this is not YAML: {error.problem or error.context}", origin=where) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"this is not YAML: {str(error).splitlines()[0]}", origin=start) from None
    if not isinstance(node, yaml.MappingNode):
        raise InputError("a description is a mapping that begins with `platform:`", origin=start)
    reading = _Reading(file)
    data = reading.value(node, (), 0)
    return Document(data, reading.places)


def _check_depth(text: str, file: str) -> None:
    """Refuse deep nesting before nodes are composed: the C composer recurses, and would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                mark = event.start_mark
                where = Origin(file, mark.line + 1, mark.column + 1) if mark else Origin(file)
                raise InputError(f"nested deeper than {MAX_DEPTH} levels", origin=where)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def read_document(file: FilePath, shown_as: str | None = None) -> Document:
    """Read a YAML file; InputError if it cannot be read, is too large or is not a mapping."""
    name = shown_as or str(file)
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise _too_large(Origin(name), size)
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror}", origin=Origin(name)) from None
    except UnicodeDecodeError as error:
        raise InputError(f"this is not UTF-8 text (byte {error.start})", origin=Origin(name)) from None
    return replace(parse_document(text, name), folder=file.resolve().parent)


def _too_large(origin: Origin, size: int) -> InputError:
    return InputError(
        f"the file has {size:,} bytes; a description may have {MAX_BYTES:,}",
        fix="check that this is the description and not something that was generated",
        origin=origin,
    )


class _Reading:
    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[Path, Origin] = {}
        self._count = 0
        self._constructor = yaml.constructor.SafeConstructor()

    def value(self, node: yaml.Node, path: Path, depth: int) -> Any:
        origin = Origin(self.file, node.start_mark.line + 1, node.start_mark.column + 1)
        self._count += 1
        self._check(depth, origin)
        self.places[path] = origin
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
            return [self.value(item, (*path, number), depth + 1) for number, item in enumerate(node.value)]
        if node.tag not in _ALLOWED_TAGS:
            raise InputError(f"the tag {node.tag} has no meaning in a description", origin=origin)
        # PyYAML answers a scalar that does not fit its tag with whatever its parsing of it ran into.
        try:
            return self._constructor.construct_object(node)
        except (yaml.YAMLError, ArithmeticError, AttributeError, TypeError, ValueError) as error:
            raise InputError(f"this value cannot be read: {str(error).splitlines()[0]}", origin=origin) from None

    def _check(self, depth: int, origin: Origin) -> None:
        if self._count > MAX_VALUES:
            raise InputError(f"more than {MAX_VALUES:,} values, aliases followed", origin=origin)
        if depth > MAX_DEPTH:
            raise InputError(f"nested deeper than {MAX_DEPTH} levels", origin=origin)

    def _mapping(self, node: yaml.MappingNode, path: Path, depth: int) -> dict[str, Any]:
        if node.tag != "tag:yaml.org,2002:map":
            raise InputError(
                f"the tag {node.tag} has no meaning in a description",
                origin=Origin(self.file, node.start_mark.line + 1, node.start_mark.column + 1),
            )
        mapping: dict[str, Any] = {}
        # What is taken over goes first, so that a key said here has the last word, and its place.
        merged = self._merged(node, path, depth)
        for key_node, value_node in node.value:
            place = Origin(self.file, key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if key_node.tag == _MERGE:
                continue
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != "tag:yaml.org,2002:str":
                shown = getattr(key_node, "value", "")
                raise InputError(
                    f"the key {shown if isinstance(shown, str) else '?'} is not text",
                    fix="put it in quotes",
                    origin=place,
                )
            key = str(key_node.value)
            if key in mapping:
                raise InputError(
                    f"{key} is said twice", fix=f"the first is at {self.places[(*path, key)]}", origin=place
                )
            mapping[key] = self.value(value_node, (*path, key), depth + 1)
            # A message about a value points at its key: that is the word a person looks for.
            self.places[(*path, key)] = place
        return merged | mapping

    def _merged(self, node: yaml.MappingNode, path: Path, depth: int) -> dict[str, Any]:
        """What ``<<: *name`` takes over from a mapping that stands elsewhere."""
        taken: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag != _MERGE:
                continue
            place = Origin(self.file, key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(value_node, yaml.MappingNode):
                raise InputError("`<<` takes one mapping, by its alias", fix="write `<<: *name`", origin=place)
            self._check(depth, place)
            taken |= self._mapping(value_node, path, depth + 1)
        return taken
