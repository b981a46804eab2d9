"""The smallest change that opens a path: which policy, rule or entry to add, tried before it is offered.

What may help is written down for each hop that says no, read as if it were there, and the path is asked again; then
every part is left out in turn, and stays out where the path is as open without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, Final, Literal

from seawall.analyze.reachability.acls import association
from seawall.analyze.reachability.entrances import doors, exposures_of
from seawall.analyze.reachability.from_internet import answering
from seawall.analyze.reachability.hop import Path
from seawall.analyze.reachability.layers import places_of, together
from seawall.analyze.reachability.lookups import DNS_LABELS, DNS_PORT
from seawall.analyze.reachability.outside_ranges import range_of_end, with_range
from seawall.analyze.reachability.places import ranges, side, subnets
from seawall.analyze.reachability.reach import reach
from seawall.analyze.reachability.targets import behind, pod_port, resolve
from seawall.facts.compute import Workload
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.network import (
    AclRule,
    Direction,
    Filtered,
    Forwards,
    Gateway,
    Interface,
    Listens,
    Member,
    Permit,
    Protocol,
    Route,
    Routed,
    Subnet,
)
from seawall.facts.pod_network import Namespace, Service
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr
from seawall.kernel.value import Ref, Unknown
from seawall.kernel.verdict import Verdict
from seawall.readers.read import read_one

EPHEMERAL: Final = (1024, 65535)
"""The ports from which a client may speak, as AWS advises to open them."""
_POLICY: Final = "networking.k8s.io/v1/NetworkPolicy"
_NAME_LABEL: Final = "kubernetes.io/metadata.name"
_ATTRIBUTES: Final[Mapping[str, str]] = {
    "default-group": "default_security_group_id",
    "default-acl": "default_network_acl_id",
    "main": "main_route_table_id",
    "cluster-group": "vpc_config.0.cluster_security_group_id",
}
"""By which attribute of its owner a thing is named that AWS made for it."""
_MOST: Final = 40
"""How many parts a change may have at the most before it is made smaller; each is tried by itself."""


@dataclass(frozen=True, slots=True)
class Change:
    """One part: a resource to ``add``, or a block to ``append`` to the one of that address that is there."""

    does: Literal["add", "append"]
    resource: Resource
    says: str

    def __str__(self) -> str:
        return self.says


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a path: the changes, what the path answers with them, and what none of them opens."""

    changes: tuple[Change, ...]
    verdict: Verdict
    left: tuple[str, ...]


def smallest(facts: Facts, demand: Reach) -> Opening:
    """The least that lets a demand's connection through, as far as rules can; nothing to do where nothing says no.

    Leaving out any of the changes shuts the path again. Whatever routes, names and listeners refuse is ``left``.
    """
    before = _path(facts, demand)
    if not before.verdict.refuted:
        return Opening((), before.verdict, ())
    changes = list(_candidates(facts, demand, before))[:_MOST]
    best = _standing(_with(facts, changes, demand))
    for change in reversed(tuple(changes)):
        others = [other for other in changes if other is not change]
        if _standing(_with(facts, others, demand)) <= best:
            changes = others
    after = _with(facts, changes, demand)
    left = tuple(dict.fromkeys(str(hop) for hop in after.hops if hop.verdict.refuted))
    return Opening(tuple(changes), after.verdict, left)


def applied(graph: Graph, changes: Iterable[Change]) -> Graph:
    """The graph with the changes made."""
    for change in changes:
        resource = change.resource
        there = graph.get(resource.address)
        if change.does == "append" and there is not None:
            body = dict(there.body)
            for name, blocks in resource.body.items():
                own = body.get(name) or ()
                body[name] = [*(own if isinstance(own, list | tuple) else (own,)), *blocks]
            resource = Resource(there.address, there.type, body, there.origin, there.region, there.meta)
        graph = graph.changed(put=[resource])
    return graph


def _with(facts: Facts, changes: Iterable[Change], demand: Reach) -> Path:
    said = [statement for change in changes for statement in read_one(change.resource)]
    return _path(facts.and_also(said), demand)


def _path(facts: Facts, demand: Reach) -> Path:
    return with_range(facts, demand) or reach(facts, demand)


def _standing(path: Path) -> tuple[int, int]:
    """How far a path is from open: the hops that say no, then those of which nobody knows."""
    answers = [hop.verdict for hop in path.hops]
    return sum(verdict.refuted for verdict in answers), sum(verdict.unknown for verdict in answers)


# -- what may help


