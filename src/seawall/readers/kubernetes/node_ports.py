"""Ports of nodes that lead to pods: those of Services, by which whoever reaches a node reaches what stands behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from seawall.facts.fact import Fact, Known
from seawall.facts.pod_network import NodePort
from seawall.graph.resource import Resource
from seawall.kernel.value import Unknown
from seawall.readers.kubernetes.objects import Manifest
from seawall.readers.registry import reads


@reads("v1/Service")
def node_ports(resource: Resource) -> Iterator[Fact]:
    """The node's port of each port of a Service of type NodePort or LoadBalancer; the cluster chooses what is not said.

    Source: https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
    """
    body = Manifest(resource)
    kind = body.spec.string("type", "ClusterIP")
    if kind not in ("NodePort", "LoadBalancer"):
        return
    if kind == "LoadBalancer" and body.spec.flag("allocateLoadBalancerNodePorts", True) is False:
        return
    why = "the cluster chooses one from 30000 to 32767"
    keeps = body.spec.string("externalTrafficPolicy") == "Local"
    for place, part in enumerate(body.spec.blocks("ports")):
        port, chosen = part.count("port"), part.number("nodePort")
        if isinstance(port, int):
            missing = Unknown(f"{resource.address}.spec.ports[{place}].nodePort", why=why)
            number: Known[int] = missing if chosen is None else chosen
            protocol = cast("Any", part.string("protocol", "TCP").lower())
            yield NodePort(resource.address, protocol, number, port, keeps)
