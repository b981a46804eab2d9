"""An origin group that waits longer for an answer than the claim."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.claimed import written
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Origin, OriginGroup
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Duration

RULE = Rule(
    id="EDGE-151",
    severity=Severity.MEDIUM,
    summary="A distribution waits longer for an answer than the claimed recovery takes",
    why="an origin that is reached and does not answer is asked as often as one that is not reached, and each request "
    "waits anew: nothing remembers that the first origin is gone",
    fix="lower connection_attempts and origin_read_timeout, or set response_completion_timeout, or claim more",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """The first origin of each group against the claimed time for the loss of a region, where it is reached in time.

    One that is not reached in that time is EDGE-003's; an origin in S3 is not asked for an answer anew.
    """
    for claim in facts.where(Claim, subject="region_loss"):
        if claim.measure != "rto" or not isinstance(claim.value, Duration):
            continue
        for group in facts.all(OriginGroup):
            for origin in facts.where(Origin, of=group.of):
                if not group.members or origin.id != group.members[0] or origin.protocol == "s3":
                    continue
                waits = _waits(origin)
                if waits is not None and waits > claim.value.seconds and _reached(origin, claim.value):
                    yield RULE.refuted(
                        f"region_loss rto {claim.value} is claimed, and {group.of} waits {waits} s for {origin.id} in "
                        "each request, where that is reached and does not answer",
                        group.of,
                        *written(claim),
                        evidence=(
                            f"not reached: {origin.attempts} attempts of {origin.connects} s each",
                            f"reached, and no answer: {origin.attempts} attempts of {origin.answers} s each",
                        ),
                    )


def _waits(origin: Origin) -> int | None:
    """For how many seconds a request waits for an answer; None where that is not known."""
    if not isinstance(origin.attempts, int) or not isinstance(origin.answers, int):
        return None
    waits = origin.attempts * origin.answers
    if origin.gives_up is None:
        return waits
    return min(waits, origin.gives_up) if isinstance(origin.gives_up, int) else None


def _reached(origin: Origin, claimed: Duration) -> bool:
    if not isinstance(origin.attempts, int) or not isinstance(origin.connects, int):
        return False
    return origin.attempts * origin.connects <= claimed.seconds
