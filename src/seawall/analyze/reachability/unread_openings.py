"""What a module that is not read may open of a thing: nothing, unless it is given that thing or what shuts it off."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.fleets import interfaces
from seawall.analyze.reachability.hop import Kind
from seawall.analyze.reachability.places import side, subnets
from seawall.facts.fact import Known
from seawall.facts.facts import Facts
from seawall.facts.network import Carries, Filtered, Member, Routed
from seawall.facts.resilience import Unread
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown


def may_be_opened(facts: Facts, thing: Address, shut: Kind | None) -> tuple[Unknown, ...]:
    """The modules that may let the internet in to a thing which ``shut`` keeps it from, each with why.

    A module adds an address or a way to what it is given by name, rules to a group and routes to a table that it is
    given; what it is not given it cannot name, short of looking it up.
    """
    given = facts.derive(_given)
    found = dict.fromkeys(why for of in _parts(facts, thing, shut) for why in given.get(of, ())) if given else {}
    return (*found, *_by_outputs(facts, thing))


def _given(facts: Facts) -> dict[Address, tuple[Unknown, ...]]:
    found: dict[Address, tuple[Unknown, ...]] = {}
    for module in facts.all(Unread):
        for of in module.given:
            why = Unknown(f"{module.of}", why=f"it is given {of}, and what it makes is not read: {module.why}")
            found[of] = (*found.get(of, ()), why)
    return found


def _parts(facts: Facts, thing: Address, shut: Kind | None) -> Iterator[Address]:
    """The thing itself and its interfaces, and what of its surroundings keeps the internet out."""
    yield thing
    for carried in facts.where(Carries, of=thing):
        if isinstance(carried.interface, Address):
            yield carried.interface
    for own in interfaces(facts, thing):
        if shut == "ingress group":
            yield from side(facts, own).groups
        for subnet in subnets(facts, own)[0] if shut == "route" else ():
            tables = [each.table for each in facts.where(Routed, of=subnet.of)]
            lists = [each.acl for each in facts.where(Filtered, of=subnet.of)]
            # A subnet has one table; one that no resource gives it a module may give it.
            named: list[Known[Address]] = [*(tables or [subnet.of]), *lists]
            yield from (each for each in named if isinstance(each, Address))


def _by_outputs(facts: Facts, thing: Address) -> Iterator[Unknown]:
    """What a thing says itself that it belongs to and nobody knows, such as a target group that a module makes."""
    for member in facts.where(Member, member=thing):
        if isinstance(member.of, Unknown):
            yield member.of
