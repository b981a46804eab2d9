"""Security groups: stateful, and one permit of one group of a thing is enough."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce

from seawall.analyze.reachability.places import Ranges, Side, canonical, listed, names, of_internet, parted
from seawall.analyze.reachability.traffic import ALL_OPEN, EVERYTHING, SHUT, Open, Traffic
from seawall.analyze.unread import unread
from seawall.facts.fact import Known
from seawall.facts.facts import Facts
from seawall.facts.network import Direction, PerhapsNone, Permit
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr
from seawall.kernel.value import Unknown

_TCP = Open.known(Traffic.of("tcp"))


@dataclass(frozen=True, slots=True, eq=False)
class Other:
    """Who is at the other end: the groups that it has, its addresses, and whether its groups may be named here.

    All of its addresses count; ``ranges`` is None where it has none.
    """

    groups: tuple[Address, ...]
    doubts: tuple[Unknown, ...]
    ranges: Ranges | None
    refers: Open


@dataclass(frozen=True, slots=True, eq=False)
class _Rules:
    """Permits by the kind of their peer, each with the traffic that it means; ``distant`` are for the internet only."""

    things: dict[Address, Open]
    ranges: tuple[tuple[Cidr, Open], ...]
    doubts: Open
    distant: Open


def through(facts: Facts, own: Side, direction: Direction, other: Other) -> Open:
    """What the groups of one side let through, to or from the other."""
    if not own.guarded:
        return ALL_OPEN
    found = SHUT if other.ranges is None else ranged(facts, own, direction, other.ranges)
    named = referred(facts, own, direction, other.groups, other.doubts, other.refers)
    return named.either(found) if found.may else named


def ranged(facts: Facts, own: Side, direction: Direction, ranges: Ranges) -> Open:
    """What the groups of one side let through to or from all of these addresses, whoever has them."""
    if not own.guarded:
        return ALL_OPEN
    return facts.derive(_ranged, own.groups, own.doubts, direction, ranges)


def _ranged(
    facts: Facts, own: tuple[Address, ...], missing: tuple[Unknown, ...], direction: Direction, ranges: Ranges
) -> Open:
    found = _over_all([facts.derive(_rules, group, direction) for group in own], ranges)
    return found.either(Open.doubtful(EVERYTHING, *missing)) if missing else found


def _over_all(rules: Iterable[_Rules], ranges: Ranges) -> Open:
    found = SHUT
    pieces: list[tuple[Cidr, Open]] = []
    for each in rules:
        found = found.either(each.doubts)
        if each.distant.may and of_internet(ranges):
            found = found.either(each.distant)
        pieces += each.ranges
    return found.either(over(pieces, ranges))


def referred(
    facts: Facts,
    own: Side,
    direction: Direction,
    others: tuple[Address, ...],
    doubts: tuple[Unknown, ...],
    refers: Open = ALL_OPEN,
) -> Open:
    """What the groups of one side let through because of the groups that the other has."""
    if not own.guarded:
        return ALL_OPEN
    if direction == "ingress" and any(_opens_targets(facts, group) for group in others):
        return _TCP
    found = SHUT
    for group in own.groups:
        things = facts.derive(_rules, group, direction).things
        if things:
            found = found.either(_referred(things, others, doubts))
    return found if refers is ALL_OPEN else found.both(refers)


def _opens_targets(facts: Facts, group: Address) -> bool:
    """Whether it is the group of a load balancer whose controller opens the groups of its targets."""
    return "//" in group and any(each.key == "opens-targets" for each in facts.where(Setting, of=group))


def may_pass(facts: Facts, own: Side, direction: Direction, other: Side) -> bool:
    """Whether some rule of one side may mean the other at all: a quick look that spares a thorough one."""
    if not own.guarded or own.doubts or other.doubts or other.missing:
        return True
    if direction == "ingress" and any(_opens_targets(facts, group) for group in other.groups):
        return True
    return any(_may_mean(facts.derive(_rules, group, direction), other) for group in own.groups)


def _may_mean(rules: _Rules, other: Side) -> bool:
    if rules.doubts.may or rules.distant.may or any(group in rules.things for group in other.groups):
        return True
    for spot in other.spots:
        for version in (4, 6):
            ranges = spot.ranges(version)
            if ranges is not None and (
                ranges.because or any(one.overlaps(cidr) for one, _ in rules.ranges for cidr in ranges.cidrs)
            ):
                return True
    return False


def _referred(things: dict[Address, Open], others: tuple[Address, ...], doubts: tuple[Unknown, ...]) -> Open:
    found = SHUT
    for group in others:
        own = things.get(group)
        if own is not None:
            found = found.either(own)
    if doubts:
        found = found.either(Open.doubtful(Traffic.union(own.may for own in things.values()), *doubts))
    return found


def over(pieces: Iterable[tuple[Cidr, Open]], ranges: Ranges) -> Open:
    """What pieces that are each about a range let through to all of some addresses."""
    near = [piece for piece in pieces if any(piece[0].overlaps(cidr) for cidr in ranges.cidrs)]
    if not near:
        return SHUT
    parts = parted(ranges.cidrs, [range for range, _ in near])
    return among([reduce(Open.either, (near[one][1] for one in means), SHUT) for means in parts], ranges)


def among(parts: list[Open], ranges: Ranges) -> Open:
    """What holds of all of some addresses, from what holds of each part of them."""
    if not ranges.because:
        return reduce(Open.both, parts)
    # It is one of these addresses, and nobody knows which: what all let through is sure, what one does may be.
    inside, outside = reduce(Open.both, parts), reduce(Open.either, parts)
    if inside.sure.spans == outside.may.spans:
        return inside
    return Open(inside.sure, outside.may, tuple(dict.fromkeys((*ranges.because, *outside.because))))


def touched(facts: Facts, own: Side, direction: Direction, cidrs: tuple[Cidr, ...]) -> Open:
    """What the groups of one side let through to or from some of these addresses, whoever has it."""
    if not own.guarded:
        return ALL_OPEN
    return facts.derive(_touched, own.groups, own.doubts, direction, cidrs)


def _touched(
    facts: Facts,
    own: tuple[Address, ...],
    missing: tuple[Unknown, ...],
    direction: Direction,
    cidrs: tuple[Cidr, ...],
) -> Open:
    found = Open.doubtful(EVERYTHING, *missing) if missing else SHUT
    distant = of_internet(Ranges(cidrs))
    for group in own:
        rules = facts.derive(_rules, group, direction)
        found = found.either(rules.doubts)
        if distant:
            found = found.either(rules.distant)
        means = {means: None for range, means in rules.ranges if any(range.overlaps(cidr) for cidr in cidrs)}
        found = reduce(Open.either, means, found)
    return found


def naming(facts: Facts, own: Side, direction: Direction, peer: Address) -> Open:
    """What the groups of one side let through to or from a prefix list by its name."""
    if not own.guarded:
        return ALL_OPEN
    found = Open.doubtful(EVERYTHING, *own.doubts) if own.doubts else SHUT
    for group in own.groups:
        for permit, means in permits(facts, group, direction):
            if permit.peer == peer:
                found = found.either(means)
    return found


def permits(facts: Facts, group: Address, direction: Direction) -> Iterator[tuple[Permit, Open]]:
    """What is permitted by a group, and by those whose group is not known, each with the traffic that it means."""
    for name in names(facts, group):
        for permit in facts.where(Permit, group=name):
            # What a network's own group lets through ends when somebody takes the group over.
            if permit.direction == direction and (name == group or permit.by != name.owner):
                means = _means(permit)
                # A rule that stands for itself may not be there where its group is.
                perhaps = facts.one(PerhapsNone, of=permit.by) if permit.by != name.owner else None
                yield permit, means if perhaps is None else Open.doubtful(means.may, *means.because, perhaps.count)
    for permit in facts.ask(Permit, group=group).doubts:
        if permit.direction == direction and isinstance(permit.group, Unknown):
            yield permit, Open.doubtful(_means(permit).may, permit.group)


def _means(permit: Permit) -> Open:
    """The traffic of a permit, whomever it is for."""
    if isinstance(permit.protocol, Unknown):
        return Open.doubtful(EVERYTHING, permit.protocol)
    if isinstance(permit.ports, Unknown) and permit.protocol != "any":
        return Open.doubtful(Traffic.of(permit.protocol), permit.ports)
    means = EVERYTHING if isinstance(permit.ports, Unknown) else Traffic.of(permit.protocol, permit.ports)
    return Open.known(means) if permit.code is None else Open.doubtful(means, one_code(permit.code, permit.by))


def one_code(code: Known[int], by: Address) -> Unknown:
    """Why a rule for one code of ICMP may not be for what is asked."""
    if isinstance(code, Unknown):
        return code
    return Unknown("the code of ICMP that is asked", why=f"{by} is for code {code} alone of several of its type")


def _rules(facts: Facts, group: Address, direction: Direction) -> _Rules:
    doubts = Open.doubtful(EVERYTHING, nowhere(group)) if not_here(group) else SHUT
    if unread(facts):
        # A module that is given the group's id may add rules to it.
        doubts = doubts.either(Open.doubtful(EVERYTHING, *unread(facts)))
    return _sorted(facts, permits(facts, group, direction), doubts)


def _sorted(facts: Facts, found: Iterable[tuple[Permit, Open]], doubts: Open = SHUT) -> _Rules:
    things: dict[Address, Open] = {}
    ranges: dict[Cidr, Open] = {}
    distant = SHUT
    for permit, means in found:
        if isinstance(permit.peer, Unknown):
            doubts = doubts.either(Open.doubtful(means.may, permit.peer))
            continue
        members = listed(facts, permit.peer) if isinstance(permit.peer, Address) else ((permit.peer,), (), False)
        if members is None:
            peer = canonical(facts, Address(permit.peer))
            things[peer] = things.get(peer, SHUT).either(means)
            continue
        known, missing, internet = members
        for cidr in known:
            ranges[cidr] = ranges.get(cidr, SHUT).either(means)
        if missing and internet:
            distant = distant.either(Open.doubtful(means.may, *missing))
        elif missing:
            doubts = doubts.either(Open.doubtful(means.may, *missing))
    return _Rules(things, tuple(ranges.items()), doubts, distant)


def not_here(group: Address) -> bool:
    """Whether the input holds no more of a group than its name, so that it may let anything through."""
    name = group.as_terraform()
    return group.is_outside or (name is not None and name.path.startswith("data."))


def nowhere(group: Address) -> Unknown:
    """What would have to be known of a group that is not here."""
    return Unknown(f"{group}", why="the group is not in the input")


def words(facts: Facts, own: Side, direction: Direction, other: Other, traffic: Traffic, whom: str) -> str:
    """Which permits of one side decide about this traffic, as a sentence; ``whom`` is what the other is called."""
    way = "to" if direction == "egress" else "from"
    if not own.guarded:
        return "no group guards it"
    called = ", ".join([*own.groups, *(doubt.what for doubt in own.doubts)])
    answer = through(facts, own, direction, other).ask(traffic)
    every = [found for group in own.groups for found in permits(facts, group, direction) if found[1].may & traffic]
    if answer.proven:
        for permit, means in every:
            if _alone(facts, permit, means, other).ask(traffic).proven:
                return f"{_named(permit)} permits {traffic} {way} {permit.peer}, and so {way} {whom}"
        return f"{called} permits {traffic} {way} {whom}"
    if answer.unknown:
        return f"whether {called} permits {traffic} {way} {whom} is unknown: {_reasons(answer.because)}"
    if every:
        peers = " or ".join(dict.fromkeys(str(permit.peer) for permit, _ in every))
        return f"{called} permits {traffic} only {way} {peers}, not {way} {whom}"
    return f"{called} permits no {traffic} {way} {whom}"


def deciding(facts: Facts, own: Side, direction: Direction, other: Other, traffic: Traffic) -> tuple[Permit, ...]:
    """The permits that let this traffic through for certain, each by itself."""
    return tuple(
        permit
        for group in own.groups
        for permit, means in permits(facts, group, direction)
        if means.sure & traffic and _alone(facts, permit, means, other).ask(traffic).proven
    )


def _alone(facts: Facts, permit: Permit, means: Open, other: Other) -> Open:
    """What one permit lets through by itself."""
    rules = _sorted(facts, [(permit, means)])
    found = _referred(rules.things, other.groups, other.doubts).both(other.refers)
    return found if other.ranges is None else found.either(_over_all([rules], other.ranges))


def _named(permit: Permit) -> str:
    """The rule of a group that is a resource of its own, or the group."""
    return f"{permit.by} of {permit.group}" if permit.by and permit.by != permit.group else f"{permit.group}"


def _reasons(because: Iterable[object]) -> str:
    return "; ".join(reason.what for reason in because if isinstance(reason, Unknown))