@dataclass(frozen=True, slots=True)
class _Leg:
    """One connection that a demand comes to, behind names and services: who to whom on which port."""

    source: Address
    target: Address
    source_pods: Workload | None
    target_pods: Workload | None
    port: int
    protocol: Protocol


def _legs(facts: Facts, demand: Reach) -> Iterator[_Leg]:
    if isinstance(demand.port, Unknown):
        return
    source = facts.one(Workload, of=demand.source)
    for thing in resolve(facts, demand.source, demand.target).things:
        service = facts.one(Service, of=thing)
        if service is None:
            pods = facts.one(Workload, of=thing)
            yield _Leg(demand.source, thing, source, pods, demand.port, demand.protocol)
            continue
        for workload in behind(facts, service):
            port = pod_port(facts, service, workload, demand.port)
            if isinstance(port, int):
                yield _Leg(demand.source, workload.of, source, workload, port, demand.protocol)


def _candidates(facts: Facts, demand: Reach, path: Path) -> Iterator[Change]:
    """Each change once that may open a hop that says no."""
    shut = {hop.kind for hop in path.hops if hop.verdict.refuted}
    taken: set[Address] = set()
    said: set[str] = set()
    cidr = range_of_end(demand.source) or range_of_end(demand.target)
    for change in _within(facts, demand, shut) if cidr is None else _with_addresses(facts, demand, cidr):
        if change.says in said:
            continue
        said.add(change.says)
        yield _named_anew(change, taken)


def _within(facts: Facts, demand: Reach, shut: Set[Any]) -> Iterator[Change]:
    for leg in _legs(facts, demand):
        yield from _of_leg(facts, leg, shut)
        if "dns" in shut:
            yield from _lookups(leg)


def _named_anew(change: Change, taken: set[Address]) -> Change:
    """A change whose new resource has an address that no other of them has."""
    resource, number = change.resource, 1
    while change.does == "add" and resource.address in taken:
        number += 1
        address = Address(f"{change.resource.address}-{number}")
        resource = Resource(address, resource.type, resource.body, resource.origin, resource.region)
    taken.add(resource.address)
    return Change(change.does, resource, change.says)


def _of_leg(facts: Facts, leg: _Leg, shut: Set[Any]) -> Iterator[Change]:
    here = places_of(facts, leg.source_pods or leg.source)
    there = places_of(facts, leg.target_pods or leg.target)
    sides: tuple[tuple[Direction, Workload | None, Workload | None, tuple[Interface, ...]], ...] = (
        ("egress", leg.source_pods, leg.target_pods, there),
        ("ingress", leg.target_pods, leg.source_pods, here),
    )
    for direction, own, other, others in sides:
        if own is not None and f"{direction} policy" in shut:
            yield from _policy(facts, leg, direction, own, other, others)
    for one in here:
        for other_end in there:
            if "egress group" in shut:
                yield from _group_rule(facts, leg, "egress", one, other_end)
            if "ingress group" in shut:
                yield from _group_rule(facts, leg, "ingress", other_end, one)
            for a in subnets(facts, one)[0]:
                for b in subnets(facts, other_end)[0]:
                    if "route" in shut:
                        yield from _routes(facts, a, b)
                        yield from _routes(facts, b, a)
                    if shut & {"egress acl", "ingress acl", "return acl"}:
                        yield from _acl_rules(facts, leg, a, b, shut)


def _with_addresses(facts: Facts, demand: Reach, cidr: Cidr) -> Iterator[Change]:
    """What may let a range of the internet's addresses in to a thing, or a thing out to them.

    From there a thing is asked at an address of its own, or at that of what stands in front of it.
    """
    if isinstance(demand.port, Unknown):
        return
    if range_of_end(demand.source) is None:
        pods = facts.one(Workload, of=demand.source)
        leg = _Leg(demand.source, Address(str(cidr)), pods, None, demand.port, demand.protocol)
        if pods is not None:
            yield from _policy_of(leg, "egress", pods, [{"ipBlock": {"cidr": str(cidr)}}], str(cidr))
        for own in places_of(facts, pods or demand.source):
            yield from _door(facts, leg, "egress", own, cidr)
        return
    asked = [
        each
        for thing in resolve(facts, demand.source, demand.target).things
        for each in answering(facts, thing, demand.port)
    ]
    fronts = _fronts(facts, (of for of, _ in asked))
    heard = [(front, each.ports) for front in fronts for each in facts.where(Listens, of=front)]
    ports = [(front, one.first) for front, one in heard if not isinstance(one, Unknown) and one.first == one.last]
    for of, port in (*asked, *ports):
        leg = _Leg(Address(str(cidr)), of, None, None, port, demand.protocol)
        for own in doors(facts, of):
            if own.public is not False:
                yield from _door(facts, leg, "ingress", own, cidr)
    for front in fronts:
        for of, port in asked:
            yield from _within(facts, Reach(front, of, port, demand.protocol), _BY_RULES)


