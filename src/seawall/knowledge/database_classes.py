"""Memory of RDS instance classes, and the connections that engines accept by default.

Aurora: the Aurora User Guide, "Maximum connections to an Aurora MySQL DB instance", "Working with Aurora Serverless v2"
(2 GiB a capacity unit; the greatest capacity decides, and PostgreSQL stays at 2,000 where the least is 0 or 0.5), as
known 2026-11.

A class has the memory of the EC2 type whose name it carries. Memory: checked against DescribeInstanceTypes as moto
5.2.5 carries it (2026-08) for the families t3, t4g, m5, m6i, m7g, r5 and r6g. Defaults of max_connections: Amazon RDS
User Guide, "Quotas and constraints", as known 2026-11: DBInstanceClassMemory divided by these bytes; that memory is
somewhat less than the class's, since RDS takes its own part first, so the result is an upper bound.
"""

from __future__ import annotations

import math
import re
from typing import Final

from seawall.kernel.units import Size

_GIB_OF_LARGE: Final = {"t": 8, "m": 8, "r": 16}
_OF_LARGE: Final = {"micro": 1 / 8, "small": 1 / 4, "medium": 1 / 2, "large": 1.0, "xlarge": 2.0}
_BYTES_A_CONNECTION: Final = {"mysql": 12_582_880, "postgresql": 9_531_392}
_MOST: Final = {"mysql": 16_000, "postgresql": 5_000}


def memory(instance_class: str) -> Size | None:
    """The memory of a class such as ``db.t4g.small``; None for a family that is not known here."""
    match = re.fullmatch(r"db\.([tmr])\d[a-z]*\.(?:(\d+)xlarge|([a-z]+))", instance_class)
    if match is None:
        return None
    times = 2.0 * int(match[2]) if match[2] else _OF_LARGE.get(match[3])
    return None if times is None else Size(round(_GIB_OF_LARGE[match[1]] * times * 2**30))


def connections(engine: str, instance_class: str) -> int | None:
    """How many connections an engine accepts at most on a class where nobody says; None if that is not known."""
    size = memory(instance_class)
    if size is None or engine not in _BYTES_A_CONNECTION:
        return None
    return min(size.bytes // _BYTES_A_CONNECTION[engine], _MOST[engine])


def aurora_connections(engine: str, size: Size, least: float = math.inf) -> int | None:
    """How many connections an Aurora server accepts at most; ``least`` is its smallest capacity, in units.

    ``size`` is its memory, at the greatest capacity where it is serverless. An upper bound, as of the others.
    """
    if engine == "postgresql":
        most = min(size.bytes // _BYTES_A_CONNECTION[engine], _MOST[engine])
        return min(most, 2000) if least <= 0.5 else most
    if engine == "mysql":
        small, large = math.log2(size.bytes / 805_306_368) * 45, math.log2(size.bytes / 8_187_281_408) * 1000
        return max(int(small), int(large))
    return None


def memory_of_units(units: float) -> Size:
    """The memory of so many capacity units of Aurora Serverless v2."""
    return Size(round(units * 2 * 2**30))
