"""What gets through between two ends in private networks, or between one and the internet, and hop by hop why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

from seawall.analyze.reachability import acls, groups, routes
from seawall.analyze.reachability.acls import association
from seawall.analyze.reachability.groups import Other
from seawall.analyze.reachability.hop import Hop, Kind
from seawall.analyze.reachability.places import INTERNET, Ranges, Side, Spot, parted, range_of, side
from seawall.analyze.reachability.routes import Way
from seawall.analyze.reachability.traffic import ALL_OPEN, EVERYTHING, SHUT, Open, Traffic
from seawall.facts.fact import Link
from seawall.facts.facts import Facts
from seawall.facts.network import Direction, Filtered, Interface, Protocol, Subnet
from seawall.kernel.address import Address
from seawall.kernel.units import ANYWHERE, Cidr, Ports
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Verdict, all_of, proven, refuted, unknown


def between(facts: Facts, here: Interface, there: Interface) -> Open:
    """What gets through from wherever one thing may be to wherever another may: from and to every place of theirs."""
    return facts.derive(_between, side(facts, here), side(facts, there), True)


def somewhere(facts: Facts, here: Interface, there: Interface) -> Open:
    """What gets through from some place where one thing may be to some place where another may."""
    return facts.derive(_between, side(facts, here), side(facts, there), False)


def outward(facts: Facts, here: Interface, to: tuple[Cidr, ...] = INTERNET, *, every: bool = True) -> Open:
    """What gets through from a thing to addresses of the internet: with ``every`` from all its places to all of them.

    A connection of either version of IP counts.
    """
    return facts.derive(_outward, side(facts, here), to, every)


def inward(facts: Facts, there: Interface, source: tuple[Cidr, ...] = INTERNET, *, every: bool = False) -> Open:
    """What gets through to a thing from addresses of the internet: without ``every`` from any, to any of its places."""
    return facts.derive(_inward, side(facts, there), source, every)


def to_endpoint(facts: Facts, here: Interface, endpoint: Address) -> Open:
    """What gets through from wherever a thing is to the addresses of the API that a gateway endpoint leads to.

    They are AWS's, and not in the input: what groups and lists do with all of the internet they do with these, and a
    permit for the endpoint's prefix list is a permit for them.
    """
    return facts.derive(_to_endpoint, side(facts, here), endpoint)


@dataclass(frozen=True, slots=True, eq=False)
class _Ends:
    """The two ends of a connection with addresses of one version; ``every`` of them counts, or any."""

    here: Side
    there: Side
    version: int
    every: bool

    def pairs(self) -> tuple[tuple[Spot, Spot], ...]:
        """The subnets between which a connection may be."""
        mine, theirs = (
            [spot for spot in end.spots if spot.ranges(self.version) is not None] for end in (self.here, self.there)
        )
        return tuple((a, b) for a in mine for b in theirs)


def _versions(here: Side, there: Side) -> tuple[tuple[int, Open], ...]:
    """The versions of IP that both sides may speak, each with whether they do."""
    if here.ipv6 is False or there.ipv6 is False:
        return ((4, ALL_OPEN),)
    doubts = [each.ipv6 for each in (here, there) if isinstance(each.ipv6, Unknown)]
    return ((4, ALL_OPEN), (6, Open.doubtful(EVERYTHING, *doubts) if doubts else ALL_OPEN))


def _between(facts: Facts, here: Side, there: Side, every: bool) -> Open:
    versions = _versions(here, there)
    if every and len(versions) > 1:
        # Each pair of places may speak the version that works for it.
        each = [
            _spoken(facts, _only(facts, here, a), _only(facts, there, b), versions, every)
            for a in here.spots
            for b in there.spots
        ]
        found = reduce(Open.both, each) if each else SHUT
    else:
        found = _spoken(facts, here, there, versions, every)
    missing = (*here.missing, *there.missing)
    if not missing and here.spots and there.spots:
        return found
    # Where one of them is is not known: all may be open from there, and all be shut.
    doubt = Open.doubtful(EVERYTHING, *(missing or (_NO_SUBNETS,))).both(_unplaced(facts, here, there))
    if not every:
        return found.either(doubt)
    return doubt if not here.spots or not there.spots else found.both(doubt)


def _spoken(facts: Facts, here: Side, there: Side, versions: tuple[tuple[int, Open], ...], every: bool) -> Open:
    """What gets through by any version of IP."""
    found = SHUT
    for version, spoken in versions:
        open = _of_version(facts, _Ends(here, there, version, every))
        found = found.either(open if spoken is ALL_OPEN else open.both(spoken))
    return found


def _only(facts: Facts, side: Side, spot: Spot) -> Side:
    """A thing if it is in one of its places."""
    return side if len(side.spots) == 1 else facts.derive(_narrowed, side, spot)


def _narrowed(_facts: Facts, side: Side, spot: Spot) -> Side:
    return replace(side, spots=(spot,))


_NO_SUBNETS: Final = Unknown("subnets", why="it is in no subnet of the input")


def _unplaced(facts: Facts, here: Side, there: Side) -> Open:
    """What the groups let through, wherever the two are."""
    ranges = range_of(facts, (ANYWHERE,), (*here.missing, *there.missing, _NO_SUBNETS)[:1])
    out = groups.through(facts, here, "egress", Other(there.groups, there.doubts, ranges, ALL_OPEN))
    back = groups.through(facts, there, "ingress", Other(here.groups, here.doubts, ranges, ALL_OPEN))
    return out.both(back)


def _of_version(facts: Facts, ends: _Ends) -> Open:
    pairs = ends.pairs()
    if not pairs:
        return SHUT
    if ends.every:
        return _everywhere(facts, ends, pairs)
    return reduce(Open.either, (_of_pair(facts, ends, a, b) for a, b in pairs))


def _everywhere(facts: Facts, ends: _Ends, pairs: tuple[tuple[Spot, Spot], ...]) -> Open:
    """What all pairs let through: what the groups do for all addresses at once, and then each pair's way."""
    way = facts.derive(_ways, ends.here.spots, ends.here.lists, ends.there.spots, ends.there.lists, ends.version)
    if not way.open.may:
        return way.open
    found = way.open
    for own, other, direction in ((ends.here, ends.there, _OUT), (ends.there, ends.here, _IN)):
        for each in facts.derive(_all_ranges, other.spots, ends.version):
            whom = Other(other.groups, other.doubts, each, way.refers)
            found = found.both(groups.through(facts, own, direction, whom))
            if not found.may:
                return found
    return found


