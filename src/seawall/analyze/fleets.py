"""Where instances are in the network that somebody keeps running from a template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from seawall.analyze.clusters import group_interfaces
from seawall.facts.compute import Fleet, NodeGroup
from seawall.facts.facts import Facts
from seawall.facts.network import Carries, Interface, Seen
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown


def interfaces(facts: Facts, of: Address) -> tuple[Interface, ...]:
    """The interfaces of a thing; those of a fleet's instances lie in its subnets and carry its template's groups."""
    nodes = facts.one(NodeGroup, of=of)
    if nodes is not None and not isinstance(nodes.cluster, Unknown):
        return group_interfaces(facts, nodes)
    own = (*facts.where(Interface, of=of), *_carried(facts, of))
    fleet = facts.one(Fleet, of=of)
    if fleet is None:
        return own
    if isinstance(fleet.launch, Unknown):
        return tuple(Interface(each.of, each.subnets, fleet.launch, each.public, by=each.by) for each in own)
    template = facts.one(Interface, of=fleet.launch) if fleet.launch is not None else None
    if template is None:
        why = Unknown(f"{fleet.launch or of}", why="the launch template is not in the input")
        return tuple(Interface(each.of, each.subnets, why, each.public, by=each.by) for each in own)
    return tuple(Interface(each.of, each.subnets, template.groups, template.public, by=each.by) for each in own)


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
