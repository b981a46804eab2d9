"""Relational engines of Amazon RDS and Aurora: versions in support, what options are called, what fits a class.

Versions: endoflife-date/endoflife.date products/amazon-rds-mysql.md and amazon-rds-postgresql.md at c86378a1f38e, read
2026-08-16.  Logs, parameters and the classes without Performance Insights: the RDS User Guide (USER_LogAccess,
USER_PerfInsights.Overview.Engines, CHAP_Limits), as known 2026-11.  Memory of a class: the same guide's list of
instance classes.

Aurora: support of PostgreSQL from endoflife-date products/amazon-aurora-postgresql.md at 823a16a57541, read 2026-06-14;
of Aurora MySQL 3 from the Aurora User Guide, "Amazon Aurora version support"; the newest minor versions from the lists
of cfn-lint 1.58.0 (aws_rds_dbcluster/engine_version), which AWS's own API fills, of 2026-10-20.  Logs and the classes
without Performance Insights: the Aurora User Guide (AuroraMySQL.Integrating.CloudWatch, USER_PerfInsights.Overview.
Engines), as known 2026-11.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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
    newest: dict[str, str] = field(default_factory=dict)
    """Major version -> the newest minor that is known here, as the engine's API spells it."""

    @property
    def slow_log(self) -> str:
        """The log in which its slow statements stand."""
        return "slowquery" if "slowquery" in self.logs else self.logs[0]

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

AURORA: Final[dict[str, Engine]] = {
    "mysql": Engine(
        "aurora-mysql",
        3306,
        "aurora-mysql",
        {"8.0": date(2028, 4, 30)},
        ("error", "slowquery"),
        ("require_secure_transport", "ON"),
        (("slow_query_log", "1"), ("long_query_time", "1"), ("log_output", "FILE")),
        ("db.t3.small", "db.t3.medium", "db.t3.large", "db.t4g.medium", "db.t4g.large"),
        # 3.10 has long-term support.
        {"8.0": "8.0.mysql_aurora.3.10.6"},
    ),
    "postgresql": Engine(
        "aurora-postgresql",
        5432,
        "aurora-postgresql",
        {
            "17": date(2030, 2, 28),
            "18": date(2031, 2, 28),
            "16": date(2029, 2, 28),
            "15": date(2028, 2, 29),
            "14": date(2027, 2, 28),
        },
        ("postgresql",),
        ("rds.force_ssl", "1"),
        (("log_min_duration_statement", "1000"),),
        (),
        {"18": "18.6", "17": "17.11", "16": "16.15", "15": "15.19", "14": "14.24"},
    ),
}
"""Aurora's, by the same words."""