_OUT: Final[Direction] = "egress"
_IN: Final[Direction] = "ingress"


def _all_ranges(facts: Facts, spots: tuple[Spot, ...], version: int) -> tuple[Ranges, ...]:
    """The addresses of several spots: the known ones together, those that are not apart."""
    found = [ranges for spot in spots if (ranges := spot.ranges(version)) is not None]
    known = tuple(dict.fromkeys(cidr for ranges in found if not ranges.because for cidr in ranges.cidrs))
    return (*((Ranges(known),) if known else ()), *(ranges for ranges in found if ranges.because))


@dataclass(frozen=True, slots=True, eq=False)
class _Ways:
    """What routes and access-control lists let through, and whether groups may be named at the other end."""

    open: Open
    refers: Open


def _ways(
    facts: Facts,
    mine: tuple[Spot, ...],
    own: tuple[Link, ...],
    theirs: tuple[Spot, ...],
    others: tuple[Link, ...],
    version: int,
) -> _Ways:
    """What gets through between all of these spots, the groups left aside."""
    found, refers = ALL_OPEN, ALL_OPEN
    for a in mine:
        for b in theirs:
            if a.ranges(version) is None or b.ranges(version) is None:
                continue
            way = facts.derive(_way, a, own, b, others, version)
            found, refers = found.both(way.open), refers.both(way.refers)
    return _Ways(found, refers)


