"""The hops inside a cluster: what NetworkPolicies let through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seawall.analyze.clusters import policies_enforced
from seawall.analyze.reachability.hop import Hop, Kind
from seawall.analyze.selecting import isolating
from seawall.facts.compute import Container, Workload
from seawall.facts.facts import Facts
from seawall.facts.namespaces import labels_of
from seawall.facts.network import Direction, Protocol
from seawall.facts.pod_network import Isolates, PodPeer, PolicyPermit, RangePeer
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import proven, refuted, unknown


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
    if pods is None:
        return False
    return any((permit.ports, port) in container.ports for container in facts.where(Container, workload=pods.of))


def pods_fit(facts: Facts, permit: PolicyPermit, own: Workload, other: Workload) -> bool:
    """Whether a permit of a policy in ``own``'s namespace means the pods of ``other`` for certain."""
    peer = permit.peer
    if peer is None:
        return True
    if isinstance(peer, Unknown):
        return False
    if isinstance(peer, RangePeer):
        return peer.cidr.prefix == 0 and not peer.excepts
    if peer.namespaces is None:
        return own.namespace == other.namespace and peer.pods.matches(dict(other.labels))
    return peer.namespaces.matches(labels_of(facts, other.namespace)) and peer.pods.matches(dict(other.labels))


def ranges_fit(permit: PolicyPermit, ranges: Sequence[Cidr]) -> bool:
    """Whether a permit lets all of these address ranges through."""
    match permit.peer:
        case None:
            return True
        case RangePeer(cidr=cidr, excepts=excepts):
            return all(cidr.contains(part) and not any(hole.overlaps(part) for hole in excepts) for part in ranges)
        case _:
            return False


def with_ranges(
    facts: Facts,
    pods: Workload,
    direction: Direction,
    ranges: Sequence[Cidr],
    missing: Sequence[Unknown],
    port: int,
    protocol: Protocol,
) -> Hop:
    """What the policies of a workload's pods say of a connection to or from addresses outside the cluster.

    ``ranges`` are the addresses that must all be let through, ``missing`` what is not known of them.
    """
    kind: Kind = "egress policy" if direction == "egress" else "ingress policy"
    policies = isolating(facts, pods, direction)
    if not policies:
        return Hop(kind, proven(), f"no policy isolates {pods.of} for {direction}")
    # A named port is the pods' own, and so means something only where they are the ones who listen.
    listening = pods if direction == "ingress" else None
    fitting = [
        permit for permit in permits(facts, policies, direction) if port_fits(facts, permit, listening, port, protocol)
    ]
    where = ", ".join(str(part) for part in ranges) or "addresses that are not known"
    for permit in fitting:
        if permit.peer is None or _everybody(permit):
            return Hop(kind, proven(permit), f"{permit.policy} permits anybody on {port}")
    if ranges and not missing and all(any(ranges_fit(permit, [part]) for permit in fitting) for part in ranges):
        return Hop(kind, proven(*fitting), f"{fitting[0].policy} permits {where} on {port}")
    named = ", ".join(sorted({policy.policy for policy in policies}))
    holes = [permit.peer for permit in fitting if isinstance(permit.peer, Unknown)]
    if holes:
        return Hop(kind, unknown(*holes), f"{named} permits {port} for a range that is not known")
    known_no = any(not any(ranges_fit(permit, [part]) for permit in fitting) for part in ranges)
    if missing and not known_no and any(isinstance(permit.peer, RangePeer) for permit in fitting):
        said = f"{named} permits ranges on {port}, but {missing[0].what} is unknown"
        return Hop(kind, unknown(*missing), said)
    if fitting:
        said = f"{named} permits {protocol} {port} only for {_peers(fitting)}, and {where} is outside the cluster"
    else:
        said = f"{named} isolates the pods and permits no {protocol} {port} at all"
    return _blocked(facts, pods, kind, said, policies)


def _everybody(permit: PolicyPermit) -> bool:
    return isinstance(permit.peer, RangePeer) and permit.peer.cidr.prefix == 0 and not permit.peer.excepts


def towards_pods(facts: Facts, source: Workload, target: Workload, port: int, protocol: Protocol) -> tuple[Hop, Hop]:
    """What the policies of both sides say of a connection between the pods of two workloads."""
    return (
        _between(facts, source, source, target, "egress", target, port, protocol),
        _between(facts, target, target, source, "ingress", target, port, protocol),
    )


def _between(
    facts: Facts,
    reported: Workload,
    own: Workload,
    other: Workload,
    direction: Direction,
    listening: Workload,
    port: int,
    protocol: Protocol,
) -> Hop:
    kind: Kind = "egress policy" if direction == "egress" else "ingress policy"
    policies = isolating(facts, own, direction)
    if not policies:
        return Hop(kind, proven(), f"no policy isolates {own.of} for {direction}")
    fitting = [
        permit for permit in permits(facts, policies, direction) if port_fits(facts, permit, listening, port, protocol)
    ]
    for permit in fitting:
        if pods_fit(facts, permit, own, other):
            return Hop(kind, proven(permit), f"{permit.policy} permits {other.of} on {port}")
    named = ", ".join(sorted({policy.policy for policy in policies}))
    holes = [permit.peer for permit in fitting if isinstance(permit.peer, Unknown)]
    if holes:
        return Hop(kind, unknown(*holes), f"{named} permits {port} for a range that is not known")
    if fitting:
        said = f"{named} permits {protocol} {port} only for {_peers(fitting)}, which is not {other.of}"
    else:
        said = f"{named} isolates the pods and permits no {protocol} {port} at all"
    return _blocked(facts, reported, kind, said, policies)


def _blocked(facts: Facts, workload: Workload, kind: Kind, said: str, policies: Sequence[Isolates]) -> Hop:
    """A no, if anybody enforces policies: a policy that nothing enforces blocks nothing."""
    enforced = policies_enforced(facts, workload.of)
    if enforced.refuted:
        return Hop(kind, proven(*enforced.because), f"{said}; but nothing in the cluster enforces policies")
    if enforced.unknown and not _no_cluster(facts):
        return Hop(kind, unknown(*enforced.because), f"{said}; whether the cluster enforces policies is unknown")
    return Hop(kind, refuted(*policies), said)


def _no_cluster(facts: Facts) -> bool:
    # With manifests alone the question is what the policies say; the cluster they are for is not in the input.
    from seawall.facts.compute import Cluster

    return not facts.all(Cluster)


def _peers(fitting: Iterable[PolicyPermit]) -> str:
    spelled: list[str] = []
    for permit in fitting:
        match permit.peer:
            case PodPeer(pods=pods, namespaces=None):
                spelled.append(f"pods {pods}")
            case PodPeer(pods=pods, namespaces=namespaces):
                spelled.append(f"pods {pods} in namespaces {namespaces}")
            case RangePeer(cidr=cidr):
                spelled.append(str(cidr))
            case Unknown():
                spelled.append(str(permit.peer))
            case None:
                spelled.append("anybody")
    return " or ".join(dict.fromkeys(spelled))
