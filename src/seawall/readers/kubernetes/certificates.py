"""cert-manager: certificates that are issued into a cluster's secrets."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact
from seawall.facts.ingress import Issues, TlsSecret
from seawall.graph.resource import Resource
from seawall.readers.kubernetes.load_balancer import PREFIX, is_load_balanced
from seawall.readers.kubernetes.objects import Manifest
from seawall.readers.registry import reads

_ISSUERS = ("cert-manager.io/cluster-issuer", "cert-manager.io/issuer", "kubernetes.io/tls-acme")


@reads("cert-manager.io/v1/Certificate")
def certificate(resource: Resource) -> Iterator[Fact]:
    """A certificate and the secret that it is put into."""
    body = Manifest(resource)
    if body.spec.has("secretName"):
        yield Issues(body.address, body.sibling("Secret", body.spec.string("secretName")))


@reads("networking.k8s.io/v1/Ingress")
def ingress_certificates(resource: Resource) -> Iterator[Fact]:
    """Secrets that an Ingress names; an annotation has cert-manager fill them. A balancer of AWS reads none."""
    body = Manifest(resource)
    issued = any(body.annotations.has(name) for name in _ISSUERS)
    balanced = is_load_balanced(body)
    if balanced and body.annotations.has(f"{PREFIX}certificate-arn"):
        return
    for part in body.spec.blocks("tls"):
        if part.has("secretName"):
            secret = body.sibling("Secret", part.string("secretName"))
            yield TlsSecret(body.address, secret, not balanced)
            if issued:
                yield Issues(body.address, secret)