def _way(facts: Facts, a: Spot, own: tuple[Link, ...], b: Spot, others: tuple[Link, ...], version: int) -> _Ways:
    way = routes.between(facts, a, b, version)
    found = way.open
    for kind in _LISTS:
        found = found.both(_listed(facts, kind, a, own, b, others, version))
    return _Ways(found, way.refers)


_LISTS: Final[tuple[Kind, ...]] = ("egress acl", "ingress acl", "return acl")


def _listed(
    facts: Facts, kind: Kind, a: Spot, own: tuple[Link, ...], b: Spot, others: tuple[Link, ...], version: int
) -> Open:
    """What the access-control lists let through between all addresses of two spots, in one of their three roles."""
    mine, theirs = a.ranges(version), b.ranges(version)
    assert mine is not None
    assert theirs is not None
    near = a.subnet.of == b.subnet.of
    if kind == "egress acl":
        return acls.through(facts, a.subnet, own, "egress", theirs, near)
    if kind == "ingress acl":
        return acls.through(facts, b.subnet, others, "ingress", mine, near)
    leaving = acls.back(facts, b.subnet, others, "egress", mine, near)
    return leaving.both(acls.back(facts, a.subnet, own, "ingress", theirs, near))


def _of_pair(facts: Facts, ends: _Ends, a: Spot, b: Spot) -> Open:
    """What gets through from some address of a spot to some address of another.

    Each end looks at the other's address alone, so that one can be sought for each by itself.
    """
    refers = routes.between(facts, a, b, ends.version).refers
    out = _looking(facts, ends.here, a, ends.there, b, ends.version, refers, _OUT)
    if not out.may:
        return out
    return out.both(_looking(facts, ends.there, b, ends.here, a, ends.version, refers, _IN))


def _looking(
    facts: Facts, own: Side, at: Spot, other: Side, far: Spot, version: int, refers: Open, direction: Direction
) -> Open:
    """What one end lets through, to or from some address of the other."""
    named = groups.referred(facts, own, direction, other.groups, other.doubts, refers)
    found = SHUT
    for way, ranged in facts.derive(_parts, own, at, far, version, direction):
        let = named.either(ranged) if ranged.may else named
        if let.may:
            found = found.either(way.both(let))
    return found


def _parts(
    facts: Facts, own: Side, at: Spot, far: Spot, version: int, direction: Direction
) -> tuple[tuple[Open, Open], ...]:
    """The addresses of a far spot in parts which have one way: what that lets through, and the groups for some."""
    ranges = far.ranges(version)
    assert ranges is not None
    if ranges.because:
        way = facts.derive(_seen, own.lists, at, far, ranges, version, direction)
        return ((way, groups.ranged(facts, own, direction, ranges)),)
    borders = facts.derive(_borders, at, own.lists)
    return tuple(
        (way, groups.touched(facts, own, direction, parts))
        for parts in parted(ranges.cidrs, borders).values()
        if (way := facts.derive(_seen, own.lists, at, far, range_of(facts, parts[:1]), version, direction)).may
    )


def _seen(
    facts: Facts, lists: tuple[Link, ...], at: Spot, far: Spot, part: Ranges, version: int, direction: Direction
) -> Open:
    """What routes and lists at one end let through, to or from all of these addresses."""
    answering: Direction = _IN if direction == _OUT else _OUT
    near = at.subnet.of == far.subnet.of
    found = routes.one_way(facts, at, far, part, version).open
    found = found.both(acls.through(facts, at.subnet, lists, direction, part, near))
    return found.both(acls.back(facts, at.subnet, lists, answering, part, near))


def _borders(facts: Facts, at: Spot, lists: tuple[Link, ...]) -> tuple[Cidr, ...]:
    """Every range that a route or a list speaks of: within none of them do two addresses differ to it."""
    return tuple(dict.fromkeys((*acls.borders(facts, at.subnet, lists), *routes.borders(facts, at.subnet))))


