"""A primary record that is always well."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Record
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-013",
    severity=Severity.CRITICAL,
    summary="A primary failover record has nothing that could find it unwell",
    why="without a health check or evaluate_target_health Route 53 takes the primary for healthy for ever and never "
    "answers with the secondary",
    fix="name a health_check_id, or set evaluate_target_health true on an alias",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-configuring.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Primary records of failover routing."""
    for record in facts.all(Record):
        if record.routing != "failover" or record.part.upper() != "PRIMARY" or record.health is not None:
            continue
        if isinstance(record.follows_target, Unknown):
            yield RULE.unknown(f"whether {record.of} can fail over is not known", [record.follows_target], record.of)
        elif not record.follows_target:
            yield RULE.refuted(f"{record.of} ({record.name}) is primary and nothing asks for its health", record.of)
