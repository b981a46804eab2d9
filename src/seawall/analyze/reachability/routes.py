"""Routes: the longest prefix wins, a way there needs a way back, and peerings lead no further than one network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

from seawall.analyze.reachability.acls import association
from seawall.analyze.reachability.groups import among
from seawall.analyze.reachability.places import Ranges, Spot, listed, network_ranges, parted
from seawall.analyze.reachability.traffic import ALL_OPEN, EVERYTHING, SHUT, Open
from seawall.analyze.unread import unread
from seawall.facts.fact import Fact, Known, Link
from seawall.facts.facts import Facts
from seawall.facts.network import (
    Accepted,
    Attached,
    Gateway,
    Network,
    PerhapsNone,
    Propagates,
    Route,
    Routed,
    Subnet,
    Transit,
)
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr
from seawall.kernel.value import Unknown


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """Whether packets get from one subnet to another: all or none of them, in what words, and what says so.

    ``refers`` is whether a security group at one end may be named at the other, ``passes`` the subnets in between.
    """

    open: Open
    says: str
    because: tuple[Fact, ...] = ()
    refers: Open = ALL_OPEN
    passes: tuple[Subnet, ...] = ()

    def then(self, other: Way) -> Way:
        """This way and then another one; the words are of the one that says no, or else may."""
        open = self.open.both(other.open)
        worse = other if _rank(other.open) < _rank(self.open) else self
        because = (*self.because, *other.because) if open.sure else worse.because
        return Way(open, worse.says, because, self.refers.both(other.refers))


def _rank(open: Open) -> int:
    return 2 if open.sure else 1 if open.may else 0


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The route that a table chooses for some addresses, None if it has none, and what may be chosen instead."""

    parts: tuple[Cidr, ...]
    route: Route | None
    doubts: tuple[tuple[Route, Unknown], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """A route to a known range; of two of one length the lower rank wins."""

    cidr: Cidr
    rank: int
    route: Route
    doubt: Unknown | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """The routes of a table as entries, and those of which nobody knows where they lead from."""

    entries: tuple[_Entry, ...]
    doubts: tuple[tuple[Route, Unknown], ...]


# Source: https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html#route-tables-priority
_STATIC, _LOCAL, _LISTED, _PROPAGATED = range(4)
_EVERYWHERE: Final = (Cidr.parse("0.0.0.0/0"), Cidr.parse("::/0"))
# What a route may lead to that is more specific than the local one. Source: the same, "Local route".
_OVER_LOCAL: Final = frozenset(("nat", "endpoint", "unknown"))


def _table(facts: Facts, table: Address, network: Link) -> _Table:
    entries: list[_Entry] = []
    doubts: list[tuple[Route, Unknown]] = []
    asked = facts.ask(Route, table=table)
    for route in (*asked.matches, *asked.doubts):
        perhaps = facts.one(PerhapsNone, of=route.by) if route.by != table.owner else None
        doubt = route.table if isinstance(route.table, Unknown) else perhaps.count if perhaps else None
        match route.destination:
            case Unknown():
                doubts.append((route, route.destination))
            case Cidr():
                rank = _LOCAL if route.kind == "local" else _STATIC
                entries.append(_Entry(route.destination, rank, route, doubt))
            case _:
                found = listed(facts, Address(route.destination)) or _of_network(facts, Address(route.destination))
                known, missing, internet = found or ((), (_nothing_of(Address(route.destination)),), False)
                entries += [_Entry(cidr, _LISTED, route, doubt) for cidr in known]
                # What lists hold that AWS keeps is of the internet, where another way leads to the same.
                doubts += [(route, reason) for reason in missing if not internet]
    if isinstance(network, Address):
        system = network.implied("system-routes")
        if table != system and facts.where(Route, table=system):
            # Azure's own routes stand beside those of a table, and give way where both lead to one range.
            more = facts.derive(_table, system, network)
            entries += [replace(entry, rank=_PROPAGATED) for entry in more.entries if entry.rank != _LOCAL]
            doubts += more.doubts
        for version in (4, 6):
            own = network_ranges(facts, network, version)
            known = own.cidrs if not own.because else (*own.cidrs, *_of_subnets(facts, network, version))
            entries += [_Entry(cidr, _LOCAL, Route(table, cidr, None, "local")) for cidr in known]
            doubts += [(Route(table, reason, None, "local"), reason) for reason in own.because]
    # A module that is given a table's id may add routes to it, which matters where it has none.
    for reason in unread(facts):
        entries += [_Entry(every, _LISTED, Route(table, every, None, "unknown"), reason) for every in _EVERYWHERE]
    return _Table(tuple(entries), tuple(doubts))


def _of_network(facts: Facts, network: Address) -> tuple[tuple[Cidr, ...], tuple[Unknown, ...], bool] | None:
    """The ranges of a network that a route leads to whole, as Azure's own routes to a peer do."""
    if facts.one(Network, of=network) is None:
        return None
    parts = [network_ranges(facts, network, version) for version in (4, 6)]
    missing = tuple(dict.fromkeys(reason for part in parts for reason in part.because))
    return tuple(cidr for part in parts for cidr in part.cidrs), missing, False


def _of_subnets(facts: Facts, network: Address, version: int) -> Iterator[Cidr]:
    """The ranges of a network's subnets, which are its own, whatever else is."""
    for subnet in facts.where(Subnet, network=network):
        cidr = subnet.cidr if version == 4 else subnet.cidr6
        if isinstance(cidr, Cidr):
            yield cidr


def _nothing_of(thing: Address) -> Unknown:
    return Unknown(f"{thing}", why="it is not in the input")


def _choose(table: _Table, parts: tuple[Cidr, ...]) -> Choice:
    """The route for addresses that all lie inside or all outside of each entry."""
    fitting = [entry for entry in table.entries if entry.cidr.contains(parts[0])]
    if any(entry.rank == _LOCAL for entry in fitting):
        fitting = [entry for entry in fitting if entry.route.kind == "local" or entry.route.kind in _OVER_LOCAL]
    sure = [entry for entry in fitting if entry.doubt is None]
    best = min(sure, key=lambda entry: (-entry.cidr.prefix, entry.rank), default=None)
    doubts: list[tuple[Route, Unknown]] = [
        (entry.route, entry.doubt)
        for entry in fitting
        if entry.doubt is not None and (best is None or entry.cidr.prefix > best.cidr.prefix)
    ]
    for route, reason in table.doubts:
        local = best is not None and best.route.kind == "local"
        same = best is not None and best.route.kind == route.kind and best.route.via == route.via
        if not same and not (local and route.kind not in _OVER_LOCAL):
            doubts.append((route, reason))
    return Choice(parts, None if best is None else best.route, tuple(doubts))


def best_route(facts: Facts, subnet: Subnet, destination: Cidr) -> Route | Unknown | None:
    """The route by which a subnet reaches all of a range: the longest prefix wins; None if there is none."""
    table, missing = association(facts, subnet, Routed)
    if table is None:
        return missing[0]
    choice = _choose(facts.derive(_table, table, subnet.network), (destination,))
    doubts = [reason for route, reason in choice.doubts if route.kind != "local"]
    return doubts[0] if choice.route is None and doubts else choice.route


def choices(facts: Facts, subnet: Subnet, ranges: Ranges) -> tuple[Choice, ...] | tuple[Unknown, ...]:
    """What the table of a subnet chooses for some addresses, once for each part of them that differs."""
    table, missing = association(facts, subnet, Routed)
    if table is None:
        return missing
    return facts.derive(_choices, table, subnet.network, ranges)


def _choices(facts: Facts, table: Address, network: Link, ranges: Ranges) -> tuple[Choice, ...]:
    found = facts.derive(_table, table, network)
    borders = [entry.cidr for entry in found.entries]
    return tuple(_choose(found, parts) for parts in parted(ranges.cidrs, borders).values())


def leads(facts: Facts, subnet: Subnet, gateway: Address) -> Open:
    """Whether the table of a subnet has a route to a gateway: all traffic or none."""
    table, missing = association(facts, subnet, Routed)
    if table is None:
        return Open.doubtful(EVERYTHING, *missing)
    asked = facts.ask(Route, table=table)
    if any(route.via == gateway for route in asked.matches):
        return ALL_OPEN
    doubts = [route.table for route in asked.doubts if route.via == gateway and isinstance(route.table, Unknown)]
    doubts += [route.via for route in asked.matches if isinstance(route.via, Unknown)]
    return Open.doubtful(EVERYTHING, *doubts) if doubts else SHUT


def borders(facts: Facts, subnet: Subnet) -> tuple[Cidr, ...]:
    """The ranges that the routes of a subnet are for, and those of the transit gateways that they may lead to."""
    table, _ = association(facts, subnet, Routed)
    if table is None:
        return ()
    entries = facts.derive(_table, table, subnet.network).entries
    found = tuple(entry.cidr for entry in entries)
    beyond = any(entry.route.kind == "transit" for entry in entries)
    return (*found, *facts.derive(_of_transits)) if beyond else found


def _of_transits(facts: Facts) -> tuple[Cidr, ...]:
    """Every range that a route to or from a transit gateway's attachment may be for."""
    stated = [route.destination for route in facts.all(Route) if route.kind in ("transit", "blackhole")]
    told = [cidr for network in facts.all(Network) for version in (4, 6) for cidr in _known(facts, network, version)]
    return tuple(dict.fromkeys((*(cidr for cidr in stated if isinstance(cidr, Cidr)), *told)))


def _known(facts: Facts, network: Network, version: int) -> tuple[Cidr, ...]:
    return network_ranges(facts, network.of, version).cidrs


def passed(facts: Facts, subnet: Subnet) -> tuple[Subnet, ...]:
    """The subnets of the NAT gateways by which a subnet leaves, whose routes and lists count as well."""
    table, _ = association(facts, subnet, Routed)
    if table is None:
        return ()
    entries = facts.derive(_table, table, subnet.network).entries
    gateways = [
        gateway
        for entry in entries
        if entry.route.kind == "nat" and isinstance(entry.route.via, Address)
        for gateway in facts.where(Gateway, of=entry.route.via)
    ]
    found = [place for gateway in gateways for place in facts.where(Subnet, of=gateway.place)]
    return tuple(dict.fromkeys(found))


def between(facts: Facts, here: Spot, there: Spot, version: int) -> Way:
    """The way from all addresses of one subnet to all of another and back; both have some of that version."""
    return facts.derive(_between, here, there, version)


def _between(facts: Facts, here: Spot, there: Spot, version: int) -> Way:
    mine, theirs = here.ranges(version), there.ranges(version)
    assert mine is not None
    assert theirs is not None
    forth = one_way(facts, here, there, theirs, version)
    if here.subnet.of == there.subnet.of:
        return forth
    back = one_way(facts, there, here, mine, version)
    if back.open.sure:
        return forth.then(back)
    return forth.then(Way(back.open, f"the way back: {back.says}", back.because, back.refers))


def one_way(facts: Facts, here: Spot, there: Spot, ranges: Ranges, version: int) -> Way:
    """The way from a subnet to all of some addresses of another one."""
    own, other = here.subnet, there.subnet
    if own.of == other.of:
        return Way(ALL_OPEN, f"both are in {own.of}", (own,))
    for network in (own.network, other.network):
        if isinstance(network, Unknown):
            return Way(Open.doubtful(EVERYTHING, network), f"{network.what} is unknown")
    ways = [
        Way(Open.doubtful(EVERYTHING, each), f"which table {own.of} uses is unknown: {each.what}")
        if isinstance(each, Unknown)
        else _chosen(facts, own, other, each)
        for each in choices(facts, own, ranges)
    ]
    return _together(ways, ranges)


def _together(ways: list[Way], ranges: Ranges) -> Way:
    open = among([way.open for way in ways], ranges)
    worst = min(ways, key=lambda way: _rank(way.open))
    passes = tuple(dict.fromkeys(subnet for way in ways for subnet in way.passes))
    return Way(open, worst.says, worst.because, reduce(Open.both, (way.refers for way in ways)), passes)


def _chosen(facts: Facts, own: Subnet, other: Subnet, choice: Choice) -> Way:
    """Where the chosen route leads; one that may be chosen instead and leads elsewhere makes it doubtful."""
    way = _along(facts, own, other, choice.parts, choice.route)
    for route, reason in choice.doubts:
        if route.kind == "local" and own.network != other.network:
            continue  # what is joined has no range in common
        if route.kind == "vpn" and way.open.sure:
            continue  # what a VPN tells of leads to somebody's own network
        else_ = _along(facts, own, other, choice.parts, route)
        if else_.open.sure.spans != way.open.sure.spans or not way.open.sure:
            may = way.open.may | else_.open.may
            if not may:
                continue
            because = tuple(dict.fromkeys((*way.open.because, reason)))
            way = Way(Open.doubtful(may, *because), f"{way.says}, but {reason.what} is unknown", way.because)
    return way


def _along(facts: Facts, own: Subnet, other: Subnet, parts: tuple[Cidr, ...], route: Route | None) -> Way:
    to = f"{other.of} ({parts[0]})"
    if route is None:
        return Way(SHUT, f"no route from {own.of} to {to}", (own,))
    says = f"{own.of} reaches {to} by {_called(route)}"
    match route.kind:
        case "local":
            if own.network == other.network:
                return Way(ALL_OPEN, f"{own.of} and {other.of} are in {own.network}, which routes locally", (route,))
            return Way(SHUT, f"the range of {to} is one of {own.network} too, so it is sought there", (route,))
        case "blackhole" | "internet" | "egress-only":
            return Way(SHUT, f"no private route from {own.of} to {to}: it leaves by {_called(route)}", (route,))
        case "nat":
            gateway = facts.one(Gateway, of=route.via) if isinstance(route.via, Address) else None
            if gateway is None or gateway.public is True:
                return Way(SHUT, f"no private route from {own.of} to {to}: it leaves by {_called(route)}", (route,))
            return _beyond(route, says)
        case "peering":
            return _peering(facts, own, other, route, says)
        case "transit":
            return _transit(facts, own, other, parts, route, says)
        case _:
            return _beyond(route, says)


def _called(route: Route) -> str:
    via = f" {route.via}" if isinstance(route.via, Address) else ""
    return f"{route.kind}{via}"


def _beyond(route: Route, says: str) -> Way:
    reason = (
        route.via
        if isinstance(route.via, Unknown)
        else Unknown(f"{route.via}", why=f"what lies behind a route of kind {route.kind} is not in the facts")
    )
    return Way(Open.doubtful(EVERYTHING, reason), f"{says}; what lies behind it is not known", (route,))


def _peering(facts: Facts, own: Subnet, other: Subnet, route: Route, says: str) -> Way:
    if isinstance(route.via, Unknown):
        return _beyond(route, says)
    gateway = facts.one(Gateway, of=route.via) if route.via is not None else None
    if gateway is None:
        reason = Unknown(f"{route.via}", why="the peering is not in the input")
        return Way(Open.doubtful(EVERYTHING, reason), f"{says}, which is not in the input", (route,))
    ends = (gateway.place, gateway.peer)
    for end in ends:
        if isinstance(end, Unknown):
            return Way(Open.doubtful(EVERYTHING, end), f"{says}, of which {end.what} is unknown", (route,))
    if {own.network, other.network} != set(ends):
        outside = [end for end in ends if isinstance(end, Address) and end.is_outside]
        if outside and own.network in ends:
            reason = Unknown(f"{outside[0]}", why="the network is not in the input")
            return Way(Open.doubtful(EVERYTHING, reason), f"{says}, which leads to {outside[0]}", (route,))
        said = f"{_called(route)} joins {gateway.place} and {gateway.peer} and leads no further"
        return Way(SHUT, f"{said}: not to {other.network}", (route, gateway))
    refers = _same_region(facts, own.network, other.network)
    if gateway.ready is not True and not facts.where(Accepted, of=gateway.of):
        ready = gateway.ready
        reason = ready if isinstance(ready, Unknown) else Unknown(f"{gateway.of}", why="it has to be accepted")
        return Way(Open.doubtful(EVERYTHING, reason), f"{says}, if it is accepted", (route,), refers)
    return Way(ALL_OPEN, says, (route,), refers)


def _same_region(facts: Facts, one: Link, other: Link) -> Open:
    """A group may be named across a peering within one region only.

    Source: https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html
    """
    regions = [network.region for of in (one, other) for network in facts.where(Network, of=of)]
    for region in regions:
        if isinstance(region, Unknown):
            return Open.doubtful(EVERYTHING, region)
    return ALL_OPEN if len(set(regions)) < 2 else SHUT


def _transit(facts: Facts, own: Subnet, other: Subnet, parts: tuple[Cidr, ...], route: Route, says: str) -> Way:
    if not isinstance(route.via, Address):
        return _beyond(route, says)
    asked = facts.ask(Attached, gateway=route.via)
    mine = [each for each in asked.matches if each.place == own.network]
    if not mine:
        doubts = [each.gateway for each in asked.doubts if isinstance(each.gateway, Unknown)]
        doubts += [each.place for each in asked.matches if isinstance(each.place, Unknown)]
        if route.via.is_outside or facts.one(Transit, of=route.via) is None:
            doubts.append(Unknown(f"{route.via}", why="the transit gateway is not in the input"))
        if doubts:
            return Way(Open.doubtful(EVERYTHING, *doubts), f"{says}; to whom that leads is not known", (route,))
        return Way(SHUT, f"{own.network} is not attached to {route.via}", (route,))
    return reduce(_better, (_from_attachment(facts, own, other, parts, route, each, says) for each in mine))


def _better(one: Way, other: Way) -> Way:
    return other if _rank(other.open) > _rank(one.open) else one


def _from_attachment(
    facts: Facts, own: Subnet, other: Subnet, parts: tuple[Cidr, ...], route: Route, attached: Attached, says: str
) -> Way:
    zone = _zone_served(facts, own, attached)
    if zone is False:
        # Source: https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
        return Way(SHUT, f"{attached.of} has no subnet in {own.zone}, so that {own.of} does not reach it", (route,))
    gateway = attached.gateway
    assert isinstance(gateway, Address)
    reached = _forwarded(facts, gateway, attached, other, parts, 0)
    transit = facts.one(Transit, of=gateway)
    refers = _flag(transit.references if transit is not None else False)
    open = reached.open if zone is True else reached.open.both(Open.doubtful(EVERYTHING, zone))
    return Way(open, reached.says if not reached.open.sure else says, (route, *reached.because), refers)


def _flag(value: Known[bool]) -> Open:
    if isinstance(value, Unknown):
        return Open.doubtful(EVERYTHING, value)
    return ALL_OPEN if value else SHUT


def _zone_served(facts: Facts, own: Subnet, attached: Attached) -> bool | Unknown:
    if isinstance(attached.subnets, Unknown):
        return attached.subnets
    doubt: Unknown | None = None
    for link in attached.subnets:
        found = facts.one(Subnet, of=link) if isinstance(link, Address) else None
        if isinstance(link, Unknown):
            doubt = link
        elif found is None:
            doubt = Unknown(f"{link}", why="the subnet is not in the input")
        elif found.of == own.of or (found.zone == own.zone and not isinstance(own.zone, Unknown)):
            return True
        elif isinstance(found.zone, Unknown):
            doubt = found.zone
    if isinstance(own.zone, Unknown):
        return own.zone
    return False if doubt is None else doubt


_GATEWAYS: Final = 4
"""Over how many transit gateways a way is followed."""


def _forwarded(
    facts: Facts, gateway: Address, attached: Attached, other: Subnet, parts: tuple[Cidr, ...], passed: int
) -> Way:
    """Where a transit gateway sends what comes from an attachment: to the other's network, elsewhere, or nowhere."""
    table, missing = _transit_table(facts, gateway, attached)
    if table is None:
        if missing is None:
            return Way(SHUT, f"{attached.of} uses no table of {gateway}", (attached,))
        return Way(Open.doubtful(EVERYTHING, missing), f"which table of {gateway} is used is unknown")
    if table.is_outside:
        reason = Unknown(f"{table}", why="the table is not in the input")
        return Way(Open.doubtful(EVERYTHING, reason), f"what {table} holds is not in the input")
    found = facts.derive(_transit_entries, gateway, table)
    different = parted(parts, [entry.cidr for entry in found.entries]).values()
    ways = [_switched(facts, gateway, other, _choose(found, each), passed) for each in different]
    return min(ways, key=lambda way: _rank(way.open))


def _switched(facts: Facts, gateway: Address, other: Subnet, choice: Choice, passed: int) -> Way:
    way = _onward(facts, gateway, choice.route, other, choice.parts, passed)
    for route, reason in choice.doubts:
        else_ = _onward(facts, gateway, route, other, choice.parts, passed)
        may = way.open.may | else_.open.may
        if may and not (way.open.sure and else_.open.sure):
            way = Way(Open.doubtful(may, *way.open.because, reason), f"{reason.what} is unknown", way.because)
    return way


def _onward(
    facts: Facts, gateway: Address, route: Route | None, other: Subnet, parts: tuple[Cidr, ...], passed: int
) -> Way:
    to = f"{other.of} ({parts[0]})"
    if route is None or route.kind == "blackhole":
        return Way(SHUT, f"{gateway} has no route to {to}", () if route is None else (route,))
    if isinstance(route.via, Unknown) or route.via is None:
        return _beyond(route, f"{gateway} reaches {to}")
    for attached in facts.where(Attached, of=route.via):
        if attached.place == other.network:
            return Way(ALL_OPEN, f"{gateway} leads to {other.network}", (route,))
        if isinstance(attached.place, Unknown):
            return Way(Open.doubtful(EVERYTHING, attached.place), f"{attached.place.what} is unknown", (route,))
        if attached.gateway == gateway and facts.one(Transit, of=attached.place) is not None and passed < _GATEWAYS:
            beyond = [each for each in facts.where(Attached, of=route.via) if each.gateway == attached.place]
            if beyond:
                return _forwarded(facts, attached.place, beyond[0], other, parts, passed + 1)
    if not facts.where(Attached, of=route.via):
        return _beyond(route, f"{gateway} reaches {to} by {route.via}")
    return Way(SHUT, f"{gateway} sends what is for {to} to {route.via}, which is elsewhere", (route,))


def _transit_table(facts: Facts, gateway: Address, attached: Attached) -> tuple[Address | None, Unknown | None]:
    """The table of a transit gateway that an attachment uses; None and no reason if it uses none."""
    asked = facts.ask(Routed, of=attached.of)
    for each in asked.matches:
        return (None, each.table) if isinstance(each.table, Unknown) else (each.table, None)
    for each in asked.doubts:
        if isinstance(each.of, Unknown) and not isinstance(each.table, Unknown) and _of_transit(each.table):
            return None, each.of
    transit = facts.one(Transit, of=gateway)
    uses = attached.associates
    if uses is None:
        uses = transit.associates if transit is not None else _nothing_of(gateway)
    if isinstance(uses, Unknown):
        return None, uses
    return (gateway.implied("main"), None) if uses else (None, None)


def _of_transit(table: Address) -> bool:
    name = table.as_terraform()
    return name is not None and name.type.startswith("aws_ec2_transit_gateway")


def _transit_entries(facts: Facts, gateway: Address, table: Address) -> _Table:
    found = facts.derive(_table, table, Unknown("", why="a transit gateway has no range of its own"))
    entries, doubts = list(found.entries), list(found.doubts)
    for attached, reason in _telling(facts, gateway, table):
        route = Route(table, Unknown(""), attached.of, "transit")
        if isinstance(attached.place, Unknown):
            doubts.append((route, attached.place))
            continue
        for version in (4, 6):
            known = network_ranges(facts, attached.place, version)
            doubts += [(route, each) for each in known.because]
            for cidr in known.cidrs:
                told = Route(table, cidr, attached.of, "transit")
                entries.append(_Entry(cidr, _PROPAGATED, told, reason))
        if facts.one(Network, of=attached.place) is None and facts.one(Transit, of=attached.place) is None:
            doubts.append((route, _nothing_of(attached.place)))
    return _Table(tuple(entries), tuple(doubts))


def _telling(facts: Facts, gateway: Address, table: Address) -> Iterator[tuple[Attached, Unknown | None]]:
    """The attachments that tell their ranges to a table, and why that is not certain."""
    told = facts.ask(Propagates, table=table)
    explicit: dict[Link, Unknown | None] = {each.of: None for each in told.matches}
    for doubtful in told.doubts:
        if isinstance(doubtful.table, Unknown):
            explicit.setdefault(doubtful.of, doubtful.table)
    transit = facts.one(Transit, of=gateway)
    for attached in facts.where(Attached, gateway=gateway):
        if attached.of in explicit:
            yield attached, explicit[attached.of]
        elif table == gateway.implied("main"):
            tells = attached.propagates
            if tells is None:
                tells = transit.propagates if transit is not None else False
            if isinstance(tells, Unknown):
                yield attached, tells
            elif tells:
                yield attached, None


def outside(facts: Facts, at: Spot, public: Known[bool], ranges: Ranges, *, inward: bool) -> Way:
    """The way to all of some addresses of the internet; ``inward`` from them, by which the answers leave."""
    own = at.subnet
    ways = [
        Way(Open.doubtful(EVERYTHING, each), f"which table {own.of} uses is unknown: {each.what}")
        if isinstance(each, Unknown)
        else _outside(facts, own, each, public, inward=inward)
        for each in choices(facts, own, ranges)
    ]
    return _together(ways, ranges)


def _outside(facts: Facts, own: Subnet, choice: Choice, public: Known[bool], *, inward: bool) -> Way:
    way = _leaving(facts, own, choice.parts, choice.route, public, inward)
    for route, reason in choice.doubts:
        if route.kind == "local" or (route.kind == "vpn" and choice.route is not None):
            continue
        else_ = _leaving(facts, own, choice.parts, route, public, inward)
        may = way.open.may | else_.open.may
        if may and not (way.open.sure and else_.open.sure):
            because = tuple(dict.fromkeys((*way.open.because, reason)))
            way = Way(Open.doubtful(may, *because), f"{way.says}, but {reason.what} is unknown", way.because)
    return way


def _leaving(
    facts: Facts, own: Subnet, parts: tuple[Cidr, ...], route: Route | None, public: Known[bool], inward: bool
) -> Way:
    if route is None:
        return Way(SHUT, f"{own.of} has no route to the internet", (own,))
    said = f"{own.of} has a route to the internet by {_called(route)}"
    match route.kind:
        case "internet" if route.via is None and not inward:
            return Way(ALL_OPEN, said, (route,))  # Azure's own, which needs no public address on the way out
        case "internet":
            if isinstance(public, Unknown):
                return Way(Open.doubtful(EVERYTHING, public), f"{said}; whether it has a public address is unknown")
            if not public:
                return Way(SHUT, f"{said}, which needs a public address that it does not have", (route,))
            return _attached(facts, own, route, said)
        case "nat" | "egress-only" if inward:
            return Way(SHUT, f"{own.of} leaves by {_called(route)}, by which nothing comes in", (route,))
        case "egress-only":
            return Way(ALL_OPEN, said, (route,))
        case "nat":
            return _by_nat(facts, own, parts, route, said)
        case "blackhole" | "local":
            return Way(SHUT, f"{own.of} has no route to the internet", (route,))
        case _:
            return _beyond(route, f"{own.of} leaves by {_called(route)}")


def _attached(facts: Facts, own: Subnet, route: Route, said: str) -> Way:
    """An internet gateway serves the network that it is attached to."""
    gateway = facts.one(Gateway, of=route.via) if isinstance(route.via, Address) else None
    if isinstance(route.via, Unknown):
        return Way(Open.doubtful(EVERYTHING, route.via), f"{said}, of which nothing is known", (route,))
    if gateway is None and isinstance(route.via, Address) and _is_here(route.via, _GATEWAY):
        tied = next((each.of for each in facts.all(Gateway) if _is_here(each.of, f"{_GATEWAY}_attachment")), None)
        if tied is None:
            return Way(SHUT, f"{route.via} is attached to no network", (route,))
        doubt = Unknown(f"{tied}.internet_gateway_id", why="it may be the one that the route leads to")
        return Way(Open.doubtful(EVERYTHING, doubt), f"{said}; which one {tied} attaches is unknown", (route,))
    place = gateway.place if gateway is not None and gateway.kind == "internet" else None
    known = isinstance(place, Address) and not place.is_outside and isinstance(own.network, Address)
    if gateway is not None and known and place != own.network:
        return Way(SHUT, f"{gateway.of} is attached to {place}, not to {own.network}", (route, gateway))
    return Way(ALL_OPEN, said, (route,))


_GATEWAY: Final = "aws_internet_gateway"


def _is_here(thing: Address, type: str) -> bool:
    """Whether the input makes a thing, all of which it then says."""
    named = thing.as_terraform()
    return named is not None and named.type == type and not thing.is_outside and not named.path.startswith("data.")


def _by_nat(facts: Facts, own: Subnet, parts: tuple[Cidr, ...], route: Route, said: str) -> Way:
    """A NAT gateway has to be able to leave as well: from its own subnet, by an internet gateway."""
    if isinstance(route.via, Unknown):
        return Way(Open.doubtful(EVERYTHING, route.via), f"{said}, of which nothing is known", (route,))
    gateway = facts.one(Gateway, of=route.via) if route.via is not None else None
    if gateway is None:
        if route.via is None:
            return Way(ALL_OPEN, said, (route,))
        reason = Unknown(f"{route.via}", why="the NAT gateway is not in the input")
        return Way(Open.doubtful(EVERYTHING, reason), f"{said}, which is not in the input", (route,))
    if isinstance(gateway.public, Unknown):
        return Way(Open.doubtful(EVERYTHING, gateway.public), f"{gateway.public.what} is unknown", (route,))
    if not gateway.public:
        return Way(SHUT, f"{gateway.of} leads into private networks alone", (route, gateway))
    place = facts.one(Subnet, of=gateway.place) if isinstance(gateway.place, Address) else None
    if place is None:
        reason = gateway.place if isinstance(gateway.place, Unknown) else _nothing_of(gateway.place)
        return Way(Open.doubtful(EVERYTHING, reason), f"where {gateway.of} is is not in the input", (route,))
    if place.of == own.of:
        return Way(SHUT, f"{gateway.of} is in {own.of} itself, whose route leads to it", (route, gateway))
    ways = [_of_nat(facts, gateway, place, route, said, each) for each in choices(facts, place, Ranges(parts))]
    way = min(ways, key=lambda way: _rank(way.open))
    return Way(way.open, way.says, way.because, passes=(place,))


def _of_nat(facts: Facts, gateway: Gateway, place: Subnet, route: Route, said: str, choice: Choice | Unknown) -> Way:
    if isinstance(choice, Unknown):
        return Way(Open.doubtful(EVERYTHING, choice), f"how {gateway.of} leaves is unknown: {choice.what}", (route,))
    for other, reason in choice.doubts:
        if other.kind != "local":
            return Way(Open.doubtful(EVERYTHING, reason), f"{said}; {reason.what} is unknown", (route,))
    if choice.route is None or choice.route.kind != "internet":
        nowhere = f"{gateway.of} is in {place.of}, which has no internet gateway to leave by"
        return Way(SHUT, nowhere, (route, gateway))
    return _attached(facts, place, choice.route, said)
