"""The hops outside a cluster: security groups, routes and access-control lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from seawall.analyze.reachability.hop import Hop, Kind
from seawall.facts.facts import Facts
from seawall.facts.network import (
    AclRule,
    Direction,
    Filtered,
    Interface,
    Member,
    Network,
    Permit,
    Protocol,
    Route,
    Routed,
    Subnet,
)
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr, Ports
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Verdict, all_of, any_of, proven, refuted, unknown

EPHEMERAL = Ports(1024, 65535)
"""The ports from which a client may speak. Linux takes 32768-60999; the wider range is what AWS advises to open."""


def subnets(facts: Facts, interface: Interface) -> tuple[tuple[Subnet, ...], tuple[Unknown, ...]]:
    """The subnets of an interface that are in the input, and what is not known of the others."""
    if isinstance(interface.subnets, Unknown):
        return (), (interface.subnets,)
    found: dict[Subnet, None] = {}
    missing: list[Unknown] = []
    for link in interface.subnets:
        if isinstance(link, Unknown):
            missing.append(link)
            continue
        own, gone = _within(facts, link)
        found.update(dict.fromkeys(own))
        missing += gone
    return (
        tuple(sorted(found, key=lambda subnet: subnet.of)),
        tuple(sorted(missing, key=lambda reason: (reason.what, reason.why))),
    )


def _within(facts: Facts, link: Address) -> tuple[list[Subnet], list[Unknown]]:
    """A subnet itself, or the members of a group of subnets."""
    subnet = facts.one(Subnet, of=link)
    if subnet is not None:
        return [subnet], []
    asked = facts.ask(Member, of=link)
    found: list[Subnet] = []
    missing: list[Unknown] = [member.of for member in asked.doubts if isinstance(member.of, Unknown)]
    for member in asked.matches:
        own = facts.one(Subnet, of=member.member) if isinstance(member.member, Address) else None
        if own is not None:
            found.append(own)
        elif isinstance(member.member, Unknown):
            missing.append(member.member)
        else:
            missing.append(Unknown(f"{member.member}", why="the subnet is not in the input"))
    if not asked.matches and not missing:
        missing.append(Unknown(f"{link}", why="the subnet is not in the input"))
    return found, missing


def ranges(facts: Facts, interface: Interface) -> tuple[tuple[Cidr, ...], tuple[Unknown, ...]]:
    """The address ranges in which an interface may be, and what is not known of them."""
    found, missing = subnets(facts, interface)
    known = tuple(subnet.cidr for subnet in found if not isinstance(subnet.cidr, Unknown))
    return known, (*missing, *(subnet.cidr for subnet in found if isinstance(subnet.cidr, Unknown)))


def hops(facts: Facts, source: Interface, target: Interface, port: int, protocol: Protocol) -> Iterator[Hop]:
    """Every hop between two interfaces of private networks, for the worst pair of their subnets."""
    yield _groups(facts, "egress group", "egress", source, target, port, protocol)
    here, here_missing = subnets(facts, source)
    there, there_missing = subnets(facts, target)
    missing = (*here_missing, *there_missing)
    pairs = [(a, b) for a in here for b in there]
    checks: list[tuple[Kind, object]] = [
        ("route", partial(facts.derive, _route)),
        ("egress acl", partial(facts.derive, _acl, "egress", Ports.one(port), protocol)),
        ("ingress acl", partial(facts.derive, _acl_in, "ingress", Ports.one(port), protocol)),
        ("return acl", partial(facts.derive, _return, protocol)),
    ]
    for kind, check in checks:
        yield _worst(kind, pairs, missing, check)
    yield _groups(facts, "ingress group", "ingress", target, source, port, protocol)


def _worst(kind: Kind, pairs: list[tuple[Subnet, Subnet]], missing: tuple[Unknown, ...], check: object) -> Hop:
    assert callable(check)
    answers: list[tuple[Verdict, str]] = [check(a, b) for a, b in pairs]
    verdicts = [verdict for verdict, _ in answers]
    if missing:
        verdicts.append(unknown(*missing))
    if not verdicts:
        return Hop(kind, unknown(Unknown("subnets", why="neither side is in a subnet of the input")), "no subnets")
    overall = all_of(verdicts)
    said = next((says for verdict, says in answers if verdict.answer is overall.answer), "")
    return Hop(kind, overall, said or f"{missing[0].what} is unknown")


def _groups(
    facts: Facts, kind: Kind, direction: Direction, own: Interface, other: Interface, port: int, protocol: Protocol
) -> Hop:
    """Whether the groups of one side let the other side through; one permitting group is enough."""
    if isinstance(own.groups, Unknown):
        return Hop(kind, unknown(own.groups), f"the groups of {own.of} are unknown")
    if not own.groups:
        missing = Unknown(f"{own.of}.security_groups", why="no group is named, so the network's default applies")
        return Hop(kind, unknown(missing), f"{own.of} names no group")
    verdicts: list[Verdict] = []
    for group in own.groups:
        if isinstance(group, Unknown):
            verdicts.append(unknown(group))
            continue
        asked = facts.ask(Permit, group=group)
        if group.is_outside:
            verdicts.append(unknown(Unknown(f"{group}", why="the group is not in the input")))
        for permit in asked.matches:
            if permit.direction == direction:
                verdicts.append(_permits(facts, permit, other, port, protocol))
        for permit in asked.doubts:
            if permit.direction == direction and isinstance(permit.group, Unknown):
                verdicts.append(unknown(permit.group))
    overall = any_of(verdicts)
    names = ", ".join(str(group) for group in own.groups)
    way = "to" if direction == "egress" else "from"
    match overall.answer.value:
        case "proven":
            said = f"{names} permits {protocol} {port} {way} {other.of}"
        case "refuted":
            said = f"{names} permits no {protocol} {port} {way} {other.of}"
        case _:
            said = f"whether {names} permits {protocol} {port} {way} {other.of} is unknown"
    return Hop(kind, overall, said)


def _permits(facts: Facts, permit: Permit, other: Interface, port: int, protocol: Protocol) -> Verdict:
    parts: list[Verdict] = []
    if isinstance(permit.protocol, Unknown):
        parts.append(unknown(permit.protocol))
    elif permit.protocol not in (protocol, "any"):
        return refuted(permit)
    if isinstance(permit.ports, Unknown):
        parts.append(unknown(permit.ports))
    elif permit.protocol != "any" and not permit.ports.contains(port):
        return refuted(permit)
    match permit.peer:
        case Unknown():
            parts.append(unknown(permit.peer))
        case Cidr():
            known, missing = ranges(facts, other)
            if not all(permit.peer.contains(part) for part in known):
                return refuted(permit)
            if missing and permit.peer.prefix != 0:
                parts.append(unknown(*missing))
        case Address():
            if isinstance(other.groups, Unknown):
                parts.append(unknown(other.groups))
            elif permit.peer not in other.groups:
                holes = [group for group in other.groups if isinstance(group, Unknown)]
                if not holes:
                    return refuted(permit)
                parts.append(unknown(*holes))
    return all_of([proven(permit), *parts])


def _table(facts: Facts, subnet: Subnet) -> tuple[Address | None, tuple[Unknown, ...]]:
    """The route table of a subnet: its own, else its network's main one; doubts if an association is not known."""
    return _association(facts, subnet, Routed, "table")


