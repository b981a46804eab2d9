"""Ingresses: which requests go to which Service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seawall.facts.fact import Demand, Fact
from seawall.facts.network import Forwards, Record
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Textual, Unknown
from seawall.readers.kubernetes.load_balancer import Share, action, is_load_balanced, load_balancer
from seawall.readers.kubernetes.objects import Fields, Manifest, lines
from seawall.readers.registry import reads

_EXTERNAL_DNS = "external-dns.alpha.kubernetes.io/"


@dataclass(frozen=True, slots=True)
class _Route:
    host: Textual
    path: str
    to: tuple[Share, ...]
    action: str = ""


@reads("networking.k8s.io/v1/Ingress")
def ingress(resource: Resource) -> Iterator[Fact | Demand]:
    """An Ingress; one for the AWS Load Balancer Controller brings an Application Load Balancer along.

    Paths are patterns: ``Prefix`` ``/api`` is both ``/api`` and ``/api/*``, as the controller writes it.
    """
    body = Manifest(resource)
    routes = tuple(_routes(body))
    for route in routes:
        for share in route.to:
            yield Forwards(body.address, share.to, route.host, route.path, weight=share.weight, action=route.action)
    if is_load_balanced(body):
        hosts = tuple(dict.fromkeys(route.host for route in routes if route.host != "*"))
        shares = tuple(dict.fromkeys(share for route in routes for share in route.to))
        yield from load_balancer(body, hosts, shares)
    for name in lines(body.annotations, f"{_EXTERNAL_DNS}hostname"):
        ttl = body.annotations.number(f"{_EXTERNAL_DNS}ttl")
        address = body.address.implied(f"record/{name}")
        zone = Unknown(f"{address}.zone", why="ExternalDNS finds the zone by the name")
        yield Record(address, zone, name, "A", (body.address,), ttl, follows_target=True)


def _routes(body: Manifest) -> Iterator[_Route]:
    default = body.spec.block("defaultBackend")
    if default.given:
        yield _Route("*", "/*", _backend(body, default), _action(default))
    for rule in body.spec.blocks("rules"):
        host = rule.text("host", "*")
        for path in rule.block("http").blocks("paths"):
            to = _backend(body, path.block("backend"))
            for pattern in _patterns(path.string("path", "/"), path.string("pathType", "ImplementationSpecific")):
                yield _Route(host, pattern, to, _action(path.block("backend")))


def _patterns(path: str, kind: str) -> tuple[str, ...]:
    if kind != "Prefix":
        return (path,)
    stem = path.rstrip("/")
    return (stem, f"{stem}/*") if stem else ("/*",)


def _backend(body: Manifest, backend: Fields) -> tuple[Share, ...]:
    service = backend.block("service")
    if not service.given:
        reference = backend.block("resource")
        return (Share(body.sibling(reference.string("kind"), reference.string("name"))),)
    name = service.string("name")
    port = service.block("port")
    if port.string("name") == "use-annotation":
        shares = action(body, name)
        if shares is not None:
            return shares
        # Argo Rollouts writes the annotation itself; until then the name is that of the stable Service.
        return (Share(body.sibling("Service", name)),)
    return (Share(_service(body, name), port=port.string("number") or port.string("name")),)


def _action(backend: Fields) -> str:
    """The annotation that says where requests go, which alone makes one rule of several targets."""
    service = backend.block("service")
    by_annotation = service.block("port").string("name") == "use-annotation"
    return f"actions.{service.string('name')}" if by_annotation else ""


def _service(body: Manifest, name: str) -> Address:
    return body.sibling("Service", name)
