"""Where instances are in the network that somebody keeps running from a template."""

from __future__ import annotations

from seawall.facts.compute import Fleet
from seawall.facts.facts import Facts
from seawall.facts.network import Interface
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown


def interfaces(facts: Facts, of: Address) -> tuple[Interface, ...]:
    """The interfaces of a thing; those of a fleet's instances lie in its subnets and carry its template's groups."""
    own = facts.where(Interface, of=of)
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