def _association(
    facts: Facts, subnet: Subnet, kind: type[Routed] | type[Filtered], field: str
) -> tuple[Address | None, tuple[Unknown, ...]]:
    asked = facts.ask(kind, of=subnet.of)
    for association in asked.matches:
        link = getattr(association, field)
        return (None, (link,)) if isinstance(link, Unknown) else (link, ())
    doubts = tuple(association.of for association in asked.doubts if isinstance(association.of, Unknown))
    if doubts:
        return None, doubts
    if isinstance(subnet.network, Unknown):
        return None, (subnet.network,)
    default = facts.one(kind, of=subnet.network)
    if default is None:
        return None, (Unknown(f"{subnet.network}", why="the network is not in the input"),)
    link = getattr(default, field)
    return (None, (link,)) if isinstance(link, Unknown) else (link, ())


def _route(facts: Facts, here: Subnet, there: Subnet) -> tuple[Verdict, str]:
    if here.network == there.network and not isinstance(here.network, Unknown):
        return proven(here, there), f"{here.of} and {there.of} are in {here.network}, which routes locally"
    if isinstance(there.cidr, Unknown):
        return unknown(there.cidr), f"the range of {there.of} is unknown"
    forth = best_route(facts, here, there.cidr)
    if isinstance(forth, Unknown):
        return unknown(forth), f"{forth.what} is unknown"
    if forth is None or forth.kind in ("blackhole", "nat", "internet"):
        by = f"it leaves by {forth.kind}" if forth else "no route matches"
        return refuted(*([forth] if forth else [here])), f"no private route from {here.of} to {there.cidr}: {by}"
    if isinstance(here.cidr, Unknown):
        return unknown(here.cidr), f"the range of {here.of} is unknown"
    back = best_route(facts, there, here.cidr)
    if isinstance(back, Unknown):
        return unknown(back), f"{back.what} is unknown"
    if back is None or back.kind in ("blackhole", "nat", "internet"):
        return refuted(there), f"no private route back from {there.of} to {here.cidr}"
    if forth.kind in ("peering", "local") and back.kind in ("peering", "local"):
        return proven(forth, back), f"{here.of} reaches {there.cidr} by {forth.kind}"
    where = Unknown(f"{forth.via}", why=f"what lies behind a {forth.kind} is not in the facts")
    return unknown(where), f"{here.of} reaches {there.cidr} by {forth.kind}"


