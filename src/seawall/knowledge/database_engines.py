"""Relational engines of Amazon RDS: which versions are supported, what their options are called, what fits a class.

Versions: endoflife-date/endoflife.date products/amazon-rds-mysql.md and amazon-rds-postgresql.md at c86378a1f38e, read
2026-08-16.  Logs, parameters and the classes without Performance Insights: the RDS User Guide (USER_LogAccess,
USER_PerfInsights.Overview.Engines, CHAP_Limits), as known 2026-11.  Memory of a class: the same guide's list of
instance classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine; ``secure`` is the parameter that refuses connections without TLS, ``slow`` those that log slowness."""

    name: str
    port: int
    family: str
    support_ends: dict[str, date]
    logs: tuple[str, ...]
    secure: tuple[str, str]
    slow: tuple[tuple[str, str], ...]
    classes_without_insights: tuple[str, ...] = ()

    @property
    def current(self) -> str:
        """The version to choose where nobody names one: of those with long-term support, the newest well-tried."""
        return next(iter(self.support_ends))


ENGINES: Final[dict[str, Engine]] = {
    "mysql": Engine(
        "mysql",
        3306,
        "mysql",
        {"8.4": date(2029, 7, 31), "8.0": date(2026, 7, 31)},
        ("error", "slowquery"),
        ("require_secure_transport", "1"),
        (("slow_query_log", "1"), ("long_query_time", "1"), ("log_output", "FILE")),
        ("db.t2.micro", "db.t2.small", "db.t3.micro", "db.t3.small", "db.t4g.micro", "db.t4g.small"),
    ),
    "postgresql": Engine(
        "postgres",
        5432,
        "postgres",
        {
            "17": date(2030, 2, 28),
            "18": date(2031, 2, 28),
            "16": date(2029, 2, 28),
            "15": date(2028, 2, 29),
            "14": date(2027, 2, 28),
        },
        ("postgresql", "upgrade"),
        ("rds.force_ssl", "1"),
        (("log_min_duration_statement", "1000"),),
    ),
}
"""By the word the description uses."""
