"""Pods that no node of their cluster may take."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.clusters import cluster_of, places
from seawall.check.rule import Rule
from seawall.facts.compute import NodeGroup, Workload
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-104",
    severity=Severity.CRITICAL,
    summary="No node may take a workload's pods",
    why="a pod waits for a node that has every label it names and no taint that it does not tolerate; where no node "
    "group and no pool makes such nodes it waits for ever",
    fix="name labels that a node group or pool gives its nodes, and tolerate their taints",
    layers=("kubernetes", "terraform"),
    source="https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads of clusters whose nodes are in the input, for which none of those nodes will do."""
    for workload in facts.all(Workload):
        cluster = cluster_of(facts, workload.of)
        if cluster is None or not facts.where(NodeGroup, cluster=cluster.of) or workload.controller == "DaemonSet":
            continue
        if not places(facts, workload):
            wanted = ", ".join(f"{key}={value}" for key, value in workload.nodes) or "any node without a taint"
            yield RULE.refuted(
                f"{workload.of} wants {wanted}, which no node group or pool of {cluster.of} gives it",
                workload.of,
                cluster.of,
                evidence=(f"{workload.of}: nodeSelector {wanted}",),
            )
