"""What every fact and demand has in common, and the two spellings of a field that may not be known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from seawall.kernel.address import Address
from seawall.kernel.value import Unknown

T = TypeVar("T")
Known: TypeAlias = T | Unknown
"""A field whose value may not be known."""
Link: TypeAlias = Address | Unknown
"""A field that joins: the address of another thing, the only join key there is."""

NOBODY = Address("")


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is so. ``by`` is the resource that says it; two that say the same say it once."""

    by: Address = field(default=NOBODY, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Demand:
    """Something that must be possible for ``source``; ``said`` is the file and key, or the need, that asks for it."""

    source: Address
    by: Address = field(default=NOBODY, compare=False, kw_only=True)
    said: str = field(default="", compare=False, kw_only=True)
