"""Somebody who can let themselves into a cluster."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.permissions.escalation import administers, steps
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Principal
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-107",
    severity=Severity.MEDIUM,
    summary="Somebody can let themselves into a cluster, and so have the roles of its pods",
    why="an access entry with AmazonEKSClusterAdminPolicy makes whoever writes it administrator of the cluster, and "
    "with it every role that a pod has",
    fix="leave eks:CreateAccessEntry and eks:AssociateAccessPolicy to whoever sets up the cluster, or bound the "
    "policies by the condition eks:policyArn",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Principals with both actions on a cluster of the input."""
    for principal in facts.all(Principal):
        if principal.kind not in ("role", "user") or administers(facts, principal.of):
            continue
        found = [step for step in steps(facts, principal.of) if step.means == "access entry"]
        roles = sorted({step.becomes for step in found if isinstance(step.becomes, Address)})
        if found:
            yield RULE.refuted(
                f"{principal.of} can let itself in and act as {', '.join(roles)}",
                principal.of,
                *roles,
                evidence=[str(step) for step in found],
            )