def _outward(facts: Facts, here: Side, to: tuple[Cidr, ...], every: bool) -> Open:
    return _with_internet(facts, here, to, every, _OUT)


def _inward(facts: Facts, there: Side, source: tuple[Cidr, ...], every: bool) -> Open:
    return _with_internet(facts, there, source, every, _IN)


def _with_internet(facts: Facts, own: Side, far: tuple[Cidr, ...], every: bool, direction: Direction) -> Open:
    parts = [_from_spot(facts, own, spot, far, every, direction) for spot in own.spots]
    if parts and not own.missing:
        return reduce(Open.both if every else Open.either, parts)
    let = groups.through(facts, own, direction, Other((), (), range_of(facts, far, own.missing), ALL_OPEN))
    doubt = Open.doubtful(EVERYTHING, *(own.missing or (_NO_SUBNETS,))).both(let)
    return reduce(Open.both if every else Open.either, parts, doubt)


def _from_spot(facts: Facts, own: Side, at: Spot, far: tuple[Cidr, ...], every: bool, direction: Direction) -> Open:
    """What gets through between one place and addresses of the internet, by any version of IP."""
    found = SHUT
    for version in (4, 6):
        cidrs = tuple(cidr for cidr in far if cidr.version == version)
        if not cidrs or at.ranges(version) is None or (version == 6 and own.ipv6 is False):
            continue
        open = facts.derive(_far, own, at, cidrs, version, every, direction)
        if version == 6 and isinstance(own.ipv6, Unknown):
            open = open.both(Open.doubtful(EVERYTHING, own.ipv6))
        found = found.either(open)
    return found


def _far(
    facts: Facts, own: Side, at: Spot, cidrs: tuple[Cidr, ...], version: int, every: bool, direction: Direction
) -> Open:
    answering: Direction = _IN if direction == _OUT else _OUT
    public = own.public if version == 4 else True  # an address of IPv6 is one of the internet by itself

    def way(part: Ranges) -> Open:
        path = routes.outside(facts, at, public, part, inward=direction == _IN)
        found = path.open if direction == _OUT else path.open.both(_unless_closed(facts, own, at))
        if not found.may:
            return found
        for place in path.passes:
            found = found.both(_through_nat(facts, at, place, part, version))
        found = found.both(acls.through(facts, at.subnet, own.lists, direction, part, False))
        return found.both(acls.back(facts, at.subnet, own.lists, answering, part, False))

    if every:
        # One route at a time: what leaves by one NAT gateway is nothing to the subnet of another.
        ways = [way(range_of(facts, parts)) for parts in parted(cidrs, routes.borders(facts, at.subnet)).values()]
        return reduce(Open.both, ways, groups.ranged(facts, own, direction, range_of(facts, cidrs)))
    found = SHUT
    for parts in facts.derive(_far_parts, at, own.lists, cidrs):
        let = groups.touched(facts, own, direction, parts)
        if let.may:
            found = found.either(way(range_of(facts, parts[:1])).both(let))
    return found


def _far_parts(
    facts: Facts, at: Spot, lists: tuple[Link, ...], cidrs: tuple[Cidr, ...]
) -> tuple[tuple[Cidr, ...], ...]:
    """Addresses of the internet in parts which have one way from a place."""
    borders = [facts.derive(_borders, at, lists)]
    for place in routes.passed(facts, at.subnet):
        borders += [acls.borders(facts, place, ()), routes.borders(facts, place)]
    return tuple(parted(cidrs, [cidr for each in borders for cidr in each]).values())


def _unless_closed(facts: Facts, own: Side, at: Spot) -> Open:
    """What a public address lets in by itself: one that is closed nothing where no list stands before it."""
    if own.closed is False or own.lists:
        return ALL_OPEN
    if association(facts, at.subnet, Filtered)[0] not in (None, _unfiltered(at.subnet.network)):
        return ALL_OPEN
    return SHUT if own.closed is True else Open.doubtful(EVERYTHING, own.closed)


