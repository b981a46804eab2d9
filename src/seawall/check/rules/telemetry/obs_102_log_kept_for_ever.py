"""A log that is never deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.telemetry import Retains
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="OBS-102",
    severity=Severity.LOW,
    summary="A log group keeps everything for ever",
    why="storage is paid for every month, and personal data is kept longer than anybody may",
    fix="set retention_in_days",
    layers=("terraform", "cost"),
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
    read=date(2026, 11, 21),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Log stores without an end."""
    for retains in facts.all(Retains):
        if isinstance(retains.days, Unknown):
            yield RULE.unknown(f"how long {retains.of} keeps its logs is not known", [retains.days], retains.of)
        elif retains.days is None:
            yield RULE.refuted(f"{retains.of} never deletes anything", retains.of)
