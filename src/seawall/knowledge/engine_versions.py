"""Which versions of an engine can no longer be made, and which a managed cache takes at all.

Source: cfn-lint 1.58.0, data/schemas/extensions (aws_rds_dbcluster and aws_rds_dbinstance, engine_version_deprecated;
aws_elasticache_cachecluster, engine_version), which AWS's own API fills; of 2026-10-20.  A version that AWS takes back
later is missing here, and nothing is said of it.  Left out is what a major version of Aurora MySQL is called alone
(5.7, 5.7.12, 8.0): the API lists those no more, and that is not to refuse them.
"""

from __future__ import annotations

from functools import cache
from typing import Final

_GONE: Final[dict[str, str]] = {
    "aurora-mysql": """
        5.7.mysql_aurora.2.02.3 5.7.mysql_aurora.2.03.2 5.7.mysql_aurora.2.03.3 5.7.mysql_aurora.2.03.4
        5.7.mysql_aurora.2.04.0 5.7.mysql_aurora.2.04.1 5.7.mysql_aurora.2.04.2 5.7.mysql_aurora.2.04.3
        5.7.mysql_aurora.2.04.4 5.7.mysql_aurora.2.04.5 5.7.mysql_aurora.2.04.6 5.7.mysql_aurora.2.04.7
        5.7.mysql_aurora.2.04.8 5.7.mysql_aurora.2.04.8.3 5.7.mysql_aurora.2.04.9 5.7.mysql_aurora.2.05.0
        5.7.mysql_aurora.2.05.1 5.7.mysql_aurora.2.06.0 5.7.mysql_aurora.2.07.0 5.7.mysql_aurora.2.07.1
        5.7.mysql_aurora.2.07.2 5.7.mysql_aurora.2.07.3 5.7.mysql_aurora.2.07.4 5.7.mysql_aurora.2.07.5
        5.7.mysql_aurora.2.07.6 5.7.mysql_aurora.2.07.7 5.7.mysql_aurora.2.07.8 5.7.mysql_aurora.2.07.9
        5.7.mysql_aurora.2.07.10 5.7.mysql_aurora.2.08.0 5.7.mysql_aurora.2.08.1 5.7.mysql_aurora.2.08.2
        5.7.mysql_aurora.2.08.3 5.7.mysql_aurora.2.08.4 5.7.mysql_aurora.2.09.0 5.7.mysql_aurora.2.09.1
        5.7.mysql_aurora.2.09.2 5.7.mysql_aurora.2.09.3 5.7.mysql_aurora.2.10.0 5.7.mysql_aurora.2.10.0.1
        5.7.mysql_aurora.2.10.1 5.7.mysql_aurora.2.10.2 5.7.mysql_aurora.2.10.3 5.7.mysql_aurora.2.11.0
        5.7.mysql_aurora.2.12.0.1 8.0.mysql_aurora.3.01.0 8.0.mysql_aurora.3.01.1 8.0.mysql_aurora.3.02.0
        8.0.mysql_aurora.3.02.1 8.0.mysql_aurora.3.02.2 8.0.mysql_aurora.3.02.3 8.0.mysql_aurora.3.03.0
        8.0.mysql_aurora.3.03.1 8.0.mysql_aurora.3.03.2 8.0.mysql_aurora.3.03.3 8.0.mysql_aurora.3.05.0
        8.0.mysql_aurora.3.05.0.1 8.0.mysql_aurora.3.05.1 8.0.mysql_aurora.3.05.2 8.0.mysql_aurora.3.06.0
        8.0.mysql_aurora.3.06.1 8.0.mysql_aurora.3.07.0 8.0.mysql_aurora.3.07.1 8.0.mysql_aurora.3.11.0
    """,
    "aurora-postgresql": """
        9.6.22 10.7 10.21 11.12 11.13 11.14 11.15 11.16 11.17 11.18 11.19 11.20 12.4 12.7 12.8 12.10 12.11 12.12
        12.13 12.14 12.15 12.16 12.17 12.18 12.19 12.20 13.3 13.4 13.5 13.6 13.7 13.8 13.10 13.11 13.12 13.13 13.14
        13.15 13.16 13.18 13.20 13.21 13.22 14.3 14.4 14.5 14.7 14.8 14.9 14.10 14.11 14.12 14.13 14.15 15.2 15.3
        15.4 15.5 15.6 15.7 15.8 16.1 16.2 16.3 16.4 16.6
    """,
    "mysql": """
        5.5.62 5.6.51 5.7.33 5.7.34 5.7.36 5.7.37 5.7.38 5.7.39 5.7.40 5.7.41 5.7.42 5.7.43 5.7.44
        5.7.44-rds.20240408 5.7.44-rds.20240529 5.7.44-rds.20240808 5.7.44-rds.20250103 8.0.11 8.0.13 8.0.15 8.0.16
        8.0.17 8.0.19 8.0.20 8.0.21 8.0.23 8.0.25 8.0.26 8.0.27 8.0.28 8.0.29 8.0.30 8.0.31 8.0.32 8.0.33 8.0.34
        8.0.35 8.0.36 8.0.37 8.0.39 8.0.40 8.0.41 8.4.3 8.4.4
    """,
    "postgres": """
        9.3.1 9.3.2 9.3.3 9.3.5 9.3.6 9.3.9 9.3.10 9.3.12 9.3.14 9.3.16 9.3.17 9.3.19 9.3.20 9.3.22 9.3.23 9.3.24
        9.3.25 9.4.1 9.4.4 9.4.5 9.4.7 9.4.9 9.4.11 9.4.12 9.4.14 9.4.15 9.4.17 9.4.18 9.4.19 9.4.20 9.4.21 9.4.23
        9.4.24 9.4.25 9.4.26 9.5.2 9.5.4 9.5.6 9.5.7 9.5.9 9.5.10 9.5.12 9.5.13 9.5.14 9.5.15 9.5.16 9.5.18 9.5.19
        9.5.20 9.5.21 9.5.22 9.5.23 9.5.24 9.5.25 9.6.1 9.6.2 9.6.3 9.6.5 9.6.6 9.6.8 9.6.9 9.6.10 9.6.11 9.6.12
        9.6.14 9.6.15 9.6.16 9.6.17 9.6.18 9.6.19 9.6.20 9.6.21 9.6.22 9.6.23 9.6.24 10.1 10.3 10.4 10.5 10.6 10.7
        10.9 10.10 10.11 10.12 10.13 10.14 10.15 10.16 10.17 10.18 10.19 10.20 10.21 10.22 10.23 11.1 11.2 11.4 11.5
        11.6 11.7 11.8 11.9 11.10 11.11 11.12 11.13 11.14 11.15 11.16 11.17 11.18 11.19 11.20 11.21 11.22
        11.22-rds.20240418 11.22-rds.20240509 11.22-rds.20240808 12.2 12.3 12.4 12.5 12.6 12.7 12.8 12.9 12.10 12.11
        12.12 12.13 12.14 12.15 12.16 12.17 12.18 12.19 12.20 12.21 13.1 13.2 13.3 13.4 13.5 13.6 13.7 13.8 13.9
        13.10 13.11 13.12 13.13 13.14 13.15 13.16 13.17 13.18 13.19 13.20 13.21 13.22 14.1 14.2 14.3 14.4 14.5 14.6
        14.7 14.8 14.9 14.10 14.11 14.12 14.13 14.14 14.15 14.16 14.17 15.2 15.3 15.4 15.5 15.6 15.7 15.8 15.9 15.10
        15.11 15.12 16.1 16.2 16.3 16.4 16.5 16.6 16.7 16.8 17.1 17.2 17.3 17.4
    """,
}

_CACHES: Final[dict[str, tuple[str, ...]]] = {
    # Terraform's provider spells the newest of version 6 as 6.x.
    "redis": ("4.0.10", "5.0.6", "6.0", "6.2", "6.x", "7.0", "7.1"),
    "valkey": ("7.2", "8.0", "8.1", "8.2", "9.0", "9.1"),
}


@cache
def _gone(engine: str) -> frozenset[str]:
    return frozenset(_GONE.get(engine, "").split())


def is_gone(engine: str, version: str) -> bool:
    """Whether AWS makes no more databases of that version; a major version alone means its newest, and is not gone."""
    return version in _gone(engine)


def cache_versions(engine: str) -> tuple[str, ...] | None:
    """The versions that ElastiCache takes of an engine; None where the engine is not known here."""
    return _CACHES.get(engine)
