"""The path from the internet to a thing: the way in that lets it through, or that there is none."""

from __future__ import annotations

from typing import Final

from seawall.analyze.reachability.entrances import Exposure, exposures_of, shut_by
from seawall.analyze.reachability.hop import Hop, Path
from seawall.analyze.reachability.targets import behind, led_to, pod_port, resolve
from seawall.analyze.reachability.traffic import Traffic
from seawall.analyze.reachability.unread_openings import may_be_opened
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.network import Protocol, Record
from seawall.facts.pod_network import Service
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Verdict, proven, refuted, unknown

INTERNET: Final = Address("internet")
"""Everybody outside, as an end of a connection."""


def from_internet(facts: Facts, demand: Reach) -> Path:
    """The best way in to a thing on its own port: from anybody rather than from some, sure rather than perhaps.

    The port is the thing's own: what stands in front of it may listen on another.
    """
    if isinstance(demand.port, Unknown):
        return Path((Hop("listens", unknown(demand.port), f"the port is unknown: {demand.port.what}"),))
    name, things = named(facts, demand)
    if not things:
        return Path((name,))
    found = [way for thing in things for way in ways(facts, thing, demand.port, demand.protocol)]
    if not found:
        on = f"{demand.protocol} {demand.port}"
        said = f"nothing that the internet reaches leads to {', '.join(things)} on {on}"
        traffic = Traffic.of(demand.protocol, Ports.one(demand.port))
        whys = [(thing, shut_by(facts, thing, traffic)) for thing in things]
        perhaps = dict.fromkeys(
            each for thing, why in whys for each in may_be_opened(facts, thing, why[0] if why else None)
        )
        if perhaps:
            return Path((name, Hop("entrance", unknown(*perhaps), f"{said}, of what is read of the input")))
        return Path(
            (
                name,
                *(Hop(why[0], refuted(why[1]), why[2]) for _, why in whys if why is not None),
                Hop("entrance", refuted(), said),
            )
        )
    verdict, way = min(found, key=lambda each: (not each[0].proven, not each[1].anybody, len(each[1].through)))
    # What a way says before its last word is so; the last is about the thing itself.
    hops = [Hop("entrance", proven(), said) for said in way.says[:-1]]
    whom = "" if way.anybody else f", for {way.who} alone"
    return Path((name, *hops, Hop("entrance", verdict, f"{way.says[-1] if way.says else way.thing}{whom}")))


def named(facts: Facts, demand: Reach) -> tuple[Hop, tuple[Address, ...]]:
    """What the target is: for a name of the input's zones whatever its records lead to, public or not."""
    found = resolve(facts, demand.source, demand.target)
    host = str(demand.target).removeprefix("host:")
    if not found.things and (things := led_to(facts, host)):
        records = facts.where(Record, name=host)
        return Hop("name", proven(*records), f"{host} is a record that leads to {', '.join(things)}"), things
    if not found.things:
        return Hop("name", refuted(demand) if found.definite else unknown(*found.missing), found.says), ()
    return Hop("name", proven(demand) if found.definite else unknown(*found.missing), found.says), found.things


def ways(facts: Facts, thing: Address, port: int, protocol: Protocol) -> list[tuple[Verdict, Exposure]]:
    """The ways to a thing that may let this through; those to a service are those to its pods."""
    found: list[tuple[Verdict, Exposure]] = []
    for of, number in answering(facts, thing, port):
        traffic = Traffic.of(protocol, Ports.one(number))
        for way in exposures_of(facts, of):
            answer = way.open.ask(traffic)
            if not answer.refuted:
                found.append((Verdict(answer.answer, (*answer.because, *way.by)), way))
    return found


def answering(facts: Facts, thing: Address, port: int) -> tuple[tuple[Address, int], ...]:
    """A thing and, of a service, the pods behind it, each with the port on which it is asked."""
    service = facts.one(Service, of=thing)
    targets = [(pods.of, pod_port(facts, service, pods, port)) for pods in behind(facts, service)] if service else []
    return ((thing, port), *((of, number) for of, number in targets if isinstance(number, int)))
