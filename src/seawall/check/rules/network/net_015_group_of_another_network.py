"""A rule that names a group of a network with which there is no peering."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Attached, Gateway, GroupOf, Permit, Transit
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="NET-015",
    severity=Severity.HIGH,
    summary="A security group names a group of another network that it is not joined with",
    why="a group means something within its network, in networks peered with it in the same region, and over a "
    "transit gateway that supports references; elsewhere the rule is refused or lets nobody through",
    fix="name the ranges of the other network's subnets instead",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Rules between groups of two networks of the input that nothing joins in one region."""
    for permit in facts.all(Permit):
        if not isinstance(permit.group, Address) or not isinstance(permit.peer, Address):
            continue
        own, other = facts.one(GroupOf, group=permit.group), facts.one(GroupOf, group=permit.peer)
        if own is None or other is None or own.network == other.network:
            continue
        if isinstance(own.network, Unknown) or isinstance(other.network, Unknown):
            continue
        if own.network.is_outside or other.network.is_outside or _joined(facts, own.network, other.network):
            continue
        yield RULE.refuted(
            f"{permit.group} of {own.network} names {permit.peer} of {other.network} for {permit.direction}",
            permit.group,
            permit.peer,
            own.network,
            other.network,
        )


def _joined(facts: Facts, one: Address, other: Address) -> bool:
    """Whether a peering or a transit gateway may join two networks of one region."""
    if _region(one) != _region(other):
        return False
    for gateway in (each for each in facts.all(Gateway) if each.kind == "peering"):
        ends = (gateway.place, gateway.peer)
        if any(end is None or isinstance(end, Unknown) for end in ends) or {one, other} == set(ends):
            return True
    for attached in facts.where(Attached, place=one):
        for further in facts.where(Attached, place=other):
            if isinstance(attached.gateway, Unknown) or attached.gateway == further.gateway:
                transit = facts.one(Transit, of=attached.gateway)
                return transit is None or transit.references is not False
    return False


def _region(network: Address) -> str:
    name = network.as_terraform()
    return name.region if name is not None else ""
