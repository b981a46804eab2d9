"""What is open and never demanded: rules of groups and permits of policies that no demand of the input uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from seawall.analyze.clusters import cluster_of, node_interfaces
from seawall.analyze.reachability.demanded import KUBELET, control_plane, demanded
from seawall.analyze.reachability.layers import places_of
from seawall.analyze.reachability.places import ranges
from seawall.analyze.reachability.pods import means_namespace
from seawall.analyze.reachability.targets import behind, pod_port, resolve
from seawall.analyze.reachability.traffic import EVERYTHING, Traffic
from seawall.analyze.selecting import selected
from seawall.facts.compute import Cluster, Container, NodeGroup, Workload
from seawall.facts.data import Store
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.namespaces import namespace
from seawall.facts.network import Gateway, Interface, Permit, Protocol
from seawall.facts.pod_network import Isolates, PodPeer, PolicyPermit, RangePeer, Service
from seawall.facts.telemetry import Scraped
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr, Ports
from seawall.kernel.value import Unknown

_DNS: Final = Traffic.union((Traffic.of("udp", Ports.one(53)), Traffic.of("tcp", Ports.one(53))))
_HTTPS: Final = Traffic.of("tcp", Ports.one(443))
_KUBELET: Final = Traffic.of("tcp", Ports.one(KUBELET))
Connection: TypeAlias = tuple[Interface, Interface, Traffic]
"""From where to where, and what."""


@dataclass(frozen=True, slots=True)
class Unneeded:
    """A rule of a group or a permit of a policy that nothing of the input needs, and whom it is about, in words."""

    of: Address
    by: Address
    says: str


def unneeded(facts: Facts) -> tuple[Unneeded, ...]:
    """Rules and permits whose both sides are in the input with what they need, and that no need uses.

    A side of which the input does not say what it needs, such as a function or a chart's pods, is not judged, nor is
    what is open to the internet, to itself, or to nobody of the input.
    """
    return facts.derive(_unneeded)


def _unneeded(facts: Facts) -> tuple[Unneeded, ...]:
    return (*_groups(facts), *_policies(facts))


# -- rules of security groups


def _groups(facts: Facts) -> Iterator[Unneeded]:
    holders = facts.derive(_holders)
    used = facts.derive(_used)
    for permit in facts.all(Permit):
        group, peer = permit.group, permit.peer
        if not isinstance(group, Address) or not isinstance(peer, Address) or permit in used or group == peer:
            continue
        if "//" in group or group not in holders or peer not in holders:
            continue  # what a network or cluster brings along by itself, or nobody of the input carries
        if isinstance(permit.protocol, Unknown) or isinstance(permit.ports, Unknown):
            continue
        sources, targets = (peer, group) if permit.direction == "ingress" else (group, peer)
        if not all(_tells(facts, of) for of in holders[sources]) or not all(
            _is_known(facts, of) for of in holders[targets]
        ):
            continue
        on = Traffic.of(permit.protocol, permit.ports)
        if on & facts.derive(_unresolved):
            continue
        here, there = _named(holders[sources]), _named(holders[targets])
        says = f"{permit.by or group} lets {on} from {here} to {there}, and nothing of the input asks for it"
        yield Unneeded(group, permit.by, says)


def _unresolved(facts: Facts) -> Traffic:
    """What is demanded of somebody whom the input does not have under that name, and who may be anybody."""
    parts = [
        EVERYTHING if isinstance(reach.port, Unknown) else Traffic.of(reach.protocol, Ports.one(reach.port))
        for reach in demanded(facts)
        if isinstance(reach.port, Unknown) or not resolve(facts, reach.source, reach.target).things
    ]
    return Traffic.union(parts)


def _named(things: Iterable[Address]) -> str:
    return ", ".join(sorted(things))


def _holders(facts: Facts) -> dict[Address, frozenset[Address]]:
    """The things that carry each group."""
    found: dict[Address, set[Address]] = {}
    for interface in _all_interfaces(facts):
        for group in () if isinstance(interface.groups, Unknown) else interface.groups:
            if isinstance(group, Address):
                found.setdefault(group, set()).add(interface.of)
    return {group: frozenset(things) for group, things in found.items()}


def _all_interfaces(facts: Facts) -> Iterator[Interface]:
    nodes = [interface for cluster in facts.all(Cluster) for interface in node_interfaces(facts, cluster)]
    yield from nodes
    for workload in facts.all(Workload):
        yield from places_of(facts, workload)
    templates = {group.launch for group in facts.all(NodeGroup) if isinstance(group.launch, Address)}
    shown = {interface.of for interface in nodes} | templates
    for interface in facts.all(Interface):
        if interface.of not in shown:
            yield interface


def _tells(facts: Facts, of: Address) -> bool:
    """Whether the input says what a thing needs: a cluster whose workloads it has, a control plane, a balancer."""
    if facts.one(Cluster, of=of) is not None:
        return True
    group = facts.one(NodeGroup, of=of)
    if group is not None:
        return isinstance(group.cluster, Address) and any(
            (cluster := cluster_of(facts, reach.source)) is not None and cluster.of == group.cluster
            for reach in demanded(facts)
            if facts.one(Workload, of=reach.source) is not None
        )
    return any(reach.source == of for reach in demanded(facts))


def _is_known(facts: Facts, of: Address) -> bool:
    """Whether a thing is one that demands are about: a store, a cluster, its nodes, an endpoint, who has needs."""
    kinds = (Store, Cluster, NodeGroup, Gateway)
    return any(facts.where(kind, of=of) for kind in kinds) or _tells(facts, of)


def _used(facts: Facts) -> frozenset[Permit]:
    by_group: dict[Address, list[Permit]] = {}
    for permit in facts.all(Permit):
        if isinstance(permit.group, Address):
            by_group.setdefault(permit.group, []).append(permit)
    found: set[Permit] = set()
    for here, there, traffic in _connections(facts):
        for own, other, direction in ((here, there, "egress"), (there, here, "ingress")):
            for group in () if isinstance(own.groups, Unknown) else own.groups:
                for permit in by_group.get(group, ()) if isinstance(group, Address) else ():
                    if permit.direction == direction and permit not in found and _means(facts, permit, other, traffic):
                        found.add(permit)
    return frozenset(found)


def _means(facts: Facts, permit: Permit, other: Interface, traffic: Traffic) -> bool:
    """Whether a rule may be what lets some of this traffic through, to or from there."""
    if isinstance(permit.protocol, Unknown) or isinstance(permit.ports, Unknown):
        return True
    if not Traffic.of(permit.protocol, permit.ports) & traffic:
        return False
    match permit.peer:
        case Address():
            return isinstance(other.groups, Unknown) or permit.peer in other.groups
        case Cidr():
            known, missing = ranges(facts, other)
            return bool(missing) or not known or any(permit.peer.overlaps(cidr) for cidr in known)
        case _:
            return True


def _connections(facts: Facts) -> Iterator[Connection]:
    for reach in demanded(facts):
        if isinstance(reach.port, int):
            yield from _of_reach(facts, reach, reach.port)
    for cluster, port, _, _ in control_plane(facts):
        yield from _between(
            facts.where(Interface, of=cluster.of), node_interfaces(facts, cluster), Traffic.of("tcp", Ports.one(port))
        )
    for cluster in facts.all(Cluster):
        nodes, api = node_interfaces(facts, cluster), facts.where(Interface, of=cluster.of)
        yield from _between(nodes, api, _HTTPS)
        yield from _between(nodes, nodes, _DNS | _KUBELET)
        for endpoint in facts.all(Gateway):
            if endpoint.kind == "interface-endpoint":
                yield from _between(nodes, facts.where(Interface, of=endpoint.of), _HTTPS)
    for workload in facts.all(Workload):
        own = places_of(facts, workload)
        cluster_here = cluster_of(facts, workload.of)
        if cluster_here is not None:
            yield from _between(own, node_interfaces(facts, cluster_here), _DNS)
            for container in facts.where(Container, workload=workload.of):
                for _, port in container.ports:
                    yield from _between(node_interfaces(facts, cluster_here), own, Traffic.of("tcp", Ports.one(port)))


def _between(here: Iterable[Interface], there: Iterable[Interface], traffic: Traffic) -> Iterator[Connection]:
    return ((one, other, traffic) for one in here for other in there)


def _of_reach(facts: Facts, reach: Reach, port: int) -> Iterator[Connection]:
    source = facts.one(Workload, of=reach.source) or reach.source
    for thing in resolve(facts, reach.source, reach.target).things:
        for target, number in _ends(facts, thing, port):
            yield from _between(
                places_of(facts, source), places_of(facts, target), Traffic.of(reach.protocol, Ports.one(number))
            )


def _ends(facts: Facts, thing: Address, port: int) -> Iterator[tuple[Workload | Address, int]]:
    """A thing and its port; for a service its pods and theirs."""
    service = facts.one(Service, of=thing)
    if service is None:
        yield facts.one(Workload, of=thing) or thing, port
        return
    for workload in behind(facts, service):
        number = pod_port(facts, service, workload, port)
        if isinstance(number, int):
            yield workload, number


# -- permits of policies


def _policies(facts: Facts) -> Iterator[Unneeded]:
    by_end = facts.derive(_flows_by_end)
    for isolates in facts.all(Isolates):
        own = selected(facts, isolates.namespace, isolates.pods)
        if not own or not all(_speaks(facts, workload) for workload in own):
            continue
        for permit in facts.where(PolicyPermit, policy=isolates.policy):
            if permit.direction != isolates.direction:
                continue
            others = _pods_meant(facts, permit, isolates)
            if others is None or not others or _is_general(permit):
                continue
            flows = (flow for workload in own for flow in by_end.get(workload.of, ()))
            if any(_flows_through(facts, permit, flow, own, others) for flow in flows) or _scraped(facts, permit, own):
                continue
            if isolates.direction == "ingress" and not all(_speaks(facts, workload) for workload in others):
                continue
            way = "from" if permit.direction == "ingress" else "to"
            mine, theirs = (_named(workload.of for workload in each) for each in (own, others))
            yield Unneeded(
                isolates.policy,
                permit.by,
                f"{isolates.policy} permits {permit.protocol} {permit.ports} {way} {theirs} for {mine}, and nothing of "
                "the input asks for it",
            )


Flow: TypeAlias = tuple[Address, Address, Protocol, int]
"""A demand between the pods of two workloads, by the port of the pods."""


def _flows(facts: Facts) -> frozenset[Flow]:
    found: set[Flow] = set()
    for reach in demanded(facts):
        if isinstance(reach.port, int):
            for thing in resolve(facts, reach.source, reach.target).things:
                for target, port in _ends(facts, thing, reach.port):
                    if isinstance(target, Workload):
                        found.add((reach.source, target.of, reach.protocol, port))
    return frozenset(found)


def _speaks(facts: Facts, workload: Workload) -> bool:
    """Whether the input says something of what a workload needs, or that somebody needs it."""
    return workload.of in facts.derive(_speaking)


def _speaking(facts: Facts) -> frozenset[Address]:
    asking = {reach.source for reach in demanded(facts)}
    return frozenset(asking.union(*((source, target) for source, target, _, _ in facts.derive(_flows))))


def _flows_by_end(facts: Facts) -> dict[Address, list[Flow]]:
    """The flows of each workload, from it and to it."""
    found: dict[Address, list[Flow]] = {}
    for flow in facts.derive(_flows):
        for end in {flow[0], flow[1]}:
            found.setdefault(end, []).append(flow)
    return found


def _pods_meant(facts: Facts, permit: PolicyPermit, isolates: Isolates) -> tuple[Workload, ...] | None:
    """The workloads of the input that a permit's peer means; None where it means others as well, or perhaps does."""
    peer = permit.peer
    if not isinstance(peer, PodPeer):
        return None
    if peer.namespaces is None:
        return selected(facts, isolates.namespace, peer.pods)
    found: list[Workload] = []
    spaces = sorted({workload.namespace for workload in facts.all(Workload)})
    for space in spaces:
        if means_namespace(peer.namespaces, space, namespace(facts, space)):
            found += selected(facts, space, peer.pods)
    return tuple(found)


def _is_general(permit: PolicyPermit) -> bool:
    """Whether a permit is for names, or for a range: whoever asks there is not in any demand."""
    return isinstance(permit.peer, RangePeer) or (isinstance(permit.ports, Ports) and permit.ports.contains(53))


def _flows_through(
    facts: Facts, permit: PolicyPermit, flow: Flow, own: tuple[Workload, ...], others: tuple[Workload, ...]
) -> bool:
    source, target, protocol, port = flow
    here, there = {workload.of for workload in own}, {workload.of for workload in others}
    sources, targets = (there, here) if permit.direction == "ingress" else (here, there)
    if source not in sources or target not in targets or permit.protocol not in (protocol, "any"):
        return False
    if isinstance(permit.ports, Ports):
        return permit.ports.contains(port)
    return any((permit.ports, port) in container.ports for container in facts.where(Container, workload=target))


def _scraped(facts: Facts, permit: PolicyPermit, own: tuple[Workload, ...]) -> bool:
    """Whether a monitor has these pods asked, by whoever it is."""
    if permit.direction == "egress":
        return False
    for scraped in facts.all(Scraped):
        for workload in own:
            if scraped.kind == "pods" and scraped.selector.matches(dict(workload.labels)):
                return True
    return False
