"""What is paid for day and night, used or not, and the least that an hour of it costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from seawall.analyze.stores import servers, standing_alone
from seawall.facts.compute import Cluster, NodeGroup
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.network import Gateway, Subnet
from seawall.kernel.address import Address
from seawall.knowledge.least_prices import CONTROL_PLANE, RESERVED, hourly


@dataclass(frozen=True, slots=True)
class AlwaysOn:
    """A thing that is always on; ``hour`` is the least that it costs an hour, in US dollars, at the greatest discount.

    It is None where the price is not known.
    """

    of: Address
    kind: Literal["control plane", "gateway", "nodes", "store"]
    hour: Decimal | None
    what: str


def always_on(facts: Facts) -> tuple[AlwaysOn, ...]:
    """Control planes, NAT gateways, nodes bought on demand, and stores that are made of servers."""
    return facts.derive(_always_on)


def _always_on(facts: Facts) -> tuple[AlwaysOn, ...]:
    return tuple(_found(facts))


def _found(facts: Facts) -> Iterator[AlwaysOn]:
    for cluster in facts.all(Cluster):
        yield AlwaysOn(cluster.of, "control plane", CONTROL_PLANE, "a control plane")
    for gateway in facts.all(Gateway):
        if gateway.kind == "nat":
            place = facts.one(Subnet, of=gateway.place) if isinstance(gateway.place, Address) else None
            zone = place.zone if place is not None else None
            price = hourly(zone.rstrip("abcdef"), "nat") if isinstance(zone, str) else None
            yield AlwaysOn(gateway.of, "gateway", price, "a NAT gateway")
    for group in facts.all(NodeGroup):
        if group.capacity == "on-demand":
            yield from _nodes(facts, group)
    for store in standing_alone(facts, "cache", "stream", "database"):
        yield from _store(facts, store)


def _nodes(facts: Facts, group: NodeGroup) -> Iterator[AlwaysOn]:
    """The nodes that a group has at the least, of the cheapest of its types."""
    if group.least == 0:
        return
    cluster = facts.one(Cluster, of=group.cluster) if isinstance(group.cluster, Address) else None
    types = group.types if isinstance(group.types, tuple) else ()
    what = f"{group.least} nodes of {' or '.join(types)}"
    region = cluster.region if cluster is not None else None
    prices = [hourly(region, type) if isinstance(region, str) else None for type in types]
    known = [price for price in prices if price is not None]
    hour = None
    if known and len(known) == len(prices) and isinstance(group.least, int):
        hour = min(known) * RESERVED * group.least
    yield AlwaysOn(group.of, "nodes", hour, what)


def _store(facts: Facts, store: Store) -> Iterator[AlwaysOn]:
    aurora = store.engine.startswith("aurora-postgresql")
    for one in servers(facts, store) or (store,):
        hour = None
        if isinstance(one.class_, str) and isinstance(one.region, str) and (store.kind != "database" or aurora):
            hour = hourly(one.region, f"aurora/{one.class_}" if aurora else one.class_)
        # Nobody can commit to brokers.
        share = Decimal(1) if store.kind == "stream" else RESERVED
        if hour is not None:
            hour = hour * share * one.nodes if isinstance(one.nodes, int) else None
        yield AlwaysOn(one.of, "store", hour, f"{one.nodes} x {one.class_}")
