"""A range of the internet's addresses as an end of a connection: what gets in from all of it, and out to all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

from seawall.analyze.reachability import acls, groups, layers, network
from seawall.analyze.reachability.entrances import Exposure, doors, exposures_of, of_cloudfront
from seawall.analyze.reachability.from_internet import INTERNET, answering, from_internet, named
from seawall.analyze.reachability.groups import Other
from seawall.analyze.reachability.hop import Hop, Path
from seawall.analyze.reachability.places import PRIVATE, range_of, side
from seawall.analyze.reachability.pod_policies import FREE, Reached
from seawall.analyze.reachability.to_internet import outward, to_internet
from seawall.analyze.reachability.traffic import ALL_OPEN, EVERYTHING, SHUT, Open, Traffic
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.network import Interface, Listens, Protocol
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr, Ports
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Verdict, proven, refuted, unknown


def range_of_end(end: object) -> Cidr | None:
    """The range that an end is; None for a thing, a name and the internet as a whole."""
    if not isinstance(end, Address) or end == INTERNET or "/" not in end:
        return None
    try:
        return Cidr.parse(end)
    except ValueError:
        return None


def with_range(facts: Facts, demand: Reach) -> Path | None:
    """The path of a connection one end of which is a range, open where all of that is; None if neither end is one."""
    return facts.derive(_with_range, demand)


def part_with_range(facts: Facts, demand: Reach) -> Verdict | None:
    """Whether some addresses of a range do what not all of them do; None if none does, or if no end is one."""
    here, there = range_of_end(demand.source), range_of_end(demand.target)
    if isinstance(demand.port, Unknown) or (here is None and there is None):
        return None
    if there is not None:
        verdict = outward(facts, demand.source, (there,)).some.ask(_traffic(demand.protocol, demand.port))
        return None if verdict.refuted else verdict
    assert here is not None
    found = [way.some for way in _ways(facts, demand, demand.port, here) if not way.some.refuted]
    return min(found, key=lambda each: not each.proven, default=None)


def _with_range(facts: Facts, demand: Reach) -> Path | None:
    here, there = range_of_end(demand.source), range_of_end(demand.target)
    cidr = here or there
    if cidr is None:
        return None
    if isinstance(demand.port, Unknown):
        return Path((Hop("listens", unknown(demand.port), f"the port is unknown: {demand.port.what}"),))
    if any(private.overlaps(cidr) for private in PRIVATE):
        why = "whose private addresses these are is not asked: name the thing itself"
        return Path((Hop("name", unknown(Unknown(str(cidr), why=why)), f"{cidr} is not of the internet: {why}"),))
    return _from_range(facts, demand, demand.port, cidr) if there is None else to_internet(facts, demand, (there,))


@dataclass(frozen=True, slots=True)
class _Way:
    """A way that the internet has to a thing: whether all of a range has it, and whether some address of it has."""

    exposure: Exposure
    every: Verdict
    some: Verdict


def _from_range(facts: Facts, demand: Reach, port: int, cidr: Cidr) -> Path:
    name, things = named(facts, demand)
    found = list(_ways(facts, demand, port, cidr)) if things else []
    if not found:
        return from_internet(facts, demand)
    best = min(found, key=lambda each: (each.every.refuted, not each.every.proven, len(each.exposure.through)))
    way = best.exposure
    if best.every.refuted:
        return Path((name, *dict.fromkeys(hop for way in found for hop in _refusing(facts, way, cidr, demand, port))))
    hops = [Hop("entrance", proven(), said) for said in way.says[:-1]]
    answer = Verdict(best.every.answer, (*best.every.because, *way.by))
    return Path((name, *hops, Hop("entrance", answer, f"{way.says[-1] if way.says else way.thing}, so {cidr} too")))


def _refusing(facts: Facts, way: _Way, cidr: Cidr, demand: Reach, port: int) -> Iterator[Hop]:
    """What of an entrance that is there for others stands in the way of a range: its groups, its lists, or both."""
    exposure = way.exposure
    door = exposure.through[0] if exposure.through else exposure.thing
    asked = (
        [port]
        if not exposure.through
        else [each.ports.first for each in facts.where(Listens, of=door) if not isinstance(each.ports, Unknown)]
    )
    shut: dict[Hop, None] = {}
    for number in asked:
        for own in doors(facts, door):
            shut.update(dict.fromkeys(_shut_at(facts, own, cidr, _traffic(demand.protocol, number))))
    yield from shut
    if not shut:
        whom = "anybody" if exposure.anybody else str(exposure.who)
        said = f"{door} is there for {whom}, and {'no' if way.some.refuted else 'not every'} address of {cidr} gets in"
        yield Hop("entrance", refuted(*exposure.by), said)


def _shut_at(facts: Facts, own: Interface, cidr: Cidr, traffic: Traffic) -> Iterator[Hop]:
    """The groups and lists of one interface that refuse a range."""
    there, whole = side(facts, own), range_of(facts, (cidr,))
    other = Other((), (), whole, ALL_OPEN)
    if groups.through(facts, there, "ingress", other).ask(traffic).refuted:
        yield Hop(
            "ingress group", refuted(*there.groups), groups.words(facts, there, "ingress", other, traffic, str(cidr))
        )
    for spot in there.spots:
        verdict, said = acls.words(facts, spot.subnet, there.lists, "ingress", whole, False, traffic, f"from {cidr}")
        if verdict.refuted:
            yield Hop("ingress acl", verdict, said)
        verdict, said = acls.answer_words(
            facts, spot.subnet, there.lists, "egress", whole, False, traffic, f"to {cidr}"
        )
        if verdict.refuted:
            yield Hop("return acl", verdict, f"the answer's way back: {said}")


def _ways(facts: Facts, demand: Reach, port: int, cidr: Cidr) -> Iterator[_Way]:
    for thing in named(facts, demand)[1]:
        for of, number in answering(facts, thing, port):
            traffic = _traffic(demand.protocol, number)
            for exposure in exposures_of(facts, of):
                if not exposure.open.ask(traffic).refuted:
                    reached = _by(facts, exposure, cidr)
                    yield _Way(exposure, reached.every.ask(traffic), reached.some.ask(traffic))


def _traffic(protocol: Protocol, port: int) -> Traffic:
    return Traffic.of(protocol, Ports.one(port))


def _by(facts: Facts, way: Exposure, cidr: Cidr) -> Reached:
    """What a way lets through from all of a range, and from some address of it."""
    door = way.through[0] if way.through else way.thing
    inward = _inward(facts, door, cidr)
    if not way.through:
        # Of a thing with an interface its groups, lists and routes are asked for the range itself.
        if inward is not None:
            return inward.both(layers.listening(facts, way.thing))
        return Reached(way.open, way.open).both(_means(facts, way, cidr))
    found = Reached(way.open, way.open).both(_means(facts, way, cidr))
    if inward is None:
        return found
    gates = [each.open for each in exposures_of(facts, door) if not each.through and each.who == way.who]
    asked = reduce(Open.either, gates, SHUT)
    return found.both(Reached(_gate(inward.every.both(asked)), _gate(inward.some.both(asked))))


def _gate(found: Open) -> Open:
    """What stands in front is asked on its own port, whatever the port is on which it asks what stands behind it."""
    if found.sure:
        return ALL_OPEN
    return Open.doubtful(EVERYTHING, *found.because) if found.may else SHUT


def _inward(facts: Facts, door: Address, cidr: Cidr) -> Reached | None:
    own = doors(facts, door)
    if not own:
        return None
    every, some = (
        reduce(Open.either, (network.inward(facts, each, (cidr,), every=whole) for each in own))
        for whole in (True, False)
    )
    return Reached(every, some)


def _means(facts: Facts, way: Exposure, cidr: Cidr) -> Reached:
    """Whether a range is one of those for whom a way is there."""
    if isinstance(way.who, Cidr):
        if way.who.contains(cidr):
            return FREE
        return Reached(SHUT, ALL_OPEN) if way.who.overlaps(cidr) else Reached(SHUT, SHUT)
    if of_cloudfront(facts, way.who):
        return Reached(SHUT, SHUT)
    doubt = Open.doubtful(EVERYTHING, Unknown(f"{way.who}", why=f"whether {cidr} is in it is not in the input"))
    return Reached(doubt, doubt)
