"""A recovery time shorter than it takes to notice."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.failover import fastest
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Record
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Duration
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-014",
    severity=Severity.HIGH,
    summary="A recovery time is claimed that DNS failover cannot keep",
    why="clients go on using the lost address until the checks have failed often enough and the old answer has "
    "expired; "
    "both times are configured, and their sum is a lower bound",
    fix="request_interval 10, a lower failure_threshold or TTL; or claim what the sum allows",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each primary record against the claimed time for the loss of a region."""
    claims = [
        claim
        for claim in facts.where(Claim, subject="region_loss")
        if claim.measure == "rto" and isinstance(claim.value, Duration)
    ]
    for claim in claims:
        for record in facts.all(Record):
            if record.routing != "failover" or record.part.upper() != "PRIMARY":
                continue
            bound = fastest(facts, record)
            if isinstance(bound, Unknown):
                yield RULE.unknown(f"how fast {record.of} fails over is not known", [bound], record.of)
            elif bound.seconds > claim.value.seconds:
                yield RULE.refuted(
                    f"{record.of} ({record.name}) needs {bound.seconds} s at the least, and region_loss rto "
                    f"{claim.value} is claimed",
                    record.of,
                    *bound.addresses,
                    evidence=(f"claim: region_loss rto {claim.value}", *bound.lines),
                )
