"""Karpenter's nodes whose role may not join the cluster."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.clusters import cluster_of
from seawall.check.rule import Rule
from seawall.facts.compute import Cluster, NodeClass, NodeGroup
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, ClusterAccess, Principal
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-015",
    severity=Severity.CRITICAL,
    summary="The role of Karpenter's nodes has no entry in the cluster",
    why="EKS makes an entry for the roles of its own node groups alone; an instance whose role has none starts, is "
    "paid for and never joins",
    fix="add an `aws_eks_access_entry` of type EC2_LINUX for the role, or a line of the aws-auth ConfigMap",
    layers=("terraform", "kubernetes"),
    source="https://github.com/pulumi/pulumi-eks/issues/883",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Roles that node classes lead to, of clusters whose entries are told in Terraform."""
    for made in facts.all(NodeClass):
        cluster = cluster_of(facts, made.of)
        if cluster is None or "API" not in str(cluster.authentication):
            continue
        for role in _roles(facts, made.of):
            if not _joins(facts, cluster, role):
                yield RULE.refuted(
                    f"nodes of {made.of} act as {role}, which has no access entry of {cluster.of}",
                    made.of,
                    role,
                    cluster.of,
                    evidence=(f"{made.of}: {made.profile}",),
                )


def _roles(facts: Facts, of: Address) -> Iterator[Address]:
    for assumed in facts.where(Assumes, account=of):
        if not isinstance(assumed.role, Address):
            continue
        if facts.where(Principal, of=assumed.role):
            yield assumed.role
        else:
            yield from _roles(facts, assumed.role)


def _joins(facts: Facts, cluster: Cluster, role: Address) -> bool:
    entries = facts.ask(ClusterAccess, cluster=cluster.of)
    named = any(entry.principal == role for entry in (*entries.matches, *entries.doubts))
    return named or any(group.principal == role for group in facts.where(NodeGroup, cluster=cluster.of))
