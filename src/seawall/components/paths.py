"""The path that a need takes inside the cluster: both sides' network policies, and the demands that it leaves.

A need names a provider; the provider's offer says which doors it has.  The consumer's policy lets its pods out to
those doors, the provider's lets the consumer's pods in, and nothing else is opened on either side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from seawall.components.network import Network
from seawall.components.offer import Door, Offer, Pods
from seawall.components.policy import calls
from seawall.components.scope import Scope
from seawall.facts.demands import Reach
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError

NAMESPACE_LABEL = "kubernetes.io/metadata.name"
"""The label that Kubernetes itself puts on every namespace."""
CREDENTIALS = "169.254.170.23/32"
"""Where the agent of EKS Pod Identity gives a pod its role's credentials, on port 80 of the pod's own node.

Source: Amazon EKS User Guide, "Learn how EKS Pod Identity grants pods access to AWS services", read 2026-11-21.
"""


def consumers(scope: Scope) -> Iterator[tuple[str, Pods]]:
    """The names and pods of the components that need this one and run pods."""
    for name in scope.seekers():
        pods = scope.component(name).pods(scope.at(name))
        if pods is not None:
            yield name, pods


def needs(scope: Scope) -> Iterator[tuple[str, Offer, str]]:
    """What this component needs: name, offer, and where the description says so."""
    for number, name in enumerate(scope.component(scope.name).needs):
        origin = scope.platform.document.origin(("components", scope.name, "needs", number))
        offer = scope.component(name).offer_to(scope.at(name), scope.name)
        yield name, offer, f"{origin} {scope.name}.needs {name}"


def only_postgresql(scope: Scope, purpose: str) -> tuple[str, Offer, str]:
    """The one need that is a PostgreSQL database; InputError where there is none or several."""
    found = [need for need in needs(scope) if need[1].speaks == "postgresql"]
    if len(found) != 1:
        raise InputError(
            f"{scope.name} needs one PostgreSQL database {purpose}, and has {len(found)}",
            fix="name it in `needs`, for example `needs: [orders-db]`",
            origin=scope.origin,
        )
    return found[0]


def known_readers(scope: Scope, readers: Iterable[str]) -> None:
    """InputError where one that is said to only read this component does not need it; a site may do without one."""
    for reader in readers:
        if scope.is_home and reader not in scope.seekers():
            raise InputError(
                f"{reader} is said to only read {scope.name}, which it does not need",
                fix=f"add {scope.name} to the needs of {reader}, or take {reader} out of `readers`",
                origin=scope.origin,
            )


def demands(source: Address, offer: Offer, said: str) -> Iterator[Demand]:
    """That the source reaches every door of an offer, and may call what it grants."""
    for door in offer.doors:
        yield Reach(source, offer.target, door.port, door.protocol, said=said)
    yield from calls(source, offer.rights, said)


def policy(scope: Scope, pods: Pods, ingress: Sequence[dict[str, Any]], egress: Sequence[dict[str, Any]]) -> Resource:
    """The component's own policy: what reaches its pods and what they reach; DNS is the namespace's business."""
    spec = {
        "podSelector": {"matchLabels": dict(pods.labels)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": list(ingress),
        "egress": list(egress),
    }
    return scope.object("networking.k8s.io/v1", "NetworkPolicy", scope.name, {"spec": spec}, namespace=pods.namespace)


def inward(peers: Iterable[dict[str, Any]], doors: Iterable[tuple[int, str]]) -> list[dict[str, Any]]:
    """The rule that lets these peers in through these ports; none where there is no peer."""
    found = list(peers)
    return [{"from": found, "ports": [_port(*door) for door in doors]}] if found else []


def outward(here: str, doors: Iterable[Door]) -> list[dict[str, Any]]:
    """The rules that let pods of namespace ``here`` out to these doors, one a peer."""
    rules: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]] = []
    for door in doors:
        peers = [range_peer(cidr) for cidr in door.ranges]
        if door.pods is not None:
            peers.append(pods_peer(here, door.pods))
        ports = next((ports for known, ports in rules if known == peers), None)
        if ports is None:
            rules.append((peers, [_port(door.port, door.protocol)]))
        else:
            ports.append(_port(door.port, door.protocol))
    return [{"to": peers, "ports": ports} for peers, ports in rules if peers]


def egress(scope: Scope, here: str) -> list[dict[str, Any]]:
    """The rules that let pods of namespace ``here`` out to everything that their component needs.

    APIs of AWS are let through by port alone: their addresses change from week to week and a policy knows no names.
    They are outside the network, but for those that have an endpoint in it.
    """
    offers = [offer for _, offer, _ in needs(scope)]
    rules = outward(here, (door for offer in offers for door in offer.doors))
    if any(offer.rights for offer in offers):
        rules.append({"to": [range_peer(CREDENTIALS)], "ports": [_port(80)]})
    if any(offer.speaks == "aws" for offer in offers):
        network = scope.the(Network)
        interfaces = set(network.endpoints) - {"s3", "dynamodb"}  # those two are reached through gateways
        inside = network.tier_ranges("private") if interfaces else ()
        outside = {"ipBlock": {"cidr": "0.0.0.0/0", "except": [str(network.cidr)]}}
        rules.append({"to": [outside, *(range_peer(cidr) for cidr in inside)], "ports": [_port(443)]})
    return rules


def volumes(scope: Scope) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The volumes of pods whose component needs files, and their mounts in the container."""
    found = [(need, mount) for need, offer, _ in needs(scope) for mount in offer.mounts]
    return (
        [{"name": need, "persistentVolumeClaim": {"claimName": mount.claim}} for need, mount in found],
        [
            {"name": need, "mountPath": mount.path, **({"readOnly": True} if mount.read_only else {})}
            for need, mount in found
        ],
    )


def pods_peer(here: str, pods: Pods) -> dict[str, Any]:
    """Pods as a peer in a policy of namespace ``here``."""
    peer: dict[str, Any] = {"podSelector": {"matchLabels": dict(pods.labels)}}
    if pods.namespace != here:
        peer["namespaceSelector"] = {"matchLabels": {NAMESPACE_LABEL: pods.namespace}}
    return peer


def range_peer(cidr: str) -> dict[str, Any]:
    """An address range as a peer."""
    return {"ipBlock": {"cidr": cidr}}


def _port(number: int, protocol: str = "tcp") -> dict[str, Any]:
    return {"protocol": protocol.upper(), "port": number}
