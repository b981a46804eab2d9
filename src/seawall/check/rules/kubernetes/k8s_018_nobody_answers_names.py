"""Karpenter waits for names that only its own nodes could answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import cluster_of
from seawall.analyze.permissions.controllers import running
from seawall.check.rule import Rule
from seawall.facts.compute import Addon, Cluster, FargateProfile, Fleet, NodeGroup, NodePool
from seawall.facts.delivery import VALUES_ELSEWHERE, Installed
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-018",
    severity=Severity.HIGH,
    summary="The cluster's DNS can only run on nodes of Karpenter, which asks it for names",
    why="without a node nobody answers names, and without names Karpenter cannot reach the API that would make one: "
    "from a "
    "cold start, or after the loss of all nodes, the cluster does not come up again",
    fix="set dnsPolicy: Default for Karpenter, or give CoreDNS a node group or a Fargate profile",
    layers=("kubernetes", "terraform"),
    source="https://karpenter.sh/docs/troubleshooting/",
    read=date(2026, 11, 22),
)

DNS_LABELS = {("k8s-app", "kube-dns"), ("eks.amazonaws.com/component", "coredns")}
"""What CoreDNS's pods carry as EKS installs them."""


def check(facts: Facts) -> Iterator[Finding]:
    """Karpenters installed by their chart, of clusters whose every node comes from a pool, CoreDNS's too."""
    if facts.all(Fleet):
        return  # instances that may be nodes of any cluster
    for one in running(facts):
        cluster = one.cluster
        if one.known.name != "karpenter" or cluster is None or not facts.where(Installed, of=one.fact.of):
            continue
        told = dict(one.fact.told)
        if told.get("names", "ClusterFirst") != "ClusterFirst" or VALUES_ELSEWHERE in told:
            continue
        if _has_place(facts, cluster):
            continue
        pools = [pool.of for pool in facts.all(NodePool) if cluster_of(facts, pool.of) == cluster]
        if pools and any(addon.name == "coredns" for addon in facts.where(Addon, cluster=cluster.of)):
            yield RULE.refuted(
                f"{cluster.of} has no nodes but those of {', '.join(sorted(pools))}, and Karpenter asks the "
                f"cluster's DNS",
                one.fact.by,
                cluster.of,
                *sorted(pools),
            )


def _has_place(facts: Facts, cluster: Cluster) -> bool:
    """Whether CoreDNS may run elsewhere than on Karpenter's nodes, as far as that is known."""
    groups, profiles = facts.ask(NodeGroup, cluster=cluster.of), facts.ask(FargateProfile, cluster=cluster.of)
    if groups.matches or groups.doubts or profiles.doubts:
        return True
    return any(
        namespace == "kube-system" and set(labels) <= DNS_LABELS
        for profile in profiles.matches
        for namespace, labels in profile.selectors
    )
