"""What every fact and demand has in common, and the two spellings of a field that may not be known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar

from seawall.kernel.address import Address
from seawall.kernel.value import Unknown

T = TypeVar("T")
Known: TypeAlias = T | Unknown
"""A field whose value may not be known."""
Link: TypeAlias = Address | Unknown
"""A field that joins: the address of another thing, the only join key there is."""

NOBODY = Address("")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Plain:
    """A value that equals another of the very same kind whose compared fields are equal.

    The vocabulary has a hundred kinds. Writing these methods once here, instead of having dataclasses write them for
    each kind, halves the time that importing the vocabulary takes, which every command pays.
    """

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        values = _compared(type(self))
        return bool(values(self) == values(other))

    def __hash__(self) -> int:
        kind = type(self)
        return hash((kind, _compared(kind)(self)))

    def __repr__(self) -> str:
        shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(type(self)))
        return f"{type(self).__name__}({', '.join(shown)})"


_values: dict[type[Plain], Callable[[Any], Any]] = {}


def _compared(kind: type[Plain]) -> Callable[[Any], Any]:
    values = _values.get(kind)
    if values is None:
        values = _values[kind] = attrgetter(*(each.name for each in fields(kind) if each.compare))
    return values


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Fact(Plain):
    """Something that is so. ``by`` is the resource that says it; two that say the same say it once."""

    by: Address = field(default=NOBODY, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Demand(Plain):
    """Something that must be possible for ``source``; ``said`` is the file and key, or the need, that asks for it."""

    source: Address
    by: Address = field(default=NOBODY, compare=False, kw_only=True)
    said: str = field(default="", compare=False, kw_only=True)
