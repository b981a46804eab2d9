"""More pods than their subnets have addresses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from seawall.analyze.clusters import cluster_of, node_interfaces
from seawall.analyze.reachability.places import subnets
from seawall.analyze.scale import replicas
from seawall.check.rule import Rule
from seawall.facts.compute import Cluster, NodeGroup, NodePool, Workload
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-020",
    severity=Severity.HIGH,
    summary="The pods of a cluster may become more than its subnets have addresses",
    why="each pod has an address of the subnet of its node; when there is none left, pods stay in ContainerCreating "
    'with "failed to assign an IP address", just when the load is highest',
    fix="give the nodes larger subnets, or a secondary range of the network, or lower the autoscalers' bounds",
    layers=("terraform", "kubernetes"),
    source="https://github.com/aws/aws-eks-best-practices/blob/master/latest/bpg/networking/ip-optimization-strategies.adoc",
    read=date(2026, 5, 1),
)

RESERVED: Final = 5
"""Addresses of each subnet that AWS keeps (VPC User Guide, "Subnet sizing")."""


def check(facts: Facts) -> Iterator[Finding]:
    """The largest number of pods and nodes of each cluster against its subnets, where all of them are known.

    Interfaces of other things, addresses that nodes keep warm and pods of a release that replace others come on top.
    """
    for cluster in facts.all(Cluster):
        groups = facts.where(NodeGroup, cluster=cluster.of)
        if not groups or any(cluster_of(facts, pool.of) == cluster for pool in facts.all(NodePool)):
            continue
        own = [each.value for each in facts.where(Setting, of=cluster.of) if each.key == "pods-in-own-subnets"]
        if any(value is not False for value in own):
            continue
        parts = [subnets(facts, interface) for interface in node_interfaces(facts, cluster)]
        places = {subnet.of: subnet.cidr for found, _ in parts for subnet in found}
        if not places or any(missing for _, missing in parts):
            continue
        if any(subnet.cidr6 is not None for found, _ in parts for subnet in found):
            continue  # a cluster of IPv6 takes no address of IPv4 for a pod
        room = sum(cidr.size - RESERVED for cidr in places.values() if hasattr(cidr, "size"))
        nodes = sum(group.most for group in groups if isinstance(group.most, int))
        counted = {workload.of: _most(facts, workload, nodes) for workload in _own(facts, cluster)}
        pods = sum(counted.values())
        if pods + nodes > room and all(hasattr(cidr, "size") for cidr in places.values()):
            largest = sorted(counted, key=lambda of: (-counted[of], of))[:10]
            yield RULE.refuted(
                f"{cluster.of} may have {pods} pods on {nodes} nodes, and {', '.join(sorted(places))} have {room} "
                "addresses together",
                cluster.of,
                *sorted(places),
                evidence=tuple(f"{of}: up to {counted[of]} pods" for of in largest),
            )


def _own(facts: Facts, cluster: Cluster) -> list[Workload]:
    """The workloads of a cluster whose pods have addresses of their own and stay."""
    return [
        workload
        for workload in facts.all(Workload)
        if not workload.host_network
        and workload.controller not in ("Job", "CronJob")
        and cluster_of(facts, workload.of) == cluster
    ]


def _most(facts: Facts, workload: Workload, nodes: int) -> int:
    most = nodes if workload.controller == "DaemonSet" and not workload.nodes else replicas(facts, workload)[1]
    return most if isinstance(most, int) else 0
