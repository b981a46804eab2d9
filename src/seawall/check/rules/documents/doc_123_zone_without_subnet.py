"""A zone that nothing is in."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.claimed import written
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Subnet
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DOC-123",
    severity=Severity.MEDIUM,
    summary="A document counts on a zone in which there is no subnet",
    why="nothing can run where there is no subnet; what is said to be spread over three zones is spread over two, and "
    "the loss of one takes half of it",
    fix="add subnets in the zone, or count the zones that there are",
    layers=("claims", "terraform"),
    source="https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """The zones of a claim against those of the subnets."""
    # Subnets of Azure are in no zone.
    subnets = [subnet for subnet in facts.all(Subnet) if subnet.zone != ""]
    zones = {subnet.zone for subnet in subnets}
    missing = [zone for zone in zones if isinstance(zone, Unknown)]
    for claim in facts.where(Claim, subject="zones"):
        if not subnets or claim.measure in zones:
            continue
        there = ", ".join(sorted(str(zone) for zone in zones if not isinstance(zone, Unknown)))
        if missing:
            yield RULE.unknown(f"whether a subnet lies in {claim.measure} is not known", missing, *written(claim))
        else:
            yield RULE.refuted(
                f"{claim.measure} is named, and subnets lie in {there} alone",
                *written(claim),
                *sorted(subnet.of for subnet in subnets),
            )
