"""Networks that are joined and share addresses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations
from typing import Final

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Attached, Gateway, Network, NetworkRange, Route
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Cidr
from seawall.kernel.value import Unknown

RULE = Rule(
    id="NET-022",
    severity=Severity.HIGH,
    summary="Two networks that are joined have the same addresses",
    why="a peering between overlapping ranges is refused, and over a transit gateway the local route always wins: what "
    "is sent to the other network never leaves its own",
    fix="give one of the networks another range; networks cannot be renumbered, so it is made anew",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html",
    read=date(2023, 6, 1),
)

_NOT_ROUTED: Final = (Cidr.parse("100.64.0.0/10"), Cidr.parse("198.19.0.0/16"))
"""Ranges that pods are given in every network alike, because a NAT stands between them and other networks.

Source: Amazon EKS best practices guide, "Custom networking".
"""


def check(facts: Facts) -> Iterator[Finding]:
    """Pairs of networks at the ends of a peering, or attached to one transit gateway."""
    for one, other, by in dict.fromkeys(_joined(facts)):
        # A peering is refused for any range that both have; over a transit gateway only what is sent there matters.
        peers = any(gateway.kind == "peering" for gateway in facts.where(Gateway, of=by))
        for mine in _ranges(facts, one, all_of_them=peers):
            for theirs in _ranges(facts, other, all_of_them=peers):
                if mine.overlaps(theirs):
                    yield RULE.refuted(f"{by} joins {one} ({mine}) and {other} ({theirs})", one, other, by)


def _joined(facts: Facts) -> Iterator[tuple[Address, Address, Address]]:
    for gateway in (each for each in facts.all(Gateway) if each.kind == "peering"):
        ends = [end for end in (gateway.place, gateway.peer) if isinstance(end, Address)]
        if len(ends) == 2 and ends[0] != ends[1]:
            yield min(ends), max(ends), gateway.of
    attached: dict[Address, set[Address]] = {}
    for each in facts.all(Attached):
        if not isinstance(each.gateway, Unknown) and not isinstance(each.place, Unknown):
            attached.setdefault(each.gateway, set()).add(each.place)
    for gateway_of, places in attached.items():
        for one, other in combinations(sorted(places), 2):
            yield one, other, gateway_of


def _ranges(facts: Facts, network: Address, *, all_of_them: bool) -> tuple[Cidr, ...]:
    own = facts.one(Network, of=network)
    stated = own.cidrs if own is not None and not isinstance(own.cidrs, Unknown) else ()
    more = tuple(each.cidr for each in facts.where(NetworkRange, of=network) if isinstance(each.cidr, Cidr))
    return (*stated, *(range for range in more if all_of_them or not _kept_inside(facts, range)))


def _kept_inside(facts: Facts, range: Cidr) -> bool:
    """Whether it is of those that every network may have for its pods, and nothing sends to it."""
    if not any(every.contains(range) for every in _NOT_ROUTED):
        return False
    return not any(
        route.kind != "local" and isinstance(route.destination, Cidr) and _leads(route.destination, range)
        for route in facts.all(Route)
    )


def _leads(destination: Cidr, range: Cidr) -> bool:
    return destination.overlaps(range) and any(every.contains(destination) for every in _NOT_ROUTED)