_BY_RULES: Final = frozenset(
    {"ingress policy", "egress group", "egress acl", "ingress acl", "return acl", "ingress group"}
)


def _fronts(facts: Facts, things: Iterable[Address]) -> tuple[Address, ...]:
    """What the internet may ask that stands in front of these."""
    found = {way.through[0] for of in things for way in exposures_of(facts, of) if way.through}
    if not found:
        # Nobody of the internet is let in yet: what stands in front may be any public thing that passes on.
        passing = {each.of for each in facts.all(Forwards) if isinstance(each.of, Address)}
        owners = {each.of for listener in passing for each in facts.where(Member, member=listener)}
        passing |= {of for of in owners if isinstance(of, Address)}
        found = {of for of in passing if any(own.public is not False for own in doors(facts, of))}
    return tuple(sorted(found))[:_MOST_FRONTS]


_MOST_FRONTS: Final = 6
"""How many things in front are tried at the most."""


def _door(facts: Facts, leg: _Leg, direction: Direction, own: Interface, cidr: Cidr) -> Iterator[Change]:
    """What lets a range through at one interface: a rule of its group, and entries of the lists of its subnets."""
    yield from _rule(facts, leg, direction, own, ((str(cidr), cidr),))
    back: Direction = "ingress" if direction == "egress" else "egress"
    wanted, answers = (leg.port, leg.port), EPHEMERAL if leg.protocol != "icmp" else (0, 0)
    for subnet in subnets(facts, own)[0]:
        acl = association(facts, subnet, Filtered)[0]
        for way, ports in ((direction, wanted), (back, answers)):
            if acl is not None and (order := _order(facts, acl, way)) > 0:
                yield _acl_rule(facts, leg, acl, cidr, way, ports, order)


def _short(address: Address) -> str:
    """What a thing is called within the name of something new."""
    if range_of_end(address) is not None:
        return f"range-{re.sub('[^a-z0-9]+', '-', address.lower()).strip('-')}"
    name = (address.as_kubernetes() or address.as_terraform() or (address,))[-1]
    return re.sub(r"[^a-z0-9]+", "-", str(name).rpartition(".")[2].lower()).strip("-") or "thing"


def _title(leg: _Leg) -> str:
    return f"{_short(leg.source)}-to-{_short(leg.target)}"


# -- NetworkPolicies


def _policy(
    facts: Facts, leg: _Leg, direction: Direction, own: Workload, other: Workload | None, others: tuple[Interface, ...]
) -> Iterator[Change]:
    """A policy of its own beside those that isolate the pods: policies add up."""
    peers: list[dict[str, Any]]
    if other is not None and together(own, other):
        peer: dict[str, Any] = {"podSelector": {"matchLabels": dict(other.labels)}}
        if other.namespace != own.namespace:
            space = facts.one(Namespace, of=other.namespace)
            where = space.name if space is not None else str(other.namespace).rpartition("/")[2]
            peer = {"namespaceSelector": {"matchLabels": {_NAME_LABEL: where}}, **peer}
        peers = [peer]
        whom = str(other.of)
    else:
        found = dict.fromkeys(cidr for interface in others for cidr in ranges(facts, interface)[0])
        if not found:
            return
        peers = [{"ipBlock": {"cidr": str(cidr)}} for cidr in found]
        whom = ", ".join(map(str, found))
    yield from _policy_of(leg, direction, own, peers, whom)


def _policy_of(
    leg: _Leg, direction: Direction, own: Workload, peers: list[dict[str, Any]], whom: str
) -> Iterator[Change]:
    name = own.of.as_kubernetes()
    if name is None or not own.labels:
        return
    title = f"{_title(leg)}-{direction}"[:63].rstrip("-")
    port: dict[str, Any] = {"protocol": leg.protocol.upper(), "port": leg.port}
    side = "to" if direction == "egress" else "from"
    body = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": title, "namespace": name.namespace},
        "spec": {
            "podSelector": {"matchLabels": dict(own.labels)},
            "policyTypes": [direction.capitalize()],
            direction: [{side: peers, "ports": [port]}],
        },
    }
    address = Address.kubernetes(name.cluster, "NetworkPolicy", name.namespace, title)
    way = "out to" if direction == "egress" else "in from"
    says = f"a NetworkPolicy that lets pods of {own.of} {way} {whom} on {leg.protocol} {leg.port}"
    yield Change("add", Resource(address, _POLICY, body), says)


