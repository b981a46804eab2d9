"""An origin group that is slower than the claim."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.claimed import written
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Origin, OriginGroup
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Duration
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-003",
    severity=Severity.HIGH,
    summary="A distribution waits longer for a dead origin than the claimed recovery takes",
    why="before CloudFront asks the second origin it tries the first attempts x timeout long, 30 s by default, and "
    "each request anew",
    fix="set connection_attempts 1 or 2 and a connection_timeout of a few seconds, or claim more",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """The first origin of each group against the claimed time for the loss of a region."""
    for claim in facts.where(Claim, subject="region_loss"):
        if claim.measure != "rto" or not isinstance(claim.value, Duration):
            continue
        for group in facts.all(OriginGroup):
            for origin in facts.where(Origin, of=group.of):
                if not group.members or origin.id != group.members[0]:
                    continue
                missing = [value for value in (origin.attempts, origin.connects) if isinstance(value, Unknown)]
                if missing:
                    yield RULE.unknown(f"how long {group.of} waits for {origin.id} is not known", missing, group.of)
                elif isinstance(origin.attempts, int) and isinstance(origin.connects, int):
                    waits = origin.attempts * origin.connects
                    if waits > claim.value.seconds:
                        yield RULE.refuted(
                            f"region_loss rto {claim.value} is claimed, and {group.of} tries {origin.id} for {waits} s "
                            "before it asks the next origin",
                            group.of,
                            *written(claim),
                            evidence=(f"{origin.attempts} attempts of {origin.connects} s each",),
                        )
