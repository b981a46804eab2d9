"""Egress rules of a pod's own group that are not asked for what leaves the network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import cluster_of
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.pod_network import PodGroups
from seawall.facts.resilience import Setting
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-010",
    severity=Severity.MEDIUM,
    summary="Security groups of pods do not filter what the pods send out of the network",
    why="in standard mode with source address translation on the node, traffic to addresses outside the network leaves "
    "by the node's interface and under the node's groups; the pod's egress rules are not asked",
    fix="set AWS_VPC_K8S_CNI_EXTERNALSNAT to true, where the subnets have a NAT gateway, or the mode to strict",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html",
    read=date(2024, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Clusters with SecurityGroupPolicies whose plug-in is told to be standard and not to leave the address alone."""
    for cluster in dict.fromkeys(cluster_of(facts, given.of) for given in facts.all(PodGroups)):
        if cluster is None:
            continue
        told = {setting.key: setting.value for setting in facts.where(Setting, of=cluster.of)}
        if told.get("pod-groups-mode") == "standard" and told.get("pods-external-snat") is False:
            policies = sorted({given.of for given in facts.all(PodGroups) if cluster_of(facts, given.of) == cluster})
            yield RULE.refuted(
                f"{cluster.of} filters traffic out of its network by its nodes' groups, not by those of "
                f"{', '.join(policies)}",
                cluster.of,
                *policies,
            )
