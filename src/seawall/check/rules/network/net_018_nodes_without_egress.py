"""Nodes that can reach nothing they need to join."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.reachability.places import subnets
from seawall.analyze.reachability.routes import best_route
from seawall.check.rule import Rule
from seawall.facts.compute import NodeGroup
from seawall.facts.facts import Facts
from seawall.facts.network import Gateway, Interface
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import ANYWHERE
from seawall.kernel.value import Unknown

RULE = Rule(
    id="NET-018",
    severity=Severity.CRITICAL,
    summary="Nodes are in a subnet from which nothing can be reached",
    why="a node fetches its images and signs in at AWS's APIs before it joins; without a NAT gateway or "
    "endpoints it waits "
    "for ever and the node group fails",
    fix="route 0.0.0.0/0 to a NAT gateway, or add the endpoints that a private cluster needs",
    layers=("terraform",),
    source="https://www.eksworkshop.com/docs/troubleshooting/workernodes/two",
    read=date(2026, 7, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Subnets of node groups without a default route, in networks without any interface endpoint."""
    for group in facts.all(NodeGroup):
        for interface in facts.where(Interface, of=group.of):
            for subnet in subnets(facts, interface)[0]:
                route = best_route(facts, subnet, ANYWHERE)
                if isinstance(route, Unknown):
                    what = f"whether {subnet.of} has a way out is not known"
                    yield RULE.unknown(what, [route], group.of, subnet.of)
                    continue
                if route is not None and route.kind != "blackhole":
                    continue
                endpoints = facts.ask(Gateway, place=subnet.network)
                if any(gateway.kind == "interface-endpoint" for gateway in (*endpoints.matches, *endpoints.doubts)):
                    continue
                by = f"its route to {route.destination} leads nowhere" if route else "it has no default route"
                yield RULE.refuted(
                    f"{group.of} puts nodes into {subnet.of}: {by}, and {subnet.network} has no interface endpoint",
                    group.of,
                    subnet.of,
                )
