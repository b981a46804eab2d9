"""The network plug-in's rights on the node's role."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import NodeGroup
from seawall.facts.facts import Facts
from seawall.facts.identity import Attaches
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-010",
    severity=Severity.MEDIUM,
    summary="The node's role may change network interfaces",
    why="only the network plug-in needs that right; on the node's role everything that gets hold of it has it",
    fix="give the account aws-node a role of its own with AmazonEKS_CNI_Policy, and take the policy off the nodes",
    layers=("terraform",),
    source="https://github.com/aws/aws-eks-best-practices/blob/master/latest/bpg/security/iam.adoc",
    read=date(2026, 5, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """The roles of node groups against the managed policy of the network plug-in."""
    for role in dict.fromkeys(group.principal for group in facts.all(NodeGroup)):
        if not isinstance(role, Address):
            continue
        for attaches in facts.where(Attaches, principal=role):
            policy = attaches.policy
            if isinstance(policy, str) and policy.endswith("policy/AmazonEKS_CNI_Policy"):
                yield RULE.refuted(f"{role} carries AmazonEKS_CNI_Policy", role, attaches.by)
