"""Nodes that do not let each other in, so that pods find no name."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.clusters import node_interfaces
from seawall.analyze.reachability import network
from seawall.analyze.reachability.traffic import Traffic
from seawall.check.rule import Rule
from seawall.facts.compute import Cluster, NodeGroup
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Ports
from seawall.kernel.verdict import any_of

RULE = Rule(
    id="NET-105",
    severity=Severity.HIGH,
    summary="Nodes do not let each other's pods ask DNS",
    why="CoreDNS runs on a few nodes and answers the pods of all of them; between nodes the groups of both decide, and "
    "where they do not let UDP 53 through, names are found only by luck of the scheduler",
    fix="let the nodes' group in from itself, at least on UDP and TCP 53, and out to it",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Clusters that may have several nodes: from each node group, whether any node answers on UDP 53."""
    wanted = Traffic.of("udp", Ports.one(53))
    for cluster in facts.all(Cluster):
        groups = facts.where(NodeGroup, cluster=cluster.of)
        if sum(group.most if isinstance(group.most, int) else 2 for group in groups) < 2:
            continue
        nodes = node_interfaces(facts, cluster)
        for own in nodes:
            verdict = any_of(network.somewhere(facts, own, other).ask(wanted) for other in nodes)
            if verdict.refuted:
                yield RULE.refuted(
                    f"pods on nodes of {own.of} reach no other node of {cluster.of} on udp 53",
                    own.of,
                    cluster.of,
                )