def _lookups(leg: _Leg) -> Iterator[Change]:
    """A policy that lets pods ask the cluster's DNS."""
    own = leg.source_pods
    name = own.of.as_kubernetes() if own is not None else None
    if own is None or name is None or not own.labels:
        return
    peer = {
        "namespaceSelector": {"matchLabels": {_NAME_LABEL: "kube-system"}},
        "podSelector": {"matchLabels": dict(DNS_LABELS)},
    }
    title = f"{_short(own.of)}-to-dns"[:63].rstrip("-")
    body = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": title, "namespace": name.namespace},
        "spec": {
            "podSelector": {"matchLabels": dict(own.labels)},
            "policyTypes": ["Egress"],
            "egress": [{"to": [peer], "ports": [{"protocol": each, "port": DNS_PORT} for each in ("UDP", "TCP")]}],
        },
    }
    address = Address.kubernetes(name.cluster, "NetworkPolicy", name.namespace, title)
    says = f"a NetworkPolicy that lets pods of {own.of} ask the cluster's DNS"
    yield Change("add", Resource(address, _POLICY, body), says)


# -- security groups


def _group_rule(facts: Facts, leg: _Leg, direction: Direction, own: Interface, other: Interface) -> Iterator[Change]:
    """A rule of the first group that is known."""
    yield from _rule(facts, leg, direction, own, _peers(facts, own, other))


def _rule(
    facts: Facts, leg: _Leg, direction: Direction, own: Interface, peers: Iterable[tuple[str, Address | Cidr]]
) -> Iterator[Change]:
    group = _first_group(facts, own)
    if group is None or group.as_kubernetes() is not None:
        return
    way = "to" if direction == "egress" else "from"
    # Of ICMP a group has the type in the place of the first port, and the code of it in that of the last.
    rule = {"from_port": leg.port, "to_port": leg.port if leg.protocol != "icmp" else -1}
    for spelled, peer in peers:
        if _inline(facts, group, direction):
            block = {"protocol": leg.protocol, **rule, **_inline_peer(peer, group)}
            says = f"a block `{direction}` of {group}: {leg.protocol} {leg.port} {way} {spelled}"
            yield Change("append", Resource(group, _type(group), {direction: [block]}), says)
            continue
        type = f"aws_vpc_security_group_{direction}_rule"
        whom = {f"cidr_ipv{peer.version}": str(peer)} if isinstance(peer, Cidr) else {_REFERRED: _value(peer)}
        body = {"security_group_id": _value(group), **whom, "ip_protocol": leg.protocol, **rule}
        says = f"a rule of {group} that permits {leg.protocol} {leg.port} {way} {spelled}"
        yield Change("add", Resource(_new(group, type, _title(leg)), type, body), says)


_REFERRED: Final = "referenced_security_group_id"


def _peers(facts: Facts, own: Interface, other: Interface) -> Iterator[tuple[str, Address | Cidr]]:
    """Whom a rule names: the other side's group; its ranges where it has none, or where a group may mean nothing.

    A group of another network means something only across a peering within a region.
    """
    peer = _first_group(facts, other)
    if peer is not None:
        yield str(peer), peer
    networks = [{subnet.network for subnet in subnets(facts, each)[0]} for each in (own, other)]
    if peer is None or networks[0] != networks[1]:
        yield from ((str(cidr), cidr) for cidr in ranges(facts, other)[0])


def _inline_peer(peer: Address | Cidr, group: Address) -> dict[str, Any]:
    if isinstance(peer, Cidr):
        return {"cidr_blocks" if peer.version == 4 else "ipv6_cidr_blocks": [str(peer)]}
    # A resource of Terraform's cannot refer to itself.
    return {"self": True} if peer == group else {"security_groups": [_value(peer)]}


def _inline(facts: Facts, group: Address, direction: Direction) -> bool:
    """Whether the group's rules stand within it: Terraform would take away those that stand beside it.

    Those of a default group that is taken over always do.
    Source: the provider's page on `aws_default_security_group`.
    """
    if _type(group) == "aws_default_security_group":
        return True
    return any(permit.by == group and permit.direction == direction for permit in facts.where(Permit, group=group))


def _type(group: Address) -> str:
    named = group.as_terraform()
    return named.type if named is not None and "//" not in group else "aws_security_group"


def _first_group(facts: Facts, interface: Interface) -> Address | None:
    """The first group that guards a thing: one that it names, or its network's default one, whoever keeps that."""
    return next(iter(side(facts, interface).groups), None)


