"""Where instances are in the network that somebody keeps running from a template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from seawall.analyze.clusters import cluster_of, fleet_interfaces, group_interfaces, joined, pool_interfaces
from seawall.facts.compute import Fleet, Joins, NodeGroup, NodePool
from seawall.facts.facts import Facts
from seawall.facts.network import Carries, Interface, Seen
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown


def interfaces(facts: Facts, of: Address) -> tuple[Interface, ...]:
    """The interfaces of a thing; those of a fleet's instances lie in its subnets and carry its template's groups."""
    nodes = facts.one(NodeGroup, of=of)
    if nodes is not None and not isinstance(nodes.cluster, Unknown):
        return group_interfaces(facts, nodes)
    pool = facts.one(NodePool, of=of)
    if pool is not None:
        return pool_interfaces(facts, pool)
    fleet = facts.one(Fleet, of=of)
    if fleet is not None:
        return fleet_interfaces(facts, fleet)
    return (*facts.where(Interface, of=of), *_carried(facts, of))


def nodes_of(facts: Facts, of: Address) -> Address | None:
    """The cluster whose nodes a group, a pool or a fleet of instances is; None of anything else."""
    group = facts.one(NodeGroup, of=of)
    if group is not None:
        return None if isinstance(group.cluster, Unknown) else group.cluster
    if facts.one(NodePool, of=of) is not None:
        cluster = cluster_of(facts, of)
        return None if cluster is None else cluster.of
    joins = facts.one(Joins, of=of)
    return None if joins is None else joined(facts, joins)


def _carried(facts: Facts, of: Address) -> Iterator[Interface]:
    """The interfaces of a machine that are things of their own."""
    for each in facts.where(Carries, of=of):
        if isinstance(each.interface, Unknown):
            yield Interface(of, each.interface, each.interface, each.interface, by=each.by)
            continue
        found = facts.where(Interface, of=each.interface)
        if not found:
            why = Unknown(f"{each.interface}", why="the network interface is not in the input")
            yield Interface(of, why, why, why, by=each.by)
        for one in found:
            seen = True if facts.where(Seen, of=of) else one.public
            yield replace(one, public=seen, by=one.by)
