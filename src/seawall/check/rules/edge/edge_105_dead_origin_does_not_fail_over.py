"""An origin group that stays with an origin that does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import OriginGroup
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="EDGE-105",
    severity=Severity.HIGH,
    summary="An origin group does not fail over from an origin that is gone",
    why="CloudFront counts a refused connection as 503 and a time-out as 504; where these are not listed it "
    "reports the "
    "error to the visitor and never asks the second origin",
    fix="list 503 and 504 among the status codes, beside 500 and 502",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html",
    read=date(2026, 11, 21),
)

GONE = {503: "connections that fail", 504: "answers that never come"}


def check(facts: Facts) -> Iterator[Finding]:
    """The statuses of each origin group against the two that stand for an origin that is gone."""
    for group in facts.all(OriginGroup):
        absent = [f"{what} ({status})" for status, what in GONE.items() if status not in group.on]
        if group.on and absent:
            yield RULE.refuted(
                f"origin group {group.id} of {group.of} does not fail over on {' and '.join(absent)}",
                group.of,
                evidence=(f"origin group {group.id}: fails over on {', '.join(str(status) for status in group.on)}",),
            )