def _value(of: Address) -> Ref | str:
    """How a body names a thing: a reference, or the literal id that is all the input knows of it."""
    if of.is_outside:
        return str(of).removeprefix("outside:")
    implied = str(of).partition("//")[2]
    return Ref(of.owner, _ATTRIBUTES.get(implied, "id"))


def _new(beside: Address, type: str, title: str) -> Address:
    """An address for something new in the stack of something that is there."""
    name = title.replace("-", "_")
    place = beside.as_terraform()
    if place is not None:
        return Address.terraform(place.region, place.stack, f"{type}.{name}")
    return Address(f"{beside.partition('/')[0]}/{name}")


# -- routes


def _routes(facts: Facts, own: Subnet, other: Subnet) -> Iterator[Change]:
    """A route through the peering that joins two networks already, where the table of the one has none."""
    table = association(facts, own, Routed)[0]
    if table is None or own.network == other.network or not isinstance(other.cidr, Cidr):
        return
    for gateway in facts.all(Gateway):
        if gateway.kind != "peering" or {gateway.place, gateway.peer} != {own.network, other.network}:
            continue
        side = "cidr_block" if other.cidr.version == 4 else "ipv6_cidr_block"
        through = {"vpc_peering_connection_id": _value(gateway.of)}
        says = f"a route of {table} to {other.cidr} through {gateway.of}"
        if any(route.by == table and route.kind != "local" for route in facts.where(Route, table=table)):
            block = {side: str(other.cidr), **through}
            yield Change("append", Resource(table, "aws_route_table", {"route": [block]}), says)
            continue
        body = {"route_table_id": _value(table), f"destination_{side}": str(other.cidr), **through}
        title = f"{_short(own.of)}-to-{_short(other.of)}"
        yield Change("add", Resource(_new(table, "aws_route", title), "aws_route", body), says)


# -- access-control lists


def _acl_rules(facts: Facts, leg: _Leg, here: Subnet, there: Subnet, shut: Set[Any]) -> Iterator[Change]:
    """The rules that a connection needs of the lists on both sides, forth and back."""
    if here.of == there.of:
        return
    wanted, answers = (leg.port, leg.port), EPHEMERAL if leg.protocol != "icmp" else (0, 0)
    ways: tuple[tuple[str, Subnet, Subnet, Direction, tuple[int, int]], ...] = (
        ("egress acl", here, there, "egress", wanted),
        ("ingress acl", there, here, "ingress", wanted),
        ("return acl", there, here, "egress", answers),
        ("return acl", here, there, "ingress", answers),
    )
    for kind, own, other, direction, ports in ways:
        acl = association(facts, own, Filtered)[0]
        if kind in shut and acl is not None and isinstance(other.cidr, Cidr):
            order = _order(facts, acl, direction)
            if order > 0:
                yield _acl_rule(facts, leg, acl, other.cidr, direction, ports, order)


def _order(facts: Facts, acl: Address, direction: Direction) -> int:
    """A free number before whatever denies, for the lowest decides; 0 if there is none."""
    rules = [rule for rule in facts.where(AclRule, acl=acl) if rule.direction == direction]
    taken = {rule.order for rule in rules}
    denying = [rule.order for rule in rules if not rule.allow and not isinstance(rule.order, Unknown)]
    order = min(denying) - 1 if denying else 100
    while order in taken:
        order -= 1
    return max(order, 0)


def _acl_rule(
    facts: Facts, leg: _Leg, acl: Address, other: Cidr, direction: Direction, ports: tuple[int, int], order: int
) -> Change:
    side = "cidr_block" if other.version == 4 else "ipv6_cidr_block"
    first, last = ports
    spelled = str(first) if first == last else f"{first}-{last}"
    way = "out to" if direction == "egress" else "in from"
    says = f"an entry {order} of {acl} that lets {leg.protocol} {spelled} {way} {other}"
    common: dict[str, Any] = {side: str(other), "protocol": leg.protocol, "from_port": first, "to_port": last}
    if leg.protocol == "icmp":
        common |= {"from_port": 0, "to_port": 0, "icmp_type": first, "icmp_code": -1}
    if any(rule.by == acl and rule.direction == direction for rule in facts.where(AclRule, acl=acl)):
        block = {"rule_no": order, "action": "allow", **common}
        return Change("append", Resource(acl, "aws_network_acl", {direction: [block]}), says)
    body = {
        "network_acl_id": _value(acl),
        "rule_number": order,
        "egress": direction == "egress",
        "rule_action": "allow",
        **common,
    }
    address = _new(acl, "aws_network_acl_rule", f"{_title(leg)}-{direction}-{order}")
    return Change("add", Resource(address, "aws_network_acl_rule", body), says)
