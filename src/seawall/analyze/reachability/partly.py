"""Whether a connection that does not come about everywhere does so in part: from some places, or to some addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seawall.analyze.reachability import layers, network
from seawall.analyze.reachability.lookups import is_looked_up, lookup
from seawall.analyze.reachability.targets import behind, pod_port, resolve
from seawall.analyze.reachability.traffic import Traffic
from seawall.facts.compute import Workload
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.pod_network import Service
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Partly:
    """A connection between two ends that is not shut from every place of the one to every place of the other.

    ``verdict`` is proven where some such connection certainly comes about, unknown where it only may. ``through`` are
    the places of the source, its node groups, from which it does, and ``not_through`` those from which none does;
    both are empty where it is the addresses of one place that differ.
    """

    verdict: Verdict
    through: tuple[Address, ...] = ()
    not_through: tuple[Address, ...] = ()


def partly(facts: Facts, demand: Reach) -> Partly | None:
    """What part of a demand gets through; None if none does, or if the ends are not of the input."""
    if isinstance(demand.port, Unknown):
        return None
    pods = facts.one(Workload, of=demand.source)
    if (
        pods is not None
        and is_looked_up(facts, demand.target)
        and any(hop.verdict.refuted for hop in lookup(facts, pods))
    ):
        return None  # who cannot ask for the name reaches no part of what it means
    for thing, port in _ends(facts, demand, demand.port):
        traffic = Traffic.of(demand.protocol, Ports.one(port))
        verdict = layers.between(facts, demand.source, thing).some.ask(traffic)
        if verdict.refuted:
            continue
        source, target = (facts.one(Workload, of=end) or end for end in (demand.source, thing))
        there = layers.places_of(facts, target)
        answers = {
            here.of: any(not network.somewhere(facts, here, other).ask(traffic).refuted for other in there)
            for here in layers.places_of(facts, source)
        }
        if all(answers.values()):
            return Partly(verdict)
        through = tuple(place for place, passes in answers.items() if passes)
        return Partly(verdict, through, tuple(place for place in answers if place not in through))
    return None


def _ends(facts: Facts, demand: Reach, port: int) -> Iterator[tuple[Address, int]]:
    """The things that answer at the target, each with the port on which it does."""
    for thing in resolve(facts, demand.source, demand.target).things:
        service = facts.one(Service, of=thing)
        if service is None:
            yield thing, port
            continue
        for pods in behind(facts, service):
            own = pod_port(facts, service, pods, port, demand.protocol)
            if isinstance(own, int):
                yield pods.of, own
