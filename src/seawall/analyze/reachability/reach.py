"""The question itself: can this source reach that target on this port?"""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.reachability import layers, network, policies
from seawall.analyze.reachability.hop import Hop, Path
from seawall.analyze.reachability.lookups import is_looked_up, lookup
from seawall.analyze.reachability.targets import behind, declared, pod_port, resolve
from seawall.analyze.reachability.traffic import Traffic
from seawall.facts.compute import Workload
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.network import Interface, Listens, Outside, Protocol
from seawall.facts.pod_network import Service
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import proven, refuted, unknown


def reach(facts: Facts, demand: Reach) -> Path:
    """Every hop of the connection that a demand asks for; ask ``.verdict``, ``.blocked`` and ``.missing`` of it.

    The pods of a source are taken to be in the subnets and groups of every node group of their cluster.
    """
    return facts.derive(_reach, demand)


def _reach(facts: Facts, demand: Reach) -> Path:
    return Path(tuple(_hops(facts, demand)))


def _hops(facts: Facts, demand: Reach) -> Iterator[Hop]:
    if isinstance(demand.port, Unknown):
        yield Hop("listens", unknown(demand.port), f"the port is unknown: {demand.port.what}")
        return
    yield from _connection(facts, demand, demand.port)
    # Last, so that what else is in the way of the connection itself is not hidden behind its name.
    source = facts.one(Workload, of=demand.source)
    if source is not None and is_looked_up(facts, demand.target):
        yield from lookup(facts, source)


def _connection(facts: Facts, demand: Reach, port: int) -> Iterator[Hop]:
    found = resolve(facts, demand.source, demand.target)
    if not found.things:
        yield Hop("name", refuted(demand) if found.definite else unknown(*found.missing), found.says)
        source = facts.one(Workload, of=demand.source)
        if source is not None and not found.definite:
            yield from policies.towards_anybody(facts, source, port, demand.protocol)
        return
    yield Hop("name", proven(demand) if found.definite else unknown(*found.missing), found.says)
    for thing in found.things:
        yield from _towards(facts, demand, thing, port)


def _towards(facts: Facts, demand: Reach, thing: Address, port: int) -> Iterator[Hop]:
    source = facts.one(Workload, of=demand.source)
    service = facts.one(Service, of=thing)
    if service is not None:
        yield from _to_service(facts, demand, source, service, port)
        return
    workload = facts.one(Workload, of=thing)
    if workload is not None:
        yield from _to_pods(facts, demand, source, workload, port)
        return
    yield from _to_interface(facts, demand, source, thing, port)


def _to_service(facts: Facts, demand: Reach, source: Workload | None, service: Service, port: int) -> Iterator[Hop]:
    if service.kind == "ExternalName":
        missing = Unknown(f"{service.of}", why=f"it is another name for {service.external_name}")
        yield Hop("service", unknown(missing), f"{service.of} {missing.why}")
        return
    pods = behind(facts, service)
    if not pods:
        if service.selector is None:
            missing = Unknown(f"{service.of}.endpoints", why="the service has no selector")
            yield Hop("service", unknown(missing), f"{service.of} has no selector")
        else:
            yield Hop("service", refuted(service), f"{service.of} selects {service.selector}, which no pods have")
        return
    for workload in pods:
        target = pod_port(facts, service, workload, port, demand.protocol)
        if not isinstance(target, int):
            yield Hop("service", refuted(service), _nobodys(service, workload, target, port, demand.protocol))
            continue
        headless = f"{service.of} is headless: its name is that of the pods of {workload.of}, asked on {target} itself"
        forwards = f"{service.of} forwards {port} to {target} of {workload.of}"
        yield Hop("service", proven(service), headless if service.kind == "Headless" else forwards)
        yield from _to_pods(facts, demand, source, workload, target)