def best_route(facts: Facts, subnet: Subnet, destination: Cidr) -> Route | Unknown | None:
    """The route by which a subnet reaches a range: the longest prefix wins; None if there is none."""
    table, missing = _table(facts, subnet)
    if table is None:
        return missing[0]
    best: Route | None = None
    length = -1
    doubt: Unknown | None = None
    for route in facts.where(Route, table=table):
        if isinstance(route.destination, Unknown):
            doubt = route.destination
        elif (
            isinstance(route.destination, Cidr)
            and route.destination.contains(destination)
            and route.destination.prefix > length
        ):
            best, length = route, route.destination.prefix
    if isinstance(subnet.network, Address):
        network = facts.one(Network, of=subnet.network)
        if network and not isinstance(network.cidrs, Unknown):
            for own in network.cidrs:
                if own.contains(destination) and own.prefix > length:
                    best, length = Route(table, own, None, "local"), own.prefix
    return best if best is not None else doubt


def _acl(
    facts: Facts, direction: Direction, ports: Ports, protocol: Protocol, here: Subnet, there: Subnet
) -> tuple[Verdict, str]:
    if here.of == there.of:
        return proven(here), f"both are in {here.of}"
    return _listed(facts, here, there, direction, ports, protocol)


def _acl_in(
    facts: Facts, direction: Direction, ports: Ports, protocol: Protocol, here: Subnet, there: Subnet
) -> tuple[Verdict, str]:
    if here.of == there.of:
        return proven(here), f"both are in {here.of}"
    return _listed(facts, there, here, direction, ports, protocol)


def _return(facts: Facts, protocol: Protocol, here: Subnet, there: Subnet) -> tuple[Verdict, str]:
    if here.of == there.of:
        return proven(here), f"both are in {here.of}"
    answers = [
        _listed(facts, there, here, "egress", EPHEMERAL, protocol),
        _listed(facts, here, there, "ingress", EPHEMERAL, protocol),
    ]
    overall = all_of(verdict for verdict, _ in answers)
    said = next(says for verdict, says in answers if verdict.answer is overall.answer)
    return overall, f"the answer's way back: {said}"


def _listed(
    facts: Facts, own: Subnet, other: Subnet, direction: Direction, ports: Ports, protocol: Protocol
) -> tuple[Verdict, str]:
    """What the access-control list of a subnet says of traffic to or from another: the lowest order that matches."""
    acl, missing = _association(facts, own, Filtered, "acl")
    if acl is None:
        return unknown(*missing), f"the access-control list of {own.of} is unknown"
    if isinstance(other.cidr, Unknown):
        return unknown(other.cidr), f"the range of {other.of} is unknown"
    doubts: list[Unknown] = []
    open_ports = [ports]
    for rule in _ordered(facts, acl, direction):
        unknowns = [value for value in (rule.protocol, rule.ports, rule.peer) if isinstance(value, Unknown)]
        if unknowns:
            doubts += unknowns
            continue
        if rule.protocol not in (protocol, "any"):
            continue
        assert isinstance(rule.ports, Ports)
        span = rule.ports if rule.protocol != "any" else Ports(0, 65535)
        if not isinstance(rule.peer, Cidr) or not rule.peer.overlaps(other.cidr):
            continue
        if not any(span.overlaps(part) for part in open_ports):
            continue
        if doubts:
            return unknown(*doubts), f"{acl} has a rule whose {doubts[0].what} is unknown"
        if not rule.allow:
            return refuted(rule), f"rule {rule.order} of {acl} denies {direction} {protocol} {ports}"
        if rule.peer.contains(other.cidr):
            open_ports = list(_without(open_ports, span))
            if not open_ports:
                return proven(rule), f"{acl} allows {direction} {protocol} {ports}"
    if doubts:
        return unknown(*doubts), f"{acl} has a rule whose {doubts[0].what} is unknown"
    left = ", ".join(str(part) for part in open_ports)
    return (
        refuted(Filtered(own.of, acl)),
        f"{acl} allows no {direction} {protocol} {left} between {own.of} and {other.of}",
    )


def _ordered(facts: Facts, acl: Address, direction: Direction) -> list[AclRule]:
    return sorted(
        (rule for rule in facts.where(AclRule, acl=acl) if rule.direction == direction),
        key=lambda rule: rule.order,
    )


def _without(spans: Iterable[Ports], gone: Ports) -> Iterator[Ports]:
    for span in spans:
        if not span.overlaps(gone):
            yield span
            continue
        if span.first < gone.first:
            yield Ports(span.first, gone.first - 1)
        if span.last > gone.last:
            yield Ports(gone.last + 1, span.last)
