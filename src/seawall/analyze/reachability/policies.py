"""The hops inside a cluster: what NetworkPolicies let through, said in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seawall.analyze.reachability.hop import Hop, Kind
from seawall.analyze.reachability.layers import whereabouts
from seawall.analyze.reachability.placement import Whereabouts
from seawall.analyze.reachability.pod_policies import CONNECTIONS, PodPolicies, itself, pod_policies
from seawall.analyze.reachability.pods import named_port
from seawall.analyze.reachability.traffic import Traffic
from seawall.facts.compute import Workload
from seawall.facts.facts import Facts
from seawall.facts.network import Direction, Protocol
from seawall.facts.pod_network import Isolates, PodPeer, PolicyPermit, RangePeer
from seawall.kernel.address import Address
from seawall.kernel.units import ANYWHERE, ANYWHERE_6, Ports
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Verdict, proven, refuted, unknown


def permits(facts: Facts, policies: Iterable[Isolates], direction: Direction) -> tuple[PolicyPermit, ...]:
    """What these policies let through in a direction, policy by policy."""
    found: list[PolicyPermit] = []
    for isolates in policies:
        found += facts.derive(_permits_of, isolates.policy, direction)
    return tuple(found)


def _permits_of(facts: Facts, policy: Address, direction: Direction) -> tuple[PolicyPermit, ...]:
    found = [permit for permit in facts.where(PolicyPermit, policy=policy) if permit.direction == direction]
    return tuple(sorted(found, key=str) if len(found) > 1 else found)


def port_fits(facts: Facts, permit: PolicyPermit, pods: Workload | None, port: int, protocol: Protocol) -> bool:
    """Whether a permit's protocol and port are those; a named port is looked up in the pods that listen."""
    if permit.protocol not in (protocol, "any"):
        return False
    if not isinstance(permit.ports, str):
        return permit.ports.contains(port)
    return pods is not None and port in named_port(facts, pods, permit.ports, protocol)


def towards_pods(facts: Facts, source: Workload, target: Workload, port: int, protocol: Protocol) -> tuple[Hop, Hop]:
    """What the policies of both sides say of a connection between the pods of two workloads of one cluster."""
    return (
        _hop(facts, source, "egress", target, port, protocol),
        _hop(facts, target, "ingress", source, port, protocol),
    )


def with_addresses(
    facts: Facts, pods: Workload, direction: Direction, other: Workload | Address, port: int, protocol: Protocol
) -> Hop:
    """What the policies of a workload's pods say of a connection to or from a thing outside their cluster."""
    return _hop(facts, pods, direction, whereabouts(facts, other), port, protocol)


def towards_anybody(facts: Facts, pods: Workload, port: int, protocol: Protocol) -> Iterator[Hop]:
    """That policies let pods out to nobody at all on a port, wherever a host may be; nothing where they might."""
    policies = pod_policies(facts, pods)
    isolating = policies.isolating(pods, "egress")
    asked = Traffic.of(protocol, Ports.one(port))
    anywhere = policies.reached(pods, "egress", Whereabouts.of((ANYWHERE, ANYWHERE_6)))
    if not isolating or not anywhere.some.ask(asked).refuted:
        return
    if any(
        port_fits(facts, permit, None, port, protocol) or isinstance(permit.ports, str)
        for permit in permits(facts, isolating, "egress")
    ):
        return
    named = ", ".join(sorted({policy.policy for policy in isolating}))
    yield Hop(
        "egress policy", refuted(*isolating), f"{named} isolates the pods and permits no {protocol} {port} at all"
    )


def _hop(
    facts: Facts, pods: Workload, direction: Direction, peer: Workload | Whereabouts, port: int, protocol: Protocol
) -> Hop:
    kind: Kind = "egress policy" if direction == "egress" else "ingress policy"
    policies = pod_policies(facts, pods)
    isolating = policies.isolating(pods, direction)
    foreign = policies.foreign(pods, direction)
    if not isolating and not foreign:
        return Hop(kind, proven(), f"no policy isolates {pods.of} for {direction}")
    asked = Traffic.of(protocol, Ports.one(port))
    found = policies.reached(pods, direction, peer)
    if isinstance(peer, Workload) and peer.of == pods.of:
        found = itself(pods, found)
    verdict = found.every.ask(asked)
    if not isolating:
        return unisolated(facts, pods, direction, verdict)
    whom = peer.of if isinstance(peer, Workload) else str(peer)
    letting = [permit for permit, traffic in policies.permits(pods, direction, peer) if (traffic & asked).spans]
    if verdict.proven:
        return _open(kind, policies, pods, direction, peer, letting, asked, whom, port)
    said = _no(facts, policies, pods, direction, letting, whom, port, protocol, inside=isinstance(peer, Workload))
    if verdict.refuted and not CONNECTIONS.contains(asked):
        why = Unknown(f"{isolating[0].policy}", why=f"Kubernetes leaves open what a policy does to {protocol}")
        return Hop(kind, unknown(why), f"{said}; of {protocol} Kubernetes does not say what a policy does to it")
    if verdict.refuted:
        return Hop(kind, refuted(*isolating), said)
    if foreign and policies.judged(pods, policies.stated(pods, direction, peer)).every.ask(asked).proven:
        said = f"NetworkPolicies let {whom} through on {port}"
    return Hop(kind, unknown(*verdict.because, *foreign), f"{said}, as far as is known: {_reasons(verdict.because)}")