def _nobodys(service: Service, pods: Workload, target: str | None, port: int, protocol: Protocol) -> str:
    """Why no pod answers on a port of a service."""
    if service.kind == "Headless":
        return (
            f"{service.of} is headless: nothing maps its port {port} to that of pods, and no container of "
            f"{pods.of} has port {port}"
        )
    if target is not None:
        return f"{service.of} forwards to port {target!r}, which no container names"
    own = ", ".join(_spelled(known.protocol, known.port) for known in service.ports) or "none"
    return f"{service.of} has no port {_spelled(protocol, port)}; its ports are {own}"


def _spelled(protocol: Protocol, port: int) -> str:
    return str(port) if protocol == "tcp" else f"{protocol} {port}"


def _to_pods(facts: Facts, demand: Reach, source: Workload | None, target: Workload, port: int) -> Iterator[Hop]:
    yield from _into_pods(facts, demand, source, target, port)
    stated = declared(facts, target)
    if stated and (demand.protocol, port) not in stated:
        # What containers state binds nobody, so that this is no refusal, but worth a word.
        ports = ", ".join(f"{protocol} {number}" for protocol, number in stated)
        said = f"no container of {target.of} states port {_spelled(demand.protocol, port)}, only {ports}"
        yield Hop("listens", proven(), f"{said}: whether anything listens there is for the image to say")


def _into_pods(facts: Facts, demand: Reach, source: Workload | None, target: Workload, port: int) -> Iterator[Hop]:
    if source is not None and layers.together(source, target):
        yield from policies.towards_pods(facts, source, target, port, demand.protocol)
        # With manifests alone there is no network of nodes to ask.
        placed = layers.places_of(facts, source) and layers.places_of(facts, target)
        if placed and not layers.alone(source, target):
            yield from _beneath(facts, demand, source, target, port)
        return
    if source is not None:
        yield policies.with_addresses(facts, source, "egress", target, port, demand.protocol)
    yield policies.with_addresses(facts, target, "ingress", source or demand.source, port, demand.protocol)
    yield from _beneath(facts, demand, source or demand.source, target, port)


def _to_interface(facts: Facts, demand: Reach, source: Workload | None, thing: Address, port: int) -> Iterator[Hop]:
    listening = facts.where(Listens, of=thing)
    known = [own for own in listening if not isinstance(own.ports, Unknown)]
    if known and len(known) == len(listening):
        if layers.listening(facts, thing).every.ask(Traffic.of(demand.protocol, Ports.one(port))).proven:
            yield Hop("listens", proven(*known), f"{thing} listens on {port}")
        else:
            ports = ", ".join(f"{own.protocol} {own.ports}" for own in known)
            yield Hop("listens", refuted(*known), f"{thing} listens on {ports}, not on {demand.protocol} {port}")
    if source is not None and layers.places_of(facts, thing) and layers.asked_of(facts, thing):
        yield policies.with_addresses(facts, source, "egress", thing, port, demand.protocol)
    yield from _beneath(facts, demand, source or demand.source, thing, port)


def _beneath(
    facts: Facts, demand: Reach, source: Workload | Address, target: Workload | Address, port: int
) -> Iterator[Hop]:
    """The hops through the network that nodes and things are in."""
    here, there = layers.places_of(facts, source), layers.places_of(facts, target)
    if not here or not there:
        if there and (outside := facts.one(Outside, of=demand.source)):
            yield Hop(
                "place",
                refuted(outside),
                f"{demand.source} runs in a network of its provider's, which leads to none of the input",
            )
            return
        missing = layers.nowhere(layers.address_of(target if here else source))
        yield Hop("place", unknown(missing), f"{missing.what}: {missing.why}")
        return
    for one in here:
        for other in there:
            yield from facts.derive(_between, one, other, port, demand.protocol)


def _between(facts: Facts, one: Interface, other: Interface, port: int, protocol: Protocol) -> tuple[Hop, ...]:
    """The hops between two places, which all pods on the same nodes have in common."""
    return tuple(network.hops(facts, one, other, port, protocol))
