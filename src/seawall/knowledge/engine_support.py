"""Until when RDS, Aurora and ElastiCache support a major version: as a matter of course, and for money.

Source: endoflife-date/endoflife.date, products/amazon-rds-mysql.md and amazon-rds-postgresql.md at c86378a1f38e (read
2026-08-16), amazon-aurora-postgresql.md at 823a16a57541 (2026-06-14), amazon-elasticache-redis.md at ab9a4dfc7939
(2026-05-01), amazon-aurora-mysql.md at 2cf011cd932e and amazon-rds-mariadb.md at 0c2d862ab659 (2026-11-22).  A version
that is not here is one of which nothing is said.  There is no extended support of MariaDB.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Support:
    """The last days of standard and of extended support; without the latter nothing more is to be had."""

    standard: date
    extended: date | None = None


_POSTGRES: Final = {
    "9.6": Support(date(2022, 4, 30)),
    "10": Support(date(2023, 4, 30)),
    "11": Support(date(2024, 2, 29), date(2027, 3, 31)),
    "12": Support(date(2025, 2, 28), date(2028, 2, 29)),
    "13": Support(date(2026, 2, 28), date(2029, 2, 28)),
    "14": Support(date(2027, 2, 28), date(2030, 2, 28)),
    "15": Support(date(2028, 2, 29), date(2031, 2, 28)),
    "16": Support(date(2029, 2, 28), date(2032, 2, 29)),
    "17": Support(date(2030, 2, 28), date(2033, 2, 28)),
    "18": Support(date(2031, 2, 28), date(2034, 2, 28)),
}
SUPPORT: Final[dict[str, dict[str, Support]]] = {
    "mysql": {
        "5.6": Support(date(2022, 3, 1)),
        "5.7": Support(date(2024, 2, 29), date(2029, 6, 30)),
        "8.0": Support(date(2026, 7, 31), date(2029, 7, 31)),
        "8.4": Support(date(2029, 7, 31), date(2032, 7, 31)),
    },
    "postgres": _POSTGRES,
    "aurora-postgresql": {version: found for version, found in _POSTGRES.items() if version not in ("9.6", "10")},
    "aurora-mysql": {
        "5.6": Support(date(2023, 2, 28)),
        "5.7": Support(date(2024, 10, 31), date(2027, 2, 28)),
        "8.0": Support(date(2028, 4, 30), date(2029, 7, 31)),
    },
    "mariadb": {
        "10.3": Support(date(2023, 10, 23)),
        "10.4": Support(date(2025, 2, 28)),
        "10.5": Support(date(2026, 2, 28)),
        "10.6": Support(date(2026, 7, 31)),
        "10.11": Support(date(2028, 2, 29)),
        "11.4": Support(date(2029, 5, 31)),
    },
    "redis": {
        "4": Support(date(2026, 1, 31), date(2029, 1, 31)),
        "5": Support(date(2026, 1, 31), date(2029, 1, 31)),
        "6": Support(date(2027, 1, 31), date(2030, 1, 31)),
    },
}
"""Engine, as its API spells it -> major version -> support."""


def support(engine: str, version: str) -> tuple[str, Support] | None:
    """The major version that a version belongs to, with its support; None of what is not known here."""
    known = SUPPORT.get(engine, {})
    parts = version.split(".")
    for length in (2, 1):
        major = ".".join(parts[:length])
        if major in known:
            return major, known[major]
    return None
