"""Pods with security groups of their own, and no node that can give them an interface."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from seawall.analyze.clusters import own_groups, places
from seawall.check.rule import Rule
from seawall.facts.compute import NodeGroup, Workload
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-012",
    severity=Severity.HIGH,
    summary="Pods with security groups of their own have only nodes that cannot give them an interface",
    why="such a pod gets a branch of a trunk interface, which burstable types of EC2 do not have; it stays Pending "
    "for want of vpc.amazonaws.com/pod-eni",
    fix="let the pods lie on nodes of a type with trunk interfaces, such as m5, c5 or r5 and later",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html",
    read=date(2024, 12, 1),
)

BURSTABLE: Final = ("t1.", "t2.", "t3.", "t3a.", "t4g.")
"""Families of which the source says that no type supports security groups for pods."""


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads with groups of their own whose every node group has burstable types alone."""
    for workload in facts.all(Workload):
        given = own_groups(facts, workload)
        if given is None or workload.host_network:
            continue
        nodes = places(facts, workload)
        if nodes and all(_burstable(facts, each) for each in nodes):
            yield RULE.refuted(
                f"{workload.of} has groups by {given.of}, and {', '.join(nodes)} has burstable types alone",
                workload.of,
                given.of,
                *nodes,
            )


def _burstable(facts: Facts, nodes: Address) -> bool:
    group = facts.one(NodeGroup, of=nodes)
    return (
        group is not None
        and isinstance(group.types, tuple)
        and bool(group.types)
        and all(each.startswith(BURSTABLE) for each in group.types)
    )
