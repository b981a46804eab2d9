"""The way between two things of the input that leaves by the internet: out of the one's network, in at the other's.

Networks that no peering joins are joined by the internet all the same, where the one lets out and the other lets in.
Paths, matrices and claims of isolation ask here, so that none of them can say otherwise than another.
"""

from __future__ import annotations

from functools import reduce
from typing import Final

from seawall.analyze.reachability import layers, network
from seawall.analyze.reachability.api_paths import api_path
from seawall.analyze.reachability.entrances import Exposure, exposures_of, of_aws
from seawall.analyze.reachability.from_internet import INTERNET, from_internet
from seawall.analyze.reachability.hop import Hop, Path
from seawall.analyze.reachability.placement import Whereabouts
from seawall.analyze.reachability.places import INTERNET as ADDRESSES
from seawall.analyze.reachability.pod_policies import FREE, Reached, pod_policies
from seawall.analyze.reachability.reach import reach
from seawall.analyze.reachability.targets import led_to, resolve
from seawall.analyze.reachability.to_internet import to_internet
from seawall.analyze.reachability.traffic import SHUT, Open, Traffic
from seawall.facts.compute import Workload
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.network import Outside
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr, Ports
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import proven, unknown

_NO_ONE: Final = Reached(SHUT, SHUT)


def any_path(facts: Facts, demand: Reach) -> Path:
    """The path of a connection by whichever way lets it through: within networks, else over the internet.

    One of its ends may be the internet itself. Where neither way does for certain it is the one that may, and where
    none may the one within networks.
    """
    return facts.derive(_any_path, demand)


def over_internet(facts: Facts, source: Address, target: Address) -> Open:
    """What gets from a thing out to the internet and from there to another.

    It gets in at a public address of its own, or by what stands in front and passes on what it is asked.
    """
    return facts.derive(_over, source, target)


def _any_path(facts: Facts, demand: Reach) -> Path:
    if demand.target == INTERNET:
        return to_internet(facts, demand)
    if demand.source == INTERNET:
        return from_internet(facts, demand)
    direct = reach(facts, demand)
    if direct.verdict.proven or isinstance(demand.port, Unknown):
        return direct
    traffic = Traffic.of(demand.protocol, Ports.one(demand.port))
    if direct.verdict.unknown and isinstance(demand.target, str) and demand.target.startswith("host:"):
        by_api = api_path(facts, demand.source, demand.target.removeprefix("host:"))
        if by_api is not None and not resolve(facts, demand.source, demand.target).things and demand.port == 443:
            return by_api
    for thing in _things(facts, demand):
        verdict = over_internet(facts, demand.source, thing).ask(traffic)
        if verdict.refuted or (verdict.unknown and direct.verdict.unknown):
            continue
        door, asked = _door(facts, demand, thing, traffic)
        hops = [
            *to_internet(facts, Reach(demand.source, INTERNET, asked, demand.protocol)).hops,
            *from_internet(facts, Reach(INTERNET, thing, demand.port, demand.protocol)).hops,
        ]
        on = f"{demand.protocol} {demand.port}"
        if verdict.proven:
            said = f"over the internet {demand.source} reaches {thing} on {on} by the public address of {door}"
            return Path((*(hop for hop in hops if hop.verdict.proven), Hop("exit", proven(), said)))
        said = f"whether {demand.source} reaches {thing} on {on} over the internet is not known"
        return Path((*(hop for hop in hops if not hop.verdict.refuted), Hop("exit", unknown(*verdict.because), said)))
    return direct