def _unfiltered(network: Link) -> Link:
    """The list that a network has where nobody put one: it lets everything through."""
    return network if isinstance(network, Unknown) else network.implied("unfiltered")


def _to_endpoint(facts: Facts, own: Side, endpoint: Address) -> Open:
    cidrs = tuple(cidr for cidr in INTERNET if cidr.version == 4)
    whole = range_of(facts, cidrs)
    its = Unknown(f"{endpoint}.cidr_blocks", why="the addresses of an API are AWS's")
    named = groups.naming(facts, own, _OUT, endpoint.implied("prefix-list"))
    sure = groups.ranged(facts, own, _OUT, whole).either(named)
    may = groups.touched(facts, own, _OUT, cidrs).either(named)
    found: list[Open] = [_perhaps(sure, may, its)]
    for spot in own.spots:
        table = routes.leads(facts, spot.subnet, endpoint)
        let, answered = SHUT, SHUT
        for parts in parted(cidrs, acls.borders(facts, spot.subnet, own.lists)).values():
            part = range_of(facts, parts[:1])
            let = let.either(acls.through(facts, spot.subnet, own.lists, _OUT, part, False))
            answered = answered.either(acls.back(facts, spot.subnet, own.lists, _IN, part, False))
        out = acls.through(facts, spot.subnet, own.lists, _OUT, whole, False)
        back = acls.back(facts, spot.subnet, own.lists, _IN, whole, False)
        found += [table, _perhaps(out.both(back), let.both(answered), its)]
    if own.missing or not own.spots:
        found.append(Open.doubtful(EVERYTHING, *(own.missing or (_NO_SUBNETS,))))
    return reduce(Open.both, found)


def _perhaps(all_of_them: Open, some: Open, which: Unknown) -> Open:
    """What holds of some of many addresses, from what holds of all and of any; ``which`` they are is not known."""
    if all_of_them.sure.spans == some.may.spans:
        return all_of_them
    return Open(all_of_them.sure, some.may, tuple(dict.fromkeys((which, *some.because))))


def _through_nat(facts: Facts, at: Spot, place: Subnet, far: Ranges, version: int) -> Open:
    """What the lists of a NAT gateway's subnet let through: in from the asking subnet, out, and all the way back."""
    mine = at.ranges(version)
    if mine is None or place.of == at.subnet.of:
        return ALL_OPEN
    found = acls.through(facts, place, (), "ingress", mine, False)
    found = found.both(acls.through(facts, place, (), "egress", far, False))
    found = found.both(acls.back(facts, place, (), "ingress", far, False))
    return found.both(acls.back(facts, place, (), "egress", mine, False))


def hops(facts: Facts, source: Interface, target: Interface, port: int, protocol: Protocol) -> Iterator[Hop]:
    """Every hop between two interfaces of private networks, for the worst pair of their subnets."""
    here, there = side(facts, source), side(facts, target)
    traffic = Traffic.of(protocol, Ports.one(port))
    ends = [
        _by_version(facts, _only(facts, here, a), _only(facts, there, b), traffic)
        for a in here.spots
        for b in there.spots
    ]
    missing = tuple(dict.fromkeys((*here.missing, *there.missing)))
    yield _groups(facts, "egress group", here, there, target, ends, traffic)
    yield _worst("route", [_routed(facts, each) for each in ends], missing)
    for kind in _LISTS:
        yield _worst(kind, [_of_lists(facts, kind, each, traffic) for each in ends], missing)
    yield _groups(facts, "ingress group", there, here, source, ends, traffic)


