"""Routes of the Gateway API: which Services are behind a gateway, whoever answers for that."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact
from seawall.facts.fronts import Front, Offers, Passes, Published
from seawall.graph.resource import Resource
from seawall.kernel.value import Unknown
from seawall.readers.kubernetes.objects import Manifest
from seawall.readers.registry import reads


@reads(
    "gateway.networking.k8s.io/v1/HTTPRoute",
    "gateway.networking.k8s.io/v1beta1/HTTPRoute",
    "gateway.networking.k8s.io/v1/GRPCRoute",
    "gateway.networking.k8s.io/v1alpha2/TLSRoute",
    "gateway.networking.k8s.io/v1alpha2/TCPRoute",
)
def route(resource: Resource) -> Iterator[Fact]:
    """A route of a gateway's; one that only belongs to Services is for a mesh's own pods.

    Source: https://gateway-api.sigs.k8s.io/concepts/api-overview/
    """
    body = Manifest(resource)
    parents = [parent.string("kind", "Gateway") for parent in body.spec.blocks("parentRefs")]
    if not parents or set(parents) == {"Service"}:
        return
    why = "who answers for its gateway, and whom, is not in the input"
    yield Front(body.address, Unknown(f"{body.address}.spec.parentRefs", why=why))
    yield Published(body.address)
    yield Offers(body.address, "/", "/", True)
    for rule in body.spec.blocks("rules"):
        for behind in rule.blocks("backendRefs"):
            if behind.string("kind", "Service") == "Service" and behind.has("name"):
                yield Passes(
                    body.address, "/", body.sibling("Service", behind.string("name"), behind.string("namespace"))
                )
