"""Which sizes the instance families of RDS, Aurora and ElastiCache come in.

Source: the class lists of cfn-lint 1.58.0, which AWS's own API fills; schema date 2026-10-20.  The union over the
regions us-east-1, us-west-2, ap-northeast-1, ap-northeast-2, ap-east-1 and ap-east-2; families that the platforms here
use.
"""

from __future__ import annotations

from typing import Final

_BURSTABLE: Final = ("micro", "small", "medium", "large", "xlarge", "2xlarge")
_TO_16: Final = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")
_TO_24: Final = (*_TO_16, "24xlarge")
_CACHE_5: Final = ("large", "xlarge", "2xlarge", "4xlarge", "12xlarge", "24xlarge")

_RDS: Final[dict[str, tuple[str, ...]]] = {
    "db.t2": _BURSTABLE,
    "db.t3": _BURSTABLE,
    "db.t4g": _BURSTABLE,
    "db.m5": _TO_24,
    "db.m6g": _TO_16,
    "db.m7g": _TO_16,
    "db.r5": _TO_24,
    "db.r6g": _TO_16,
    "db.r7g": _TO_16,
}

_AURORA: Final[dict[str, tuple[str, ...]]] = {
    # The list has db.t2 for Aurora MySQL only, and db.t3.small, which AWS no longer recommends for either.
    "db.t2": ("small", "medium"),
    "db.t3": ("small", "medium", "large"),
    "db.t4g": ("medium", "large"),
    "db.m5": (),
    "db.m6g": (),
    "db.m7g": (),
    "db.r5": _TO_24,
    "db.r6g": _TO_16,
    "db.r7g": _TO_16,
}

_ELASTICACHE: Final[dict[str, tuple[str, ...]]] = {
    "cache.t2": ("micro", "small", "medium"),
    "cache.t3": ("micro", "small", "medium"),
    "cache.t4g": ("micro", "small", "medium"),
    "cache.m5": _CACHE_5,
    "cache.m6g": _TO_16,
    "cache.m7g": _TO_16,
    "cache.r5": _CACHE_5,
    "cache.r6g": _TO_16,
    "cache.r7g": _TO_16,
}


def sizes_of(family: str, engine: str) -> tuple[str, ...] | None:
    """The sizes of a family for an engine, smallest first; None for a family that the table does not have."""
    if family.startswith("cache."):
        return _ELASTICACHE.get(family)
    return (_AURORA if engine.startswith("aurora") else _RDS).get(family)
