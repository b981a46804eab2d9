"""What a leaf of a body may be: a JSON value, or one of three things that stand for a value known later.

``Ref`` is another resource's attribute, ``Text`` a string with holes, ``Unknown`` what nobody can say yet. None of
them may be used as a condition: ``if body.get("multi_az")`` on an unknown would be a silent pass, so ``bool()`` of
each raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import is_
from typing import Any, NoReturn, TypeAlias

from seawall.kernel.address import Address


class NotAConditionError(TypeError):
    """A value that is not known yet was used as a condition; ask for it by ``isinstance`` or a Verdict instead."""


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """The value of another resource's attribute, the attribute path in one spelling (``identity.0.oidc.0.issuer``)."""

    to: Address
    attr: str

    def __bool__(self) -> NoReturn:
        raise NotAConditionError(f"{self} is a reference and has no truth value before it is settled")

    def __str__(self) -> str:
        return f"${{{self.to}.{self.attr}}}"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that cannot be known yet: ``what`` names the attribute, ``why`` says the reason.

    ``what`` is ``address.attribute`` or ``file:key``; ``mentions`` are the references its expression holds. ``length``
    is how many letters and digits of ASCII it will have, and nothing else, where that is certain; else 0.
    """

    what: str
    mentions: tuple[Ref, ...] = ()
    why: str = "it is known only after apply"
    length: int = 0

    def __bool__(self) -> NoReturn:
        raise NotAConditionError(f"{self.what} is unknown ({self.why}) and has no truth value")

    def __str__(self) -> str:
        return f"{{?{self.what}}}"


SECRET = "it is a secret, which Seawall does not keep"


@dataclass(frozen=True, slots=True)
class Text:
    """A string with holes; build it with ``text``, which joins neighbouring strings and drops empty ones."""

    parts: tuple[str | Ref | Unknown, ...]

    def __bool__(self) -> NoReturn:
        raise NotAConditionError(f"{self} has holes and no truth value before it is settled")

    def __str__(self) -> str:
        return "".join(str(part) for part in self.parts)

    @property
    def holes(self) -> tuple[Ref | Unknown, ...]:
        """The parts that are not known yet."""
        return tuple(part for part in self.parts if not isinstance(part, str))


Hole: TypeAlias = Ref | Unknown
Textual: TypeAlias = "str | Text | Ref | Unknown"
Value: TypeAlias = Any
Body: TypeAlias = Mapping[str, Value]

_INDEX = re.compile(r"\[(?:\"([^\"]*)\"|(\d+))\]")


def attribute_path(spelling: str) -> str:
    """Spell an attribute path the one way facts compare: ``identity[0].oidc[0]`` is ``identity.0.oidc.0``."""
    return _INDEX.sub(lambda match: "." + (match[1] if match[1] is not None else match[2]), spelling)


def text(*parts: Textual) -> Textual:
    """Join strings and holes into the simplest value that says the same: a str, a single hole, or a Text."""
    joined: list[str | Ref | Unknown] = []
    run: list[str] = []  # strings that are neighbours, joined once: a policy comes in hundreds of pieces
    for part in parts:
        for piece in part.parts if isinstance(part, Text) else (part,):
            if isinstance(piece, str):
                run.append(piece)
                continue
            if literal := "".join(run):
                joined.append(literal)
            run.clear()
            joined.append(piece)
    if literal := "".join(run):
        joined.append(literal)
    match joined:
        case []:
            return ""
        case [only]:
            return only
        case _:
            return Text(tuple(joined))


def is_known(value: Value) -> bool:
    """Whether a value holds no Ref, Text or Unknown, however deep."""
    return next(holes(value), None) is None


def holes(value: Value) -> Iterator[Hole]:
    """Every Ref and Unknown within a value, in the order in which they stand."""
    # A stack of its own rather than recursion: every body is walked, most of them have no hole, and a generator for
    # each level would cost more than the walk.
    pending = [value]
    while pending:
        here = pending.pop()
        kind = type(here)
        if kind in _SOLID:
            continue
        if kind is Ref or kind is Unknown:
            yield here
        elif kind is Text:
            yield from here.holes
        elif kind is dict or isinstance(here, Mapping):
            for key, item in reversed(tuple(here.items())):
                if type(item) not in _SOLID:
                    pending.append(item)
                if type(key) is not str:  # the key of a policy's condition may hold an issuer that is not known yet
                    pending.append(key)
        elif isinstance(here, list | tuple):
            pending.extend(reversed(here))


_SOLID: frozenset[type] = frozenset({str, int, bool, float, type(None)})


def refs(value: Value) -> Iterator[Ref]:
    """Every Ref within a value, those that an Unknown mentions included."""
    for hole in holes(value):
        if isinstance(hole, Ref):
            yield hole
        else:
            yield from hole.mentions


_PLAIN: frozenset[type] = frozenset({str, int, bool, float, type(None), Ref, Text, Unknown})


def map_holes(value: Value, change: Callable[[Value], Value]) -> Value:
    """Rebuild a value with every Ref, Text and Unknown changed, and nothing else; what stays is the same object."""
    kind = type(value)
    if kind in _SOLID:
        return value
    if kind in _PLAIN:
        return change(value)
    if kind is dict or isinstance(value, Mapping):
        same, mapped = True, {}
        for key, item in value.items():
            name = key if type(key) is str else map_holes(key, change)
            new = mapped[name] = item if type(item) in _SOLID else map_holes(item, change)
            same = same and new is item and name is key
        return value if same else mapped
    if isinstance(value, list | tuple):
        items = [item if type(item) in _SOLID else map_holes(item, change) for item in value]
        if all(map(is_, items, value)):
            return value
        return items if isinstance(value, list) else tuple(items)
    return value


def map_leaves(value: Value, change: Callable[[Value], Value]) -> Value:
    """Rebuild a value with every leaf changed; a part in which nothing changed stays the very same object."""
    kind = type(value)
    if kind in _PLAIN:  # most leaves are, and asking an abstract class about each is slow
        return change(value)
    if kind is dict or isinstance(value, Mapping):
        mapped = {
            change(key) if isinstance(key, Ref | Text | Unknown) else key: map_leaves(item, change)
            for key, item in value.items()
        }
        return value if all(mapped.get(key) is item for key, item in value.items()) else mapped
    if isinstance(value, list | tuple):
        items = [map_leaves(item, change) for item in value]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        return items if isinstance(value, list) else tuple(items)
    return change(value)


def render_text(value: Textual, fill: Callable[[Hole], str]) -> str:
    """Write a value as a string, each hole filled by ``fill``."""
    if isinstance(value, str):
        return value
    parts = value.parts if isinstance(value, Text) else (value,)
    return "".join(part if isinstance(part, str) else fill(part) for part in parts)
