"""YAML documents as plain data, read from hostile text: safe tags, limits, and an error that names the line.

The parser's events are used rather than its nodes: composing nodes recurses in C, and a few hundred kilobytes of
opening brackets end the process. Scalars mean what they mean to Kubernetes (``1:30`` and dates are strings, ``1e3``
is a number), not what YAML 1.1 makes of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import yaml

from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin

MAX_DEPTH: Final = 150
"""Levels of nesting; the deepest custom resource definitions in use have about sixty."""
MAX_VALUES: Final = 5_000_000
"""Values of one text; a bundle of every controller's manifests has some hundred thousand."""
MAX_ALIASED: Final = 100_000
"""Values that aliases may repeat: what an alias bomb would exceed."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG: Final = "tag:yaml.org,2002:"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {
    spelling: truth
    for truth, words in ((True, ("true", "yes", "on", "y")), (False, ("false", "no", "off", "n")))
    for word in words
    for spelling in (word, word.capitalize(), word.upper())
}
_NUMERIC_START = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """One document of a text: its data, its first line, and the lines of what stands up to two levels below."""

    data: Any
    line: int
    lines: Mapping[tuple[str | int, ...], int]


def _as_it_is(value: str) -> Any:
    return value


def _without_meaning(_tag: str, _value: Any) -> Any:
    return NotImplemented


def yaml_documents(
    text: str,
    file: str,
    *,
    string: Callable[[str], Any] = _as_it_is,
    tagged: Callable[[str, Any], Any] = _without_meaning,
) -> Iterator[YamlDocument]:
    """Every document of a text that is not empty; ``string`` may turn a string value into something else.

    ``tagged`` says what a value with a local tag such as ``!Ref`` means, ``NotImplemented`` if nothing.
    InputError, with the line and column, for what is not YAML, repeats a key, has a tag without meaning here, or
    exceeds a limit.
    """
    reading = _Reading(text, file, string, tagged)
    try:
        yield from reading.documents()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Origin(file, mark.line + 1, mark.column + 1) if mark else Origin(file)
        raise InputError(f"this is not YAML: {error.problem or error.context}", origin=place) from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise InputError(f"this is not YAML: {str(error).splitlines()[0]}", origin=Origin(file)) from None
    finally:
        reading.close()


class _Reading:
    def __init__(self, text: str, file: str, string: Callable[[str], Any], tagged: Callable[[str, Any], Any]) -> None:
        self.file = file
        self._string = string
        self._tagged = tagged
        try:
            self._loader = _Loader(text)
        except (yaml.YAMLError, UnicodeError) as error:
            raise InputError(f"this is not YAML: {str(error).splitlines()[0]}", origin=Origin(file)) from None
        self._values = 0
        self._aliased = 0
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._lines: dict[tuple[str | int, ...], int] = {}

    def close(self) -> None:
        self._loader.dispose()

    def documents(self) -> Iterator[YamlDocument]:
        while True:
            event = self._loader.get_event()
            if isinstance(event, yaml.StreamEndEvent):
                return
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors, self._lines = {}, {}
                first = self._loader.get_event()
                line = first.start_mark.line + 1
                data = self._value(first, (), 0)
                if data is not None:
                    yield YamlDocument(data, line, self._lines)

    def _value(self, event: Any, path: tuple[str | int, ...], depth: int) -> Any:
        self._values += 1
        before = self._values
        if before > MAX_VALUES:
            self._refuse(event, f"more than {MAX_VALUES:,} values")
        if depth > MAX_DEPTH:
            self._refuse(event, f"nested deeper than {MAX_DEPTH} levels")
        if depth <= 2:
            self._lines[path] = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            self._check_tag(event, "map")
            value = self._meant(event, self._mapping(event, path, depth))
        elif isinstance(event, yaml.SequenceStartEvent):
            self._check_tag(event, "seq")
            value = self._meant(event, self._sequence(path, depth))
        else:
            return self._alias(event)
        if event.anchor:
            self._anchors[event.anchor] = (value, self._values - before + 1)
        return value

    def _meant(self, event: Any, value: Any) -> Any:
        """What a value with a local tag means; the value itself if it has none."""
        if not _is_local(event.tag):
            return value
        meant = self._tagged(event.tag, value)
        if meant is NotImplemented:
            self._refuse(event, f"the tag {event.tag} has no meaning here")
        return meant

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            self._refuse(event, f"the alias *{event.anchor} names nothing that stands before it")
        value, size = self._anchors[event.anchor]
        # Counted as if written out, because whoever walks the data will see it written out.
        self._values += size
        self._aliased += size
        if self._aliased > MAX_ALIASED:
            self._refuse(event, f"aliases repeat more than {MAX_ALIASED:,} values")
        return value

    def _sequence(self, path: tuple[str | int, ...], depth: int) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._loader.get_event(), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items)) if depth < 2 else path, depth + 1))
        return items

    def _mapping(self, start: Any, path: tuple[str | int, ...], depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while not isinstance(event := self._loader.get_event(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse(event, "a key must be text")
            key = event.value
            if key == "<<" and event.implicit[0]:
                self._merge(merged, event, self._value(self._loader.get_event(), path, depth + 1))
                continue
            if key in mapping:
                self._refuse(event, f"{key} is said twice")
            if event.anchor:
                self._anchors[event.anchor] = (key, 1)
            mapping[key] = self._value(self._loader.get_event(), (*path, key) if depth < 2 else path, depth + 1)
        return {**merged, **mapping} if merged else mapping

    def _merge(self, merged: dict[str, Any], event: Any, value: Any) -> None:
        for part in value if isinstance(value, list) else [value]:
            if not isinstance(part, dict):
                self._refuse(event, "only a mapping can be merged")
            for key, item in part.items():
                merged.setdefault(key, item)

    def _scalar(self, event: Any) -> Any:
        value = event.value
        if event.implicit[0]:
            return self._plain(event, value)
        tag = event.tag
        if _is_local(tag):
            return self._meant(event, value)
        if event.implicit[1] or tag in (_TAG + "str", "!", _TAG + "binary"):
            return self._string(value)
        kind = tag.removeprefix(_TAG) if tag else ""
        read = self._plain(event, value)
        wanted: dict[str, type | tuple[type, ...]] = {
            "int": int, "float": (int, float), "bool": bool, "null": type(None),
        }  # fmt: skip
        if kind == "timestamp":
            return self._string(value)
        if kind not in wanted:
            self._refuse(event, f"the tag {tag} has no meaning here")
        if not isinstance(read, wanted[kind]):
            self._refuse(event, f"{value!r} is not what its tag {tag} says")
        return read

    def _plain(self, event: Any, value: str) -> Any:
        if value in _NULLS:
            return None
        if value in _BOOLEANS:
            return _BOOLEANS[value]
        if value[0] in _NUMERIC_START:
            if len(value) > 400 and (_INTEGER.fullmatch(value) or _FLOAT.fullmatch(value)):
                self._refuse(event, "this number is too long")
            if _INTEGER.fullmatch(value):
                return _integer(value)
            if _FLOAT.fullmatch(value):
                number = float(value.replace("_", ""))
                if number in (float("inf"), float("-inf")):
                    self._refuse(event, f"{value} is too large for a number")
                return int(number) if number.is_integer() and abs(number) < 2**53 else number
            if _NOT_FINITE.fullmatch(value):
                self._refuse(event, f"{value} is no number that JSON can hold")
        return self._string(value)

    def _check_tag(self, event: Any, kind: str) -> None:
        if not event.implicit and not _is_local(event.tag) and event.tag not in (None, "!", _TAG + kind):
            self._refuse(event, f"the tag {event.tag} has no meaning here")

    def _refuse(self, event: Any, what: str) -> NoReturn:
        mark = event.start_mark
        raise InputError(what, origin=Origin(self.file, mark.line + 1, mark.column + 1))


def _is_local(tag: str | None) -> bool:
    """Whether a tag is an application's own, ``!Ref``."""
    return tag is not None and len(tag) > 1 and tag[0] == "!"


def _integer(value: str) -> int:
    sign = -1 if value[0] == "-" else 1
    digits = value.lstrip("+-").replace("_", "")
    if digits[:2] in ("0b", "0o", "0x"):
        return sign * int(digits[2:] or "0", {"b": 2, "o": 8, "x": 16}[digits[1]])
    return sign * int(digits, 8 if len(digits) > 1 and digits[0] == "0" else 10)
