"""A schema that follows whoever starts last."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.applications import configured
from seawall.analyze.clients import every_client
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-042",
    severity=Severity.HIGH,
    summary="An application changes its database's schema whenever it starts",
    why="each replica that starts alters tables by what its own version believes, old and new ones at once during a "
    "release; create drops the data first",
    fix="set spring.jpa.hibernate.ddl-auto to validate or none, and let Flyway or Liquibase migrate",
    layers=("application",),
    source="https://docs.spring.io/spring-boot/how-to/data-initialization.html",
    read=None,
)


_CHANGING = ("create", "create-drop", "create-only", "update", "drop")
_KEYS = ("spring.jpa.hibernate.ddl-auto", "spring.jpa.properties.hibernate.hbm2ddl.auto")


def check(facts: Facts) -> Iterator[Finding]:
    """Applications with a database of their own elsewhere; one inside the process is made anew each time, rightly."""
    for source, properties in configured(facts):
        value = properties.get(*_KEYS)
        if not isinstance(value, str) or value.strip().lower() not in _CHANGING:
            continue
        remote = [client for client in every_client(facts) if client.kind == "database" and client.source == source]
        if remote:
            yield RULE.refuted(
                f"{source} starts with ddl-auto {value.strip()} on {str(remote[0].target).removeprefix('host:')}",
                source,
                evidence=(f"{properties.said(*_KEYS)}: {value.strip()}", remote[0].said),
            )
