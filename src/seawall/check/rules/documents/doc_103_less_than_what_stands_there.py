"""A claimed cost that is less than what stands there day and night."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from seawall.analyze.stores import servers, standing_alone
from seawall.check.rule import Rule
from seawall.facts.compute import Cluster, NodeGroup
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.network import Gateway, Subnet
from seawall.facts.resilience import Claim
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Money
from seawall.knowledge.least_prices import CONTROL_PLANE, HOURS, RESERVED, hourly

RULE = Rule(
    id="DOC-103",
    severity=Severity.HIGH,
    summary="The claimed cost is less than what stands there costs at the least",
    why="what runs day and night is paid for, used or not: no discount, no tuning and no quiet month brings the bill "
    "below it, and a budget that stops things at that sum stops the platform",
    fix="claim what it costs, or take away what the sum does not pay for: a region, a stream, two sizes",
    layers=("documents", "cost"),
    source="https://calculator.aws/",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """The claim of a monthly cost in dollars against the least of what is always on: the shortest month, discounted."""
    for claim in facts.where(Claim, measure="monthly_cost"):
        if not isinstance(claim.value, Money) or claim.value.currency != "USD":
            continue
        lines = list(_standing(facts))
        least = sum((amount for _, amount, _ in lines), Decimal(0))
        if least > claim.value.amount:
            dearest = sorted(lines, key=lambda line: (-line[1], line[0]))
            yield RULE.refuted(
                f"{claim.value} a month are claimed, and what is always on costs {least:,.0f} USD in the shortest "
                "month at the greatest discount",
                *((claim.by,) if claim.by else ()),
                dearest[0][0],
                evidence=[f"{of}: {what}, {amount:,.2f} USD" for of, amount, what in dearest],
            )


def _standing(facts: Facts) -> Iterator[tuple[Address, Decimal, str]]:
    """Each thing that is always on and has a price here, with the least that it costs a month."""
    for cluster in facts.all(Cluster):
        yield cluster.of, CONTROL_PLANE * HOURS, "a control plane"
    for gateway in facts.all(Gateway):
        place = facts.one(Subnet, of=gateway.place) if isinstance(gateway.place, Address) else None
        if gateway.kind == "nat" and place is not None and isinstance(place.zone, str):
            price = hourly(place.zone.rstrip("abcdef"), "nat")
            if price is not None:
                yield gateway.of, price * HOURS, "a NAT gateway"
    for group in facts.all(NodeGroup):
        if group.capacity == "on-demand":
            yield from _nodes(facts, group)
    for store in standing_alone(facts, "cache", "stream", "database"):
        yield from _store(facts, store)


def _nodes(facts: Facts, group: NodeGroup) -> Iterator[tuple[Address, Decimal, str]]:
    cluster = facts.one(Cluster, of=group.cluster) if isinstance(group.cluster, Address) else None
    if cluster is None or not isinstance(cluster.region, str) or not isinstance(group.least, int):
        return
    types = group.types if isinstance(group.types, tuple) else ()
    prices = [hourly(cluster.region, type) for type in types]
    known = [price for price in prices if price is not None]
    if known and len(known) == len(prices) and group.least:
        each = min(known) * HOURS * RESERVED
        yield group.of, each * group.least, f"{group.least} nodes of {' or '.join(types)}"


def _store(facts: Facts, store: Store) -> Iterator[tuple[Address, Decimal, str]]:
    members = servers(facts, store) or (store,)
    for one in members:
        if not isinstance(one.class_, str) or not isinstance(one.region, str) or not isinstance(one.nodes, int):
            continue
        aurora = store.engine.startswith("aurora-postgresql")
        price = hourly(one.region, f"aurora/{one.class_}" if aurora else one.class_)
        if price is None or (store.kind == "database" and not aurora):
            continue
        # Nobody can commit to brokers.
        share = Decimal(1) if store.kind == "stream" else RESERVED
        yield one.of, price * HOURS * share * one.nodes, f"{one.nodes} x {one.class_}"
