"""A status on which CloudFront does not fail over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import OriginGroup
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="EDGE-002",
    severity=Severity.HIGH,
    summary="An origin group lists a status on which CloudFront does not fail over",
    why="the API takes a fixed set of statuses and refuses the distribution with any other",
    fix="choose among 400, 403, 404, 416, 429, 500, 502, 503 and 504",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html",
    read=date(2026, 11, 21),
)

POSSIBLE = {400, 403, 404, 416, 429, 500, 502, 503, 504}


def check(facts: Facts) -> Iterator[Finding]:
    """The statuses of each origin group."""
    for group in facts.all(OriginGroup):
        wrong = [status for status in group.on if status not in POSSIBLE]
        if wrong:
            yield RULE.refuted(
                f"origin group {group.id} of {group.of} lists {', '.join(str(status) for status in wrong)}", group.of
            )
