"""A health check that asks the very name which it moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import HealthCheck, Record
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="EDGE-121",
    severity=Severity.HIGH,
    summary="A health check asks the name that it fails over",
    why="once the name has moved, the check asks what it has moved to: a healthy standby sends visitors back to the "
    "dead primary, and the name swings to and fro; AWS calls the results unpredictable",
    fix="give the primary a name of its own that never moves, and have the check ask that",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Records that are chosen by a check, and the name that the check asks for."""
    for record in facts.all(Record):
        if record.routing == "simple" or not isinstance(record.health, Address) or not isinstance(record.name, str):
            continue
        asked = facts.one(HealthCheck, of=record.health)
        if asked is None or asked.fixed or not isinstance(asked.target, str) or isinstance(asked.target, Address):
            continue
        if asked.target.rstrip(".").lower() == record.name.rstrip(".").lower():
            yield RULE.refuted(
                f"{asked.of} asks {asked.target}, and {record.of} is {record.name} as long as it says so",
                asked.of,
                record.of,
            )