def _by_version(facts: Facts, here: Side, there: Side, traffic: Traffic) -> _Ends:
    """Two places with the version of IP by which they connect: the one that is known to work, or the older."""
    best = _Ends(here, there, 4, every=True)
    if len(_versions(here, there)) == 1:
        return best
    other = _Ends(here, there, 6, every=True)
    answers = [_of_version(facts, each).ask(traffic) for each in (best, other)]
    better = answers[1].proven and not answers[0].proven
    return other if better or (answers[0].refuted and not answers[1].refuted) or not best.pairs() else best


def _groups(
    facts: Facts, kind: Kind, own: Side, other: Side, theirs: Interface, ends: Sequence[_Ends], traffic: Traffic
) -> Hop:
    """Whether the groups of one side let the other side through; one permitting group is enough."""
    direction = _OUT if kind == "egress group" else _IN
    whoms: list[tuple[Ranges, Open]] = []
    for each in ends:
        for a, b in each.pairs():
            ranges = (b if direction == _OUT else a).ranges(each.version)
            assert ranges is not None
            whoms.append((ranges, routes.between(facts, a, b, each.version).refers))
    if other.missing or not whoms:
        whoms.append((range_of(facts, (ANYWHERE,), other.missing or (_NO_SUBNETS,)), ALL_OPEN))
    found: list[tuple[Verdict, str]] = []
    for ranges, refers in dict.fromkeys(whoms):
        whom = Other(other.groups, other.doubts, ranges, refers)
        verdict = groups.through(facts, own, direction, whom).ask(traffic)
        if verdict.proven:
            verdict = proven(*groups.deciding(facts, own, direction, whom, traffic))
        found.append((verdict, groups.words(facts, own, direction, whom, traffic, str(theirs.of))))
    overall = all_of(verdict for verdict, _ in found)
    return Hop(kind, overall, next(said for verdict, said in found if verdict.answer is overall.answer))


def _routed(facts: Facts, ends: _Ends) -> tuple[Verdict, str]:
    for a, b in ends.pairs():
        way = routes.between(facts, a, b, ends.version)
        return _verdict(way), way.says
    return refuted(), "they have no addresses of one version of IP"


def _verdict(way: Way) -> Verdict:
    if way.open.sure:
        return proven(*way.because)
    return unknown(*way.open.because) if way.open.may else refuted(*way.because)


def _of_lists(facts: Facts, kind: Kind, ends: _Ends, traffic: Traffic) -> tuple[Verdict, str]:
    own, others, version = ends.here.lists, ends.there.lists, ends.version
    for a, b in ends.pairs():
        mine, theirs = a.ranges(version), b.ranges(version)
        assert mine is not None
        assert theirs is not None
        near = a.subnet.of == b.subnet.of
        if kind == "egress acl":
            return acls.words(facts, a.subnet, own, "egress", theirs, near, traffic, f"to {b.subnet.of}")
        if kind == "ingress acl":
            return acls.words(facts, b.subnet, others, "ingress", mine, near, traffic, f"from {a.subnet.of}")
        leaving = acls.answer_words(facts, b.subnet, others, "egress", mine, near, traffic, f"to {a.subnet.of}")
        coming = acls.answer_words(facts, a.subnet, own, "ingress", theirs, near, traffic, f"from {b.subnet.of}")
        overall = all_of((leaving[0], coming[0]))
        said = next(said for answer, said in (leaving, coming) if answer.answer is overall.answer)
        return overall, said if near else f"the answer's way back: {said}"
    return refuted(), "they have no addresses of one version of IP"


def _worst(kind: Kind, found: list[tuple[Verdict, str]], missing: tuple[Unknown, ...]) -> Hop:
    verdicts = [verdict for verdict, _ in found]
    if missing:
        verdicts.append(unknown(*missing))
    if not verdicts:
        return Hop(kind, unknown(_NO_SUBNETS), "neither side is in a subnet of the input")
    overall = all_of(verdicts)
    said = next((says for verdict, says in found if verdict.answer is overall.answer), "")
    return Hop(kind, overall, said or f"{missing[0].what} is unknown")