def unisolated(facts: Facts, pods: Workload, direction: Direction, verdict: Verdict) -> Hop:
    """The hop of pods that no NetworkPolicy isolates, with the verdict that policies of other kinds leave."""
    kind: Kind = "egress policy" if direction == "egress" else "ingress policy"
    said = f"no policy isolates {pods.of} for {direction}"
    if not verdict.unknown:
        return Hop(kind, verdict, said)
    foreign = pod_policies(facts, pods).foreign(pods, direction)
    said = f"no NetworkPolicy isolates {pods.of} for {direction}, as far as is known: {_reasons(verdict.because)}"
    return Hop(kind, unknown(*verdict.because, *foreign), said)


def _open(
    kind: Kind,
    policies: PodPolicies,
    pods: Workload,
    direction: Direction,
    peer: Workload | Whereabouts,
    letting: list[PolicyPermit],
    asked: Traffic,
    whom: str,
    port: int,
) -> Hop:
    """A yes, by what permits it, or because nothing enforces what does not."""
    stated = policies.stated(pods, direction, peer)
    if not stated.every.ask(asked).proven:
        names = _names(policies.isolating(pods, direction))
        said = f"{names} does not permit {whom} on {port}; but {policies.free_because(pods)}"
        return Hop(kind, proven(pods), said)
    anybody = [permit for permit in letting if _everybody(permit)]
    if anybody:
        return Hop(kind, proven(anybody[0]), f"{anybody[0].policy} permits anybody on {port}")
    return Hop(kind, proven(*letting), f"{letting[0].policy} permits {whom} on {port}")


def _everybody(permit: PolicyPermit) -> bool:
    peer = permit.peer
    return peer is None or (isinstance(peer, RangePeer) and peer.cidr.prefix == 0 and not peer.excepts)


def _no(
    facts: Facts,
    policies: PodPolicies,
    pods: Workload,
    direction: Direction,
    letting: list[PolicyPermit],
    whom: str,
    port: int,
    protocol: Protocol,
    *,
    inside: bool,
) -> str:
    """What policies permit instead of what was asked for."""
    isolating = policies.isolating(pods, direction)
    names = _names(isolating)
    listening = pods if direction == "ingress" else None
    fitting = [
        permit
        for permit in permits(facts, isolating, direction)
        if port_fits(facts, permit, listening, port, protocol) or (isinstance(permit.ports, str) and permit in letting)
    ]
    if not fitting:
        return f"{names} isolates the pods and permits no {protocol} {port} at all"
    only = f"{names} permits {protocol} {port} only for {_peers(fitting)}"
    return f"{only}, which is not {whom}" if inside else f"{only}, and {whom} is outside the cluster"


def _names(isolating: Iterable[Isolates]) -> str:
    return ", ".join(sorted({policy.policy for policy in isolating}))


def _reasons(because: Iterable[object]) -> str:
    return "; ".join(f"{each.what} is unknown ({each.why})" for each in because if isinstance(each, Unknown))


def _peers(fitting: Iterable[PolicyPermit]) -> str:
    spelled: list[str] = []
    for permit in fitting:
        match permit.peer:
            case PodPeer(pods=pods, namespaces=None):
                spelled.append(f"pods {pods}")
            case PodPeer(pods=pods, namespaces=namespaces):
                spelled.append(f"pods {pods} in namespaces {namespaces}")
            case RangePeer(cidr=cidr, excepts=()):
                spelled.append(str(cidr))
            case RangePeer(cidr=cidr, excepts=excepts):
                spelled.append(f"{cidr} except {', '.join(map(str, excepts))}")
            case Unknown():
                spelled.append(str(permit.peer))
            case None:
                spelled.append("anybody")
    return " or ".join(dict.fromkeys(spelled))
