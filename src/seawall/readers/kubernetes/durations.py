"""Lengths of time as controllers write them: Go's ``1h30m``, or a number of seconds."""

from __future__ import annotations

import re

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds(spelling: str) -> int | None:
    """Read ``30``, ``30s`` or ``1h30m`` in whole seconds; None if it is none of these."""
    if spelling.isdecimal():
        return int(spelling)
    parts = _PART.findall(spelling)
    if not parts or _PART.sub("", spelling):
        return None
    return round(sum(float(number) * _SECONDS[unit] for number, unit in parts))
