"""The path from a thing to the internet: what its policies let out, and which way out of its network there is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

from seawall.analyze.reachability import network
from seawall.analyze.reachability.hop import Hop, Kind, Path
from seawall.analyze.reachability.layers import nowhere, places_of
from seawall.analyze.reachability.placement import Whereabouts
from seawall.analyze.reachability.places import INTERNET as ADDRESSES
from seawall.analyze.reachability.pod_policies import Reached, pod_policies
from seawall.analyze.reachability.policies import unisolated
from seawall.analyze.reachability.traffic import Traffic
from seawall.facts.compute import Workload
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.network import Outside
from seawall.kernel.units import Ports
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Verdict, proven, unknown


def to_internet(facts: Facts, demand: Reach) -> Path:
    """What stands between a thing and the internet; it is open where any address of it is reached."""
    return Path(tuple(_hops(facts, demand)))


def _hops(facts: Facts, demand: Reach) -> Iterator[Hop]:
    if isinstance(demand.port, Unknown):
        yield Hop("listens", unknown(demand.port), f"the port is unknown: {demand.port.what}")
        return
    traffic = Traffic.of(demand.protocol, Ports.one(demand.port))
    on = f"{demand.protocol} {demand.port}"
    pods = facts.one(Workload, of=demand.source)
    if pods is not None:
        policies, outside = pod_policies(facts, pods), Whereabouts.of(ADDRESSES)
        found = policies.reached(pods, "egress", outside)
        isolating = policies.isolating(pods, "egress")
        letting = [permit for permit, let in policies.permits(pods, "egress", outside) if (let & traffic).spans]
        if not isolating:
            yield unisolated(facts, pods, "egress", found.some.ask(traffic))
        else:
            yield _hop("egress policy", found, traffic, f"policies of {pods.of} let", on, tuple(letting or isolating))
    here = places_of(facts, pods or demand.source)
    free = facts.one(Outside, of=demand.source)
    if free is not None:
        yield Hop("exit", proven(free), f"{demand.source} runs in a network of its provider's, open to the internet")
        return
    if not here:
        missing = nowhere(demand.source)
        yield Hop("place", unknown(missing), f"{missing.what}: {missing.why}")
        return
    ways = Reached(
        reduce(lambda one, other: one.both(other), (network.outward(facts, each) for each in here)),
        reduce(lambda one, other: one.either(other), (network.outward(facts, each, every=False) for each in here)),
    )
    yield _hop("exit", ways, traffic, f"groups, lists and routes of {demand.source} let", on, ())


def _hop(kind: Kind, found: Reached, traffic: Traffic, who: str, on: str, because: tuple[object, ...]) -> Hop:
    verdict = found.some.ask(traffic)
    if verdict.refuted:
        return Hop(kind, Verdict(verdict.answer, because), f"{who} no {on} out to any address of the internet")
    if verdict.unknown:
        return Hop(kind, verdict, f"whether {who.removesuffix(' let')} let {on} out to the internet is not known")
    whole = found.every.ask(traffic).proven
    return Hop(kind, proven(*because), f"{who} {on} out to {'all' if whole else 'some addresses'} of the internet")
