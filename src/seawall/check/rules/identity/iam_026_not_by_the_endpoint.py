"""Something that is to be used through an endpoint only, by somebody whose way does not lead there."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.permissions.gaps import alike, gaps
from seawall.analyze.permissions.shortfalls import denied_by_way
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-026",
    severity=Severity.HIGH,
    summary="A policy wants calls to come through an endpoint, and the caller's way does not lead there",
    why="from a subnet whose route table is not the endpoint's the call goes out through NAT, carries no endpoint, "
    "and is denied, "
    "whatever the caller's own policies say",
    fix="route the caller's subnets to the endpoint, in every region that the policy is for, or name this region's "
    "endpoint too",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Calls that a resource's policy denies for certain, by a condition on the endpoint or network they come from."""
    for group in alike(gap for gap in gaps(facts) if denied_by_way(gap)):
        first, link = group[0], group[0].chain.breaks
        if link is None:
            continue
        calls = ", ".join(sorted({f"{gap.call.action} on {gap.call.resource}" for gap in group}))
        addresses = [each for each in (first.call.source, first.chain.role) if each]
        yield RULE.refuted(f"{first.call.source} calls {calls}; {link.says}", *addresses, evidence=first.chain.lines())
