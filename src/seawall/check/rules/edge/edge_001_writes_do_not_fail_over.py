"""An origin group in front of writes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Forwards, OriginGroup
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="EDGE-001",
    severity=Severity.CRITICAL,
    summary="Writes are expected to fail over, and CloudFront fails over reads only",
    why="CloudFront tries the second origin for GET, HEAD and OPTIONS; everything else goes to the first, dead "
    "or alive",
    fix="send writes to one origin whose name fails over in Route 53, and use the origin group for reads only",
    layers=("terraform", "application"),
    source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html",
    read=date(2026, 11, 21),
)

READS = {"GET", "HEAD", "OPTIONS"}


def check(facts: Facts) -> Iterator[Finding]:
    """Behaviours that send writing methods to an origin group."""
    for group in facts.all(OriginGroup):
        for forwards in facts.where(Forwards, of=group.of):
            writes = [method for method in forwards.methods if method not in READS]
            if forwards.to == group.id and writes and isinstance(forwards.of, Address):
                yield RULE.refuted(
                    f"{group.of} sends {', '.join(writes)} on {forwards.path} to the origin group {group.id}",
                    group.of,
                    evidence=(
                        f"behaviour {forwards.path}: methods {', '.join(forwards.methods)}, target {group.id}",
                        f"origin group {group.id}: {' then '.join(group.members)}",
                    ),
                )
