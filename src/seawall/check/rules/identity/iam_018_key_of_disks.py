"""A key of node disks that whoever starts the nodes may not use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.permissions.disk_keys import ACTIONS, uses
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Answer

RULE = Rule(
    id="IAM-018",
    severity=Severity.CRITICAL,
    summary="Nodes' disks are under a key that whoever starts the nodes may not use",
    why="EC2 makes the disk in the name of whoever launches: without the key the instance ends as it starts, with "
    "Client.InternalError, and no node joins",
    fix="name the service-linked role of Auto Scaling (or Karpenter's role) in the key's policy, with "
    "kms:CreateGrant for "
    "AWS resources; a policy that leaves the key to IAM does not reach a role of a service",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Templates and node classes with a customer's key, against the key's policy and grants."""
    for use in uses(facts):
        if use.answer is Answer.REFUTED:
            what = f"{use.nodes} has disks under {use.key}, and {use.whose} may not call {use.action} on it"
            yield RULE.refuted(what, use.nodes, use.key, evidence=(f"needed: {', '.join(ACTIONS)}",))
        elif use.answer is Answer.UNKNOWN:
            because = use.because or (
                Unknown(f"the policy of {use.key}", why="what it says of that role is not known"),
            )
            what = f"whether {use.whose} may use {use.key} for the disks of {use.nodes} is not known"
            yield RULE.unknown(what, because, use.nodes, use.key, severity=Severity.MEDIUM)
