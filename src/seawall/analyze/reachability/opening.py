"""The smallest change that opens a path: which policy, rule or entry to add, tried before it is offered.

What may help is written down for each hop that says no, read as if it were there, and the path is asked again; then
every part is left out in turn, and stays out where the path is as open without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from seawall.analyze.reachability.hop import Path
from seawall.analyze.reachability.layers import places_of, together
from seawall.analyze.reachability.places import ranges, subnets
from seawall.analyze.reachability.reach import reach
from seawall.analyze.reachability.targets import behind, pod_port, resolve
from seawall.facts.compute import Workload
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.network import AclRule, Direction, Filtered, Interface, Permit, Protocol, Subnet
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
    before = reach(facts, demand)
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
    return reach(facts.and_also(said), demand)


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
    for leg in _legs(facts, demand):
        for change in _of_leg(facts, leg, shut):
            if change.says in said:
                continue
            said.add(change.says)
            yield _named_anew(change, taken)


def _named_anew(change: Change, taken: set[Address]) -> Change:
    """A change whose new resource has an address that no other of them has."""
    resource, number = change.resource, 1
    while change.does == "add" and resource.address in taken:
        number += 1
        address = Address(f"{change.resource.address}-{number}")
        resource = Resource(address, resource.type, resource.body, resource.origin, resource.region)
    taken.add(resource.address)
    return Change(change.does, resource, change.says)


def _of_leg(facts: Facts, leg: _Leg, shut: set[Any]) -> Iterator[Change]:
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
            if shut & {"egress acl", "ingress acl", "return acl"}:
                for a in subnets(facts, one)[0]:
                    for b in subnets(facts, other_end)[0]:
                        yield from _acl_rules(facts, leg, a, b, shut)


def _short(address: Address) -> str:
    """What a thing is called within the name of something new."""
    name = (address.as_kubernetes() or address.as_terraform() or (address,))[-1]
    return re.sub(r"[^a-z0-9]+", "-", str(name).rpartition(".")[2].lower()).strip("-") or "thing"


def _title(leg: _Leg) -> str:
    return f"{_short(leg.source)}-to-{_short(leg.target)}"


# -- NetworkPolicies


def _policy(
    facts: Facts, leg: _Leg, direction: Direction, own: Workload, other: Workload | None, others: tuple[Interface, ...]
) -> Iterator[Change]:
    """A policy of its own beside those that isolate the pods: policies add up."""
    name = own.of.as_kubernetes()
    if name is None or not own.labels:
        return
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


# -- security groups


def _group_rule(facts: Facts, leg: _Leg, direction: Direction, own: Interface, other: Interface) -> Iterator[Change]:
    """One rule of the first group that is known; it names the other side's group, or else its ranges."""
    group = _first_group(own)
    if group is None:
        return
    peer = _first_group(other)
    ports = {"from_port": leg.port, "to_port": leg.port}
    way = "to" if direction == "egress" else "from"
    if _inline(facts, group, direction):
        whom: list[tuple[str, dict[str, Any]]] = (
            [(str(peer), {"security_groups": [_value(peer)]})]
            if peer is not None
            else [(str(cidr), _inline_range(cidr)) for cidr in ranges(facts, other)[0]]
        )
        for spelled, argument in whom:
            block = {"protocol": leg.protocol, **ports, **argument}
            says = f"a block `{direction}` of {group}: {leg.protocol} {leg.port} {way} {spelled}"
            yield Change("append", Resource(group, "aws_security_group", {direction: [block]}), says)
        return
    type = f"aws_vpc_security_group_{direction}_rule"
    named: list[tuple[str, dict[str, Any]]] = (
        [(str(peer), {"referenced_security_group_id": _value(peer)})]
        if peer is not None
        else [(str(cidr), {f"cidr_ipv{cidr.version}": str(cidr)}) for cidr in ranges(facts, other)[0]]
    )
    for spelled, argument in named:
        body = {"security_group_id": _value(group), **argument, "ip_protocol": leg.protocol, **ports}
        says = f"a rule of {group} that permits {leg.protocol} {leg.port} {way} {spelled}"
        yield Change("add", Resource(_new(group, type, _title(leg)), type, body), says)


def _inline_range(cidr: Cidr) -> dict[str, Any]:
    return {"cidr_blocks" if cidr.version == 4 else "ipv6_cidr_blocks": [str(cidr)]}


def _inline(facts: Facts, group: Address, direction: Direction) -> bool:
    """Whether the group's rules stand within it: Terraform would take away those that stand beside it."""
    return any(permit.by == group and permit.direction == direction for permit in facts.where(Permit, group=group))


def _first_group(interface: Interface) -> Address | None:
    if isinstance(interface.groups, Unknown):
        return None
    return next((group for group in interface.groups if isinstance(group, Address)), None)


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


# -- access-control lists


def _acl_rules(facts: Facts, leg: _Leg, here: Subnet, there: Subnet, shut: set[Any]) -> Iterator[Change]:
    """The rules that a connection needs of the lists on both sides, forth and back."""
    if here.of == there.of:
        return
    wanted = (leg.port, leg.port)
    ways: tuple[tuple[str, Subnet, Subnet, Direction, tuple[int, int]], ...] = (
        ("egress acl", here, there, "egress", wanted),
        ("ingress acl", there, here, "ingress", wanted),
        ("return acl", there, here, "egress", EPHEMERAL),
        ("return acl", here, there, "ingress", EPHEMERAL),
    )
    for kind, own, other, direction, ports in ways:
        acl = _list_of(facts, own)
        if kind in shut and acl is not None and isinstance(other.cidr, Cidr):
            order = _order(facts, acl, direction)
            if order > 0:
                yield _acl_rule(facts, leg, acl, other.cidr, direction, ports, order)


def _list_of(facts: Facts, subnet: Subnet) -> Address | None:
    found = facts.one(Filtered, of=subnet.of)
    if found is None and isinstance(subnet.network, Address):
        found = facts.one(Filtered, of=subnet.network)
    return found.acl if found is not None and isinstance(found.acl, Address) else None


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
