"""An alarm on the mean of shares that cannot be that large."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from seawall.check.rule import Rule
from seawall.facts.compute import Addon, Cluster, FargateProfile, NodeGroup
from seawall.facts.facts import Facts
from seawall.facts.telemetry import Alarm, Threshold
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Ref, Textual

RULE = Rule(
    id="OBS-150",
    severity=Severity.HIGH,
    summary="An alarm on pods' share of their nodes asks for a mean that no cluster can reach",
    why="pod_cpu_utilization and pod_memory_utilization are shares of the whole node, and by cluster alone they are "
    "the mean over every pod: where each node has its own pods besides, the mean stays far below, and the alarm is "
    "silent while a pod starves",
    fix="ask for pod_cpu_utilization_over_pod_limit or pod_memory_utilization_over_pod_limit of the workload that is "
    "meant, and give its containers limits",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-reference-performance-entries-EKS.html",
    read=date(2023, 6, 28),
)

_SHARES: Final = {
    "ContainerInsights/pod_cpu_utilization": "CPU",
    "ContainerInsights/pod_memory_utilization": "memory",
}
"""Percentages of the node's: pod_cpu_usage_total / node_cpu_limit, pod_memory_working_set / node_memory_limit."""

_ON_EVERY_NODE: Final = ("amazon-cloudwatch-observability", "kube-proxy", "vpc-cni")
"""Add-ons of EKS that have a pod on each node of a node group with Linux, whatever its taints."""


def check(facts: Facts) -> Iterator[Finding]:
    """Alarms on the mean over a cluster whose nodes are of node groups with Linux, each with the same add-ons' pods.

    The shares of one node's pods come to 100 % at the most, so that with ``k`` pods on every node the mean is 100/k %.
    """
    for threshold in facts.all(Threshold):
        alarm = facts.one(Alarm, of=threshold.of)
        if alarm is None or alarm.metric not in _SHARES or threshold.statistic != "Average":
            continue
        if [name for name, _ in alarm.dimensions] != ["ClusterName"] or threshold.operator not in (">", ">="):
            continue
        cluster = _named(facts, alarm, alarm.dimensions[0][1])
        own = () if cluster is None else _on_every_node(facts, cluster)
        if cluster is None or len(own) < 2 or not isinstance(threshold.number, float):
            continue
        most = 100 / len(own)
        if threshold.number > most or (threshold.number == most and threshold.operator == ">"):
            share = _SHARES[alarm.metric]
            yield RULE.refuted(
                f"{alarm.of} wants more than {threshold.number:g} %, and the mean of all pods' shares of their nodes' "
                f"{share} is at most {most:.0f} %",
                alarm.of,
                cluster.of,
                evidence=(
                    f"{alarm.metric} is a share of the node, not of what the pod may use",
                    f"pods on every node: {', '.join(own)}",
                ),
            )


def _named(facts: Facts, alarm: Alarm, name: Textual) -> Cluster | None:
    for cluster in facts.all(Cluster):
        same = cluster.of == name.to if isinstance(name, Ref) else isinstance(name, str) and cluster.name == name
        if same and cluster.region == alarm.region:
            return cluster
    return None


def _on_every_node(facts: Facts, cluster: Cluster) -> tuple[str, ...]:
    """The add-ons of the cluster that have a pod on each of its nodes; none where nodes are not all alike in that."""
    groups = facts.where(NodeGroup, cluster=cluster.of)
    if not groups or not all(_with_linux(group) for group in groups) or facts.all(FargateProfile):
        return ()
    names = {addon.name for addon in facts.where(Addon, cluster=cluster.of)}
    return tuple(name for name in _ON_EVERY_NODE if name in names)


def _with_linux(group: NodeGroup) -> bool:
    """Whether its nodes are of an image with Linux, as they are where neither an image nor a template is named."""
    if isinstance(group.image, str):
        return "WINDOWS" not in group.image.upper() and group.image != "CUSTOM"
    return group.launch is None and not group.image.mentions
