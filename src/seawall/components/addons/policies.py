"""What the pods of an add-on's own namespace may reach, and who reaches them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from seawall.components.addons.chart import OPENED
from seawall.components.network import Network
from seawall.components.paths import CREDENTIALS, NAMESPACE_LABEL, range_peer
from seawall.components.scope import Scope
from seawall.graph.resource import Resource

ANY = "*"
"""Of a namespace: every one."""
_EVERYWHERE = range_peer("0.0.0.0/0")


def policies(
    scope: Scope,
    namespace: str,
    *,
    called_on: Iterable[int],
    asked_on: Iterable[int],
    asks: Iterable[tuple[str, int | None]],
) -> Iterator[Resource]:
    """The one policy of an add-on's namespace.

    Its pods reach each other, names, and whatever answers over HTTPS: the cluster's API, AWS's, git. Beside them they
    ask pods of these namespaces on these ports, ``None`` for any. They are reached by each other, by Prometheus, by the
    control plane on ``called_on`` and by every pod on ``asked_on``.
    """
    network = scope.the(Network)
    own: dict[str, Any] = {"podSelector": {}}
    prometheus = {
        "namespaceSelector": {"matchLabels": {NAMESPACE_LABEL: "monitoring"}},
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "prometheus"}},
    }
    inward: list[dict[str, Any]] = [{"from": [own]}, {"from": [prometheus]}]
    if called := _ports(called_on):
        ranges = [range_peer(cidr) for cidr in network.tier_ranges("private")]
        inward.append({"from": ranges, "ports": called})
    if asked := _ports(asked_on):
        inward.append({"from": [{"namespaceSelector": {}}], "ports": asked})
    names = {
        "namespaceSelector": {"matchLabels": {NAMESPACE_LABEL: "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    }
    outward: list[dict[str, Any]] = [
        {"to": [own]},
        {"to": [names], "ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]},
        {"to": [_EVERYWHERE], "ports": _ports([443])},
        {"to": [range_peer(CREDENTIALS)], "ports": _ports([80])},
    ]
    for where, port in asks:
        chosen = {} if where == ANY else {"matchLabels": {NAMESPACE_LABEL: where}}
        peers: list[dict[str, Any]] = [{"namespaceSelector": chosen}]
        if where == ANY:
            peers.append(range_peer(str(network.cidr)))  # pods on their node's own network, and nodes themselves
        outward.append({"to": peers, **({} if port is None else {"ports": _ports([port])})})
    spec = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"], "ingress": inward, "egress": outward}
    yield scope.object(
        "networking.k8s.io/v1", "NetworkPolicy", "own", {"spec": spec}, namespace=namespace, annotations=OPENED
    )


def _ports(numbers: Iterable[int]) -> list[dict[str, Any]]:
    return [{"protocol": "TCP", "port": number} for number in numbers]
