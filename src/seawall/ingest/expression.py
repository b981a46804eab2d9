"""Terraform's expressions and templates, as far as they can be read without running Terraform.

Literals, references, lists, objects, templates and a few functions become values; everything else becomes an Unknown
that names its attribute, quotes the expression and mentions the references within it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from seawall.kernel.documents import json_text
from seawall.kernel.value import Ref, Text, Unknown, text


class Undecided(Exception):
    """The expression cannot be read statically; the message says why."""


class Scope(Protocol):
    """What names mean in one module."""

    def lookup(self, steps: tuple[str, ...]) -> Any:
        """The value of a dotted name; raises Undecided if it has none before Terraform runs."""


@dataclass(frozen=True, slots=True)
class Place:
    """Whose value is being read: ``what`` is ``address.attribute``, ``file`` where the expression stands."""

    what: str
    file: str


FIX = "pass the plan, or the plan together with this source, to settle it"

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_MENTION = re.compile(r"(?<![\w.\"-])(?:data\.)?[a-z][a-z0-9]*_\w*\.[A-Za-z_][\w-]*(?:\.\w+|\[\d+\]|\[\"[^\"]*\"\])*")
_SPACE = re.compile(r"(?:\s|#[^\n]*|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def value(written: Any, scope: Scope, place: Place) -> Any:
    """A JSON value of a ``.tf.json`` file with every string in it read as a template."""
    match written:
        case str():
            return template(written, scope, place)
        case list():
            return [value(item, scope, _within(place, number)) for number, item in enumerate(written)]
        case dict():
            return {_key(key, scope, place): value(item, scope, _within(place, key)) for key, item in written.items()}
        case _:
            return written


def template(written: str, scope: Scope, place: Place) -> Any:
    """A template: text with ``${...}``, or one expression, which keeps its type."""
    if "${" not in written and "%{" not in written:
        return written
    try:
        pieces = [piece if isinstance(piece, str) else _settle(piece.source, scope, place) for piece in _split(written)]
        if len(pieces) == 1:
            return pieces[0]
        return text(*(_as_text(piece) for piece in pieces))
    except Undecided as reason:
        return _unknown(written, reason, scope, place)
    except RecursionError:
        return _unknown(written, Undecided("it is nested too deeply to be read"), scope, place)


def _within(place: Place, step: str | int) -> Place:
    return Place(f"{place.what}.{step}", place.file)


def _key(key: str, scope: Scope, place: Place) -> Any:
    return template(key, scope, place) if "{" in key else key


@dataclass(frozen=True, slots=True)
class _Hole:
    source: str


def _split(written: str) -> Iterator[str | _Hole]:
    """Literal text and the expressions between; raises Undecided on a directive such as ``%{ if }``."""
    literal: list[str] = []
    position = 0
    while position < len(written):
        if written.startswith(("$${", "%%{"), position):
            literal.append(written[position + 1 : position + 3])
            position += 3
        elif written.startswith("${", position):
            end = _closing(written, position + 2)
            if literal:
                yield "".join(literal)
                literal = []
            source = written[position + 2 : end]
            if source.startswith("~") or source.endswith("~"):
                raise Undecided("it strips white space")
            yield _Hole(source.strip())
            position = end + 1
        elif written.startswith("%{", position):
            raise Undecided("it holds a directive")
        else:
            following = re.compile(r"[$%]").search(written, position + 1)
            stop = following.start() if following else len(written)
            literal.append(written[position:stop])
            position = stop
    if literal:
        yield "".join(literal)


def _closing(source: str, position: int) -> int:
    """Where the brace that was opened before ``position`` closes."""
    depth = 1
    while position < len(source):
        match source[position]:
            case "{":
                depth += 1
            case "}":
                depth -= 1
                if depth == 0:
                    return position
            case '"':
                position = _string_end(source, position + 1)
        position += 1
    raise Undecided("it never ends")


def _string_end(source: str, position: int) -> int:
    """Where the quotation mark that was opened before ``position`` closes."""
    while position < len(source):
        if source[position] == '"':
            return position
        if source[position] == "\\":
            position += 2
        elif source.startswith(("$${", "%%{"), position):
            position += 3
        elif source.startswith(("${", "%{"), position):
            position = _closing(source, position + 2) + 1
        else:
            position += 1
    raise Undecided("a string in it never ends")


def _settle(source: str, scope: Scope, place: Place) -> Any:
    try:
        return expression(source, scope, place)
    except Undecided as reason:
        return _unknown(f"${{{source}}}", reason, scope, place)


def _unknown(written: str, reason: Undecided, scope: Scope, place: Place) -> Unknown:
    shown = " ".join(written.split())
    shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
    return Unknown(place.what, mentions(written, scope), f"{place.file} says {shown} and {reason}; {FIX}")


def mentions(source: str, scope: Scope) -> tuple[Ref, ...]:
    """The references to resources within an expression that is not read."""
    found: dict[Ref, None] = {}
    for match in _MENTION.finditer(source):
        try:
            meant = scope.lookup(steps(match[0]))
        except Undecided:
            continue
        if isinstance(meant, Ref):
            found[meant] = None
    return tuple(found)


def steps(traversal: str) -> tuple[str, ...]:
    """A traversal as its steps: ``a.b[0].c["d"]`` is ``a b 0 c d``."""
    found = re.findall(r"\[\"((?:[^\"\\]|\\.)*)\"\]|\[(\d+|\*)\]|([A-Za-z_][\w-]*|\d+|\*)", traversal)
    return tuple(next(step for step in match if step) if any(match) else "" for match in found)


def _as_text(piece: Any) -> Any:
    match piece:
        case str() | Ref() | Text() | Unknown():
            return piece
        case bool():
            return "true" if piece else "false"
        case int() | float():
            return str(piece)
        case _:
            raise Undecided("a list or an object stands within text")


def expression(source: str, scope: Scope, place: Place) -> Any:
    """The value of an expression; raises Undecided if it cannot be read statically."""
    parser = _Parser(source, scope, place)
    found = parser.any()
    parser.space()
    if parser.at < len(source):
        raise Undecided("it is more than a reference")
    return found


class _Parser:
    """Reads one expression from left to right."""

    def __init__(self, source: str, scope: Scope, place: Place) -> None:
        self.source, self.scope, self.place, self.at = source, scope, place, 0

    def space(self) -> None:
        match = _SPACE.match(self.source, self.at)
        if match:
            self.at = match.end()

    def take(self, token: str) -> bool:
        self.space()
        if self.source.startswith(token, self.at):
            self.at += len(token)
            return True
        return False

    def want(self, token: str) -> None:
        if not self.take(token):
            raise Undecided("it is more than a reference")

    def any(self) -> Any:
        self.space()
        if self.take("["):
            return self.descend(self.items("]"))
        if self.take("{"):
            return self.descend(self.object())
        if self.take("("):
            found = self.any()
            self.want(")")
            return self.descend(found)
        if self.source.startswith('"', self.at):
            return self.string()
        number = _NUMBER.match(self.source, self.at)
        if number:
            self.at = number.end()
            return float(number[0]) if re.search(r"[.eE]", number[0]) else int(number[0])
        name = _NAME.match(self.source, self.at)
        if name is None:
            raise Undecided("it is more than a reference")
        self.at = name.end()
        if name[0] in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[name[0]]
        if self.source.startswith("(", self.at):
            self.at += 1
            return self.descend(self.call(name[0]))
        return self.scope.lookup((name[0], *self.path()))

    def path(self) -> tuple[str, ...]:
        """The steps that follow: attributes, indexes and splats."""
        found: list[str] = []
        while True:
            if self.source.startswith(".", self.at):
                step = re.compile(r"[A-Za-z_][\w-]*|\d+|\*").match(self.source, self.at + 1)
                if step is None:
                    raise Undecided("it is more than a reference")
                found.append(step[0])
                self.at = step.end()
            elif self.source.startswith("[", self.at):
                self.at += 1
                if self.take("*"):
                    found.append("*")
                else:
                    index = self.any()
                    if not isinstance(index, str | int) or isinstance(index, bool):
                        raise Undecided("its index is not known")
                    found.append(str(index))
                self.want("]")
            else:
                return tuple(found)

    def descend(self, found: Any) -> Any:
        return descend(found, self.path())

    def string(self) -> Any:
        end = _string_end(self.source, self.at + 1)
        inner = self.source[self.at + 1 : end]
        self.at = end + 1
        pieces = [
            _unescape(piece) if isinstance(piece, str) else _settle(piece.source, self.scope, self.place)
            for piece in _split(inner)
        ]
        return text(*(_as_text(piece) for piece in pieces))

    def items(self, closing: str) -> list[Any]:
        found: list[Any] = []
        while not self.take(closing):
            if found:
                self.want(",")
                if self.take(closing):
                    break
            found.append(self.any())
        return found

    def object(self) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        while not self.take("}"):
            self.space()
            name = _NAME.match(self.source, self.at)
            key: Any
            if name and name[0] != "for":
                self.at = name.end()
                key = name[0]
            else:
                key = self.any()
            if not self.take("="):
                self.want(":")
            found[key] = self.any()
            self.take(",")
        return found

    def call(self, name: str) -> Any:
        function = FUNCTIONS.get(name)
        if function is None:
            raise Undecided(f"{name}() is worked out by Terraform")
        return function(*self.items(")"))


def descend(found: Any, path: tuple[str, ...]) -> Any:
    """The part of a value that lies at a path; a reference's path just grows."""
    for number, step in enumerate(path):
        match found:
            case Ref():
                rest = ".".join(path[number:])
                if "*" in path[number:]:
                    raise Undecided("it takes a part of every element")
                return Ref(found.to, f"{found.attr}.{rest}" if found.attr else rest)
            case Mapping() if step in found:
                found = found[step]
            case list() | tuple() if step.isdecimal() and int(step) < len(found):
                found = found[int(step)]
            case list() | tuple() if step == "*":
                return [descend(item, path[number + 1 :]) for item in found]
            case Unknown():
                return found
            case _:
                raise Undecided(f"nothing is known of its part {step!r}")
    return found


def _unescape(literal: str) -> str:
    return re.sub(
        r"\\(?:u([0-9a-fA-F]{4})|(.))",
        lambda match: chr(int(match[1], 16)) if match[1] else _ESCAPES.get(match[2], match[2]),
        literal,
        flags=re.DOTALL,
    )


def _one(found: Any) -> Any:
    return descend(found, ("0",))


def _same(found: Any) -> Any:
    return found


def _concat(*lists: Any) -> list[Any]:
    if not all(isinstance(items, list | tuple) for items in lists):
        raise Undecided("a list in it is not known")
    return [item for items in lists for item in items]


def _merge(*objects: Any) -> dict[Any, Any]:
    if not all(isinstance(item, Mapping) for item in objects):
        raise Undecided("an object in it is not known")
    return {key: item for found in objects for key, item in found.items()}


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "concat": _concat,
    "jsonencode": json_text,
    "merge": _merge,
    "one": _one,
    "tolist": _same,
    "tomap": _same,
    "toset": _same,
    "tostring": _as_text,
}
"""The functions that mean the same whatever Terraform finds out later."""
