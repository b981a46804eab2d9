"""The nodes on which a workload's pods may lie, and how those nodes are bought."""

from __future__ import annotations

from typing import Final, TypeAlias

from seawall.analyze.clusters import cluster_of, fargate_profile, is_unstated, tolerates
from seawall.facts.compute import NodeGroup, NodePool, NodeTerms, Workload
from seawall.facts.facts import Facts
from seawall.facts.pod_network import Requirement
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown

Nodes: TypeAlias = NodeGroup | NodePool

POOL: Final = "karpenter.sh/nodepool"
CAPACITY: Final = "karpenter.sh/capacity-type"
SPOT: Final = "spot"
_OF_GROUPS: Final = "eks.amazonaws.com/"
"""Labels that EKS puts on nodes of its node groups, and never on those of a pool of Karpenter's."""


def nodes_for(facts: Facts, workload: Workload) -> tuple[Nodes, ...]:
    """The node groups and pools on whose nodes a workload's pods may lie, sorted by address.

    Labels that others put on nodes may be there unstated, so that a node group is left out only for certain.
    """
    return facts.derive(_nodes_for, workload)


def _nodes_for(facts: Facts, workload: Workload) -> tuple[Nodes, ...]:
    if fargate_profile(facts, workload) is not None:
        return ()
    wanted = _wanted(facts, workload)
    found = [nodes for nodes in facts.derive(_nodes_beside, _cluster(workload.of)) if _take(nodes, workload, wanted)]
    return tuple(found)


def bought(facts: Facts, workload: Workload, nodes: Nodes) -> tuple[str, ...] | Unknown:
    """How such nodes may be bought where they are for this workload: a pool may buy in several ways."""
    if isinstance(nodes, NodeGroup):
        return nodes.capacity if isinstance(nodes.capacity, Unknown) else (nodes.capacity,)
    wanted = _wanted(facts, workload)
    return tuple(way for way in nodes.capacity if any(_meets(term, nodes, (way,)) for term in wanted))


def _cluster(address: Address) -> str:
    name = address.as_kubernetes()
    return name.cluster if name else ""


def _nodes_beside(facts: Facts, cluster: str) -> tuple[Nodes, ...]:
    found: list[Nodes] = [pool for pool in facts.all(NodePool) if _cluster(pool.of) == cluster]
    there = cluster_of(facts, Address.kubernetes(cluster, "Namespace", "", "default"))
    if there is not None:
        found += facts.where(NodeGroup, cluster=there.of)
    return tuple(sorted(found, key=lambda nodes: nodes.of))


def _wanted(facts: Facts, workload: Workload) -> tuple[tuple[Requirement, ...], ...]:
    """What a node must fulfil: every requirement of one of these."""
    chosen = tuple(Requirement(key, "In", (value,)) for key, value in workload.nodes)
    terms = [terms for fact in facts.where(NodeTerms, workload=workload.of) for terms in fact.terms]
    return tuple((*chosen, *term) for term in terms) or (chosen,)


def _take(nodes: Nodes, workload: Workload, wanted: tuple[tuple[Requirement, ...], ...]) -> bool:
    repelling = [taint for taint in nodes.taints if taint[2] != "PreferNoSchedule"]
    if not all(any(tolerates(each, taint) for each in workload.tolerates) for taint in repelling):
        return False
    ways = nodes.capacity if isinstance(nodes, NodePool) else ()
    return any(_meets(term, nodes, ways) for term in wanted)


def _meets(term: tuple[Requirement, ...], nodes: Nodes, ways: tuple[str, ...]) -> bool:
    own = dict(nodes.labels)
    pool = isinstance(nodes, NodePool)
    if pool and (name := nodes.of.as_kubernetes()):
        own[POOL] = name.name
    for each in term:
        if each.key == CAPACITY and pool:
            if not any(each.matches({CAPACITY: way}) for way in ways):
                return False
            continue
        certain = each.key in (POOL, CAPACITY) or each.key in own or (pool and each.key.startswith(_OF_GROUPS))
        if (certain or not is_unstated(each.key)) and not each.matches(own):
            return False
    return True
