"""Nodes of an image that is no longer built."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import Cluster, NodeGroup
from seawall.facts.facts import Facts
from seawall.facts.resilience import Today
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.knowledge.eks_versions import AL2_ENDED, LAST_AL2, number

RULE = Rule(
    id="TF-004",
    severity=Severity.HIGH,
    summary="Nodes run an Amazon Linux 2 image, which gets no more fixes",
    why="EKS stopped building these images; for Kubernetes 1.33 and later there are none, and the node group fails",
    fix="set ami_type to AL2023_x86_64_STANDARD or BOTTLEROCKET_x86_64",
    layers=("terraform",),
    source="https://github.com/awslabs/amazon-eks-ami/issues/2545",
    read=date(2025, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Node groups whose image type is one of AL2's, against the cluster's version and the day."""
    days = facts.all(Today)
    for group in facts.all(NodeGroup):
        if isinstance(group.image, Unknown) or not group.image.startswith("AL2_"):
            continue
        cluster = facts.one(Cluster, of=group.cluster) if isinstance(group.cluster, Address) else None
        version = cluster.version if cluster is not None else None
        if isinstance(version, str) and number(version) > number(LAST_AL2):
            yield RULE.refuted(
                f"{group.of} asks for {group.image}, and there is none for Kubernetes {version}",
                group.of,
                severity=Severity.CRITICAL,
            )
        elif days and days[0].day > AL2_ENDED:
            yield RULE.refuted(f"{group.of} runs {group.image}, whose support ended on {AL2_ENDED}", group.of)
