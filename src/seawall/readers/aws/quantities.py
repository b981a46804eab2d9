"""Sums with numbers that may not be known."""

from __future__ import annotations

from seawall.facts.fact import Known
from seawall.kernel.value import Unknown

GIB = 2**30
"""Bytes in the unit in which AWS counts storage."""

DAY = 86400
"""Seconds in the unit in which AWS counts how long it keeps things."""


def times(value: Known[int], factor: int) -> Known[int]:
    """A number in a smaller unit."""
    return value if isinstance(value, Unknown) else value * factor
