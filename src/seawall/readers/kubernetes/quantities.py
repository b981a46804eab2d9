"""Quantities as Kubernetes writes them: ``500m``, ``1Gi``, ``1e3``."""

from __future__ import annotations

import re
from decimal import Decimal

_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:(?P<suffix>[KMGTPE]i|[numkMGTPE])|[eE](?P<power>[+-]?\d{1,2}))?"
)
_FACTORS = {
    **{suffix: Decimal(1024) ** power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)},
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate(("k", "M", "G", "T", "P", "E"), 1)},
    "m": Decimal("0.001"), "u": Decimal("0.000001"), "n": Decimal("0.000000001"),
}  # fmt: skip


def quantity(spelling: str) -> Decimal:
    """Read a quantity in base units (cores, bytes, a count); ValueError if it is not one.

    The grammar is that of ``k8s.io/apimachinery/pkg/api/resource``: a decimal number with a binary suffix, a
    decimal suffix or a power of ten.
    """
    match = _QUANTITY.fullmatch(spelling.strip())
    if match is None:
        raise ValueError(f"{spelling!r} is not a quantity like 500m or 1Gi")
    value = Decimal(match["number"])
    if match["suffix"]:
        return value * _FACTORS[match["suffix"]]
    return value.scaleb(int(match["power"])) if match["power"] else value
