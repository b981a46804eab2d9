"""Egress of one zone through another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.reachability.places import subnets
from seawall.analyze.reachability.routes import best_route
from seawall.check.rule import Rule
from seawall.facts.compute import NodeGroup
from seawall.facts.facts import Facts
from seawall.facts.network import Gateway, Interface, Subnet
from seawall.facts.resilience import Claim
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import ANYWHERE
from seawall.kernel.value import Unknown

RULE = Rule(
    id="NET-016",
    severity=Severity.HIGH,
    summary="The loss of one zone cuts the egress of another",
    why="a NAT gateway is in one zone; subnets elsewhere that route through it lose the internet and every AWS API "
    "without an endpoint together with that zone",
    fix="one NAT gateway in each zone, and a route table for each that points at its own",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Subnets of nodes, where a claim speaks of zones, against that of the NAT gateway they use."""
    if not facts.where(Claim, subject="zone_loss") and not facts.where(Claim, subject="several_zones"):
        return
    seen: set[Address] = set()
    for group in facts.all(NodeGroup):
        for interface in facts.where(Interface, of=group.of):
            for subnet in subnets(facts, interface)[0]:
                if subnet.of not in seen:
                    seen.add(subnet.of)
                    yield from _egress(facts, subnet, group.of)


def _egress(facts: Facts, subnet: Subnet, group: Address) -> Iterator[Finding]:
    route = best_route(facts, subnet, ANYWHERE)
    if isinstance(route, Unknown):
        yield RULE.unknown(f"how {subnet.of} reaches the internet is not known", [route], subnet.of, group)
        return
    if route is None or route.kind != "nat":
        return
    if isinstance(route.via, Unknown):
        yield RULE.unknown(f"which NAT gateway {subnet.of} uses is not known", [route.via], subnet.of, group)
        return
    gateway = facts.one(Gateway, of=route.via)
    place = facts.one(Subnet, of=gateway.place) if gateway else None
    if gateway is None or place is None:
        return
    missing = [zone for zone in (subnet.zone, place.zone) if isinstance(zone, Unknown)]
    if missing:
        what = f"whether {subnet.of} and its NAT gateway are in one zone is not known"
        yield RULE.unknown(what, missing, subnet.of, gateway.of)
    elif subnet.zone != place.zone:
        yield RULE.refuted(
            f"{subnet.of} in {subnet.zone} leaves through {gateway.of} in {place.zone}",
            subnet.of,
            gateway.of,
            evidence=(
                f"{subnet.of}: zone {subnet.zone}, routes {route.destination} by {route.table}",
                f"{gateway.of}: in {place.of}, zone {place.zone}",
            ),
        )
