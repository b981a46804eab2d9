"""The path from a thing to the internet: what its policies let out, and which way out of its network there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

from seawall.analyze.reachability import groups, network, routes
from seawall.analyze.reachability.hop import Hop, Kind, Path
from seawall.analyze.reachability.layers import nowhere, places_of
from seawall.analyze.reachability.placement import Whereabouts
from seawall.analyze.reachability.places import INTERNET as ADDRESSES
from seawall.analyze.reachability.places import Side, range_of, side
from seawall.analyze.reachability.pod_policies import FREE, Reached, pod_policies
from seawall.analyze.reachability.policies import unisolated
from seawall.analyze.reachability.traffic import EVERYTHING, Open, Traffic
from seawall.facts.compute import Workload
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.network import Interface, Outside
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr, Ports
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Verdict, proven, refuted, unknown


def to_internet(facts: Facts, demand: Reach, only: tuple[Cidr, ...] = ()) -> Path:
    """What stands between a thing and the internet; open where any address of it is reached, or all of ``only``."""
    return Path(tuple(_hops(facts, demand, only)))


def outward(facts: Facts, source: Address, to: tuple[Cidr, ...]) -> Reached:
    """What gets out to all of these addresses of the internet, and to some of them."""
    pods, free = facts.one(Workload, of=source), facts.one(Outside, of=source)
    found = pod_policies(facts, pods).reached(pods, "egress", Whereabouts.of(to)) if pods is not None else FREE
    here = places_of(facts, pods or source)
    if free is not None:
        return found
    if not here:
        doubt = Open.doubtful(EVERYTHING, nowhere(source))
        return found.both(Reached(doubt, doubt))
    return found.both(_ways_out(facts, here, to))


def _ways_out(facts: Facts, here: Sequence[Interface], to: tuple[Cidr, ...]) -> Reached:
    return Reached(
        reduce(Open.both, (network.outward(facts, each, to) for each in here)),
        reduce(Open.either, (network.outward(facts, each, to, every=False) for each in here)),
    )


def _hops(facts: Facts, demand: Reach, only: tuple[Cidr, ...]) -> Iterator[Hop]:
    if isinstance(demand.port, Unknown):
        yield Hop("listens", unknown(demand.port), f"the port is unknown: {demand.port.what}")
        return
    traffic = Traffic.of(demand.protocol, Ports.one(demand.port))
    on = f"{demand.protocol} {demand.port}"
    pods = facts.one(Workload, of=demand.source)
    if pods is not None:
        policies, outside = pod_policies(facts, pods), Whereabouts.of(only or ADDRESSES)
        found = policies.reached(pods, "egress", outside)
        isolating = policies.isolating(pods, "egress")
        letting = [permit for permit, let in policies.permits(pods, "egress", outside) if (let & traffic).spans]
        if not isolating:
            yield unisolated(facts, pods, "egress", found.some.ask(traffic))
        else:
            who = f"policies of {pods.of} let"
            yield _hop("egress policy", found, traffic, who, on, tuple(letting or isolating), only)
    here = places_of(facts, pods or demand.source)
    free = facts.one(Outside, of=demand.source)
    if free is not None:
        yield Hop("exit", proven(free), f"{demand.source} runs in a network of its provider's, open to the internet")
        return
    if not here:
        missing = nowhere(demand.source)
        yield Hop("place", unknown(missing), f"{missing.what}: {missing.why}")
        return
    ways = _ways_out(facts, here, only or ADDRESSES)
    exit = _hop("exit", ways, traffic, f"groups, lists and routes of {demand.source} let", on, (), only)
    if exit.verdict.refuted:
        yield from dict.fromkeys(hop for own in here for hop in _shut_at(facts, side(facts, own), traffic, only))
    yield exit


def _shut_at(facts: Facts, own: Side, traffic: Traffic, only: tuple[Cidr, ...]) -> Iterator[Hop]:
    """What of one place lets nothing out: its groups, or the routes of its subnets."""
    to = only or ADDRESSES
    let = groups.ranged(facts, own, "egress", range_of(facts, to)) if only else groups.touched(facts, own, "egress", to)
    if let.ask(traffic).refuted:
        whom = ", ".join(map(str, only)) or "any address of the internet"
        yield Hop("egress group", refuted(*own.groups), f"{', '.join(own.groups)} permits no {traffic} to {whom}")
    for spot in own.spots:
        for cidr in [each for each in to if each.version == 4][:1]:
            way = routes.outside(facts, spot, own.public, range_of(facts, (cidr,)), inward=False)
            if not way.open.may:
                yield Hop("route", refuted(*way.because), way.says)


def _hop(
    kind: Kind,
    found: Reached,
    traffic: Traffic,
    who: str,
    on: str,
    because: tuple[object, ...],
    only: tuple[Cidr, ...],
) -> Hop:
    where = ", ".join(map(str, only)) or "the internet"
    verdict, whole = found.some.ask(traffic), found.every.ask(traffic)
    if verdict.refuted:
        any_of = where if only else "any address of the internet"
        return Hop(kind, Verdict(verdict.answer, because), f"{who} no {on} out to {any_of}")
    if only and whole.refuted:
        return Hop(kind, Verdict(whole.answer, because), f"{who} {on} out to some addresses of {where}, not to all")
    if verdict.unknown or (only and whole.unknown):
        reasons = whole if only else verdict
        return Hop(kind, reasons, f"whether {who.removesuffix(' let')} let {on} out to {where} is not known")
    part = where if only else "all of the internet" if whole.proven else "some addresses of the internet"
    return Hop(kind, proven(*because), f"{who} {on} out to {part}")