def _door(facts: Facts, demand: Reach, thing: Address, traffic: Traffic) -> tuple[Address, int]:
    """At whose public address a thing is reached over the internet, itself rather than what stands in front, and where.

    What stands in front is asked on a port of its own.
    """
    assert not isinstance(demand.port, Unknown)
    out = outward(facts, demand.source)
    ways = [(_by(facts, demand.source, out, way).ask(traffic), way) for way in exposures_of(facts, thing)]
    may = [(verdict, way) for verdict, way in ways if not verdict.refuted]
    _, best = min(may, key=lambda each: (not each[0].proven, len(each[1].through)))
    if not best.through:
        return thing, demand.port
    door = best.through[0]
    heard = [each.open.may & out.some.may for each in exposures_of(facts, door) if not each.through]
    ports = [ports.first for one in heard for protocol, ports in one.parts() if protocol == demand.protocol]
    return door, next(iter(ports), demand.port)


def _things(facts: Facts, demand: Reach) -> tuple[Address, ...]:
    found = resolve(facts, demand.source, demand.target)
    if found.things or not isinstance(demand.target, str):
        return found.things
    return led_to(facts, str(demand.target).removeprefix("host:"))


def outward(facts: Facts, source: Address) -> Reached:
    """What a thing gets out to the internet: to all of it from everywhere, and to some address from somewhere."""
    return facts.derive(_outward, source)


def _outward(facts: Facts, source: Address) -> Reached:
    if facts.one(Outside, of=source):
        return FREE
    pods = facts.one(Workload, of=source)
    let = pod_policies(facts, pods).reached(pods, "egress", Whereabouts.of(ADDRESSES)) if pods is not None else FREE
    places = layers.places_of(facts, pods or source)
    if not places or not let.some.may:
        return _NO_ONE  # of a thing that is nowhere the way within networks says already that nothing is known
    every = reduce(Open.both, (network.outward(facts, each) for each in places))
    some = reduce(Open.either, (network.outward(facts, each, every=False) for each in places))
    return let.both(Reached(every, some))


def _over(facts: Facts, source: Address, target: Address) -> Open:
    if source == target:
        return SHUT
    ways = exposures_of(facts, target)
    if not ways:
        return SHUT
    out = outward(facts, source)
    found = SHUT
    for way in ways if out.some.may else ():
        found = found.either(_by(facts, source, out, way))
    return found


def _by(facts: Facts, source: Address, out: Reached, way: Exposure) -> Open:
    """What gets through by one entrance: what leaves for its address, and what it lets in from that of the source."""
    because = _of_the_source(facts, source, way)
    if because is None:
        return SHUT
    if not way.through:
        sure, may = out.every.sure & way.open.sure, out.some.may & way.open.may
    else:
        # What stands in front is asked on its own port, and asks what stands behind on another.
        fronts = [each for each in exposures_of(facts, way.through[0]) if not each.through and each.who == way.who]
        reached = [(out.every.sure & each.open.sure, out.some.may & each.open.may) for each in fronts]
        sure = way.open.sure if any(one for one, _ in reached) else Traffic()
        may = way.open.may if any(one for _, one in reached) else Traffic()
    sure = Traffic() if because else sure
    if sure.spans == may.spans:
        return Open.known(sure)
    which = Unknown(f"{way.thing}.public_ip", why="which address of the internet it has is not in the input")
    reasons = dict.fromkeys((*because, *out.every.because, *out.some.because, *way.open.because))
    return Open(sure, may, tuple(reasons) or (which,))


def _of_the_source(facts: Facts, source: Address, way: Exposure) -> tuple[Unknown, ...] | None:
    """What is not known of whether a source's public address is one of those let in; None if it is none of them."""
    if not isinstance(way.who, Cidr):
        listed = Unknown(f"{way.who}", why=f"whether the public address of {source} is in it is not in the input")
        return None if of_aws(facts, way.who) else (listed,)
    if way.who.version == 6:
        own = [each.ipv6 for each in layers.places_of(facts, facts.one(Workload, of=source) or source)]
        if not any(spoken is not False for spoken in own):
            return None
        if way.anybody and not all(spoken is True for spoken in own):
            return (Unknown(f"{source}.ipv6", why="whether it speaks IPv6 everywhere is not in the input"),)
    if way.anybody:
        return ()
    return (Unknown(f"{source}.public_ip", why=f"whether it lies in {way.who} is not in the input"),)
