"""A store that is told to ask for no password."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.check.rule import Rule
from seawall.facts.compute import Environment
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-128",
    severity=Severity.HIGH,
    summary="A store in the cluster is told to let anybody in",
    why="every pod that reaches it, of whatever team or environment, may read, change and delete all that it holds",
    fix="give it a password from a secret, and take the switch away",
    layers=("kubernetes",),
    source="https://github.com/bitnami/containers/blob/main/bitnami/redis/README.md",
    read=None,
)

SWITCHES: Final = {
    "ALLOW_EMPTY_PASSWORD": ("yes", "true", "1"),
    "MYSQL_ALLOW_EMPTY_PASSWORD": ("*",),
    "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD": ("*",),
    "POSTGRES_HOST_AUTH_METHOD": ("trust",),
}
"""Variables of the images of Bitnami, MySQL, MariaDB and PostgreSQL, and the values that open them; ``*`` is any."""

_PASSWORDS: Final = (
    "REDIS_PASSWORD", "REDIS_PASSWORD_FILE", "MYSQL_ROOT_PASSWORD", "MARIADB_ROOT_PASSWORD", "POSTGRESQL_PASSWORD",
)  # fmt: skip


def check(facts: Facts) -> Iterator[Finding]:
    """The environment of each container; one that is given a password as well has one."""
    for found in facts.all(Environment):
        opening = SWITCHES.get(found.name)
        if opening is None or not isinstance(found.value, str) or not found.value:
            continue
        if opening != ("*",) and found.value.lower() not in opening:
            continue
        beside = facts.where(Environment, workload=found.workload)
        if any(other.container == found.container and other.name in _PASSWORDS for other in beside):
            continue
        yield RULE.refuted(
            f"container {found.container} of {found.workload} has {found.name}={found.value} and no password",
            found.workload,
        )
