"""Services: stable names in front of pods, and the load balancers that some of them bring along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, cast

from seawall.facts.fact import Fact
from seawall.facts.network import Forwards, Hostname, Interface, Listens, Permit
from seawall.facts.pod_network import Selector, Service, ServicePort
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.units import ALL_PORTS, ANYWHERE, Cidr, Ports
from seawall.kernel.value import Textual, Unknown
from seawall.readers.kubernetes.objects import DEFAULT_NAMESPACE, Manifest, lines
from seawall.readers.registry import reads

CLUSTER_DOMAIN = "cluster.local"
"""The domain of a cluster's own names unless its kubelets say otherwise; on EKS they do not."""

_TARGETS = "alb.ingress.kubernetes.io/target-type"
_GROUPS = "service.beta.kubernetes.io/aws-load-balancer-security-groups"
_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_SCHEME = "service.beta.kubernetes.io/aws-load-balancer-scheme"


@reads("v1/Service")
def service(resource: Resource) -> Iterator[Fact]:
    """A Service; one without a cluster address is headless, one without a selector has endpoints of its own."""
    body = Manifest(resource)
    kind = body.spec.string("type", "ClusterIP")
    if kind == "ClusterIP" and body.spec.string("clusterIP") == "None":
        kind = "Headless"
    labels = body.spec.labels("selector")
    ports = []
    for part in body.spec.blocks("ports"):
        port = part.count("port")
        if not isinstance(port, int):
            continue
        protocol = part.string("protocol", "TCP").lower()
        target = part.string("targetPort", str(port))
        ports.append(
            ServicePort(
                part.string("name"),
                cast("Any", protocol),
                port,
                # A number in quotes is a name to the API, and one that no container can have.
                int(target) if target.isdecimal() and type(part.raw("targetPort")) is not str else target,
            )
        )
        yield Listens(resource.address, cast("Any", protocol), Ports.one(port))
    yield Service(
        resource.address,
        body.in_namespace,
        body.name,
        Selector(labels) if labels else None,
        cast("Any", kind),
        tuple(ports),
        body.spec.known_text("externalName"),
        body.labels_of_object,
    )
    if body.annotations.has(_TARGETS):
        yield Setting(resource.address, "target-type", body.annotations.known_text(_TARGETS))
    namespace = body.namespace or DEFAULT_NAMESPACE
    yield Hostname(resource.address, "metadata.name", f"{body.name}.{namespace}.svc.{CLUSTER_DOMAIN}")
    if kind == "LoadBalancer":
        balancer = resource.address.implied("load-balancer")
        scheme = "internal" if _internal(body) else body.annotations.string(_SCHEME)
        why = "the load balancer's controller chooses it"
        ranges = _ranges(body)
        group = balancer.implied("group")
        yield Interface(
            balancer,
            Unknown(f"{balancer}.subnets", why=why),
            (group,) if ranges else Unknown(f"{balancer}.groups", why=why),
            # Without the annotation an in-tree load balancer is public, one of the controller's is internal.
            scheme == "internet-facing" if scheme else Unknown(f"{balancer}.scheme", why=why),
        )
        for one in ranges:
            for let in ports:
                yield Permit(group, "ingress", let.protocol, Ports.one(let.port), one)
        if ranges:
            yield Permit(group, "egress", "any", ALL_PORTS, ANYWHERE)
            yield Setting(group, "opens-targets", True)
        yield Forwards(balancer, resource.address)
        for open_port in ports:
            yield Listens(balancer, open_port.protocol, Ports.one(open_port.port))


# How a Service asks the controllers of several clouds for an address of its network alone.
# Sources: https://learn.microsoft.com/azure/aks/internal-lb,
# https://cloud.google.com/kubernetes-engine/docs/how-to/internal-load-balancing, and for AWS
# https://kubernetes.io/docs/concepts/services-networking/service/#internal-load-balancer
_INTERNAL: Final = (
    ("service.beta.kubernetes.io/azure-load-balancer-internal", ("true",)),
    ("service.beta.kubernetes.io/aws-load-balancer-internal", ("true", "0.0.0.0/0")),
    ("networking.gke.io/load-balancer-type", ("internal",)),
    ("cloud.google.com/load-balancer-type", ("internal",)),
)


def _internal(body: Manifest) -> bool:
    return any(body.annotations.string(name).lower() in words for name, words in _INTERNAL)


def _ranges(body: Manifest) -> tuple[Cidr | Unknown, ...]:
    """Whom a load balancer is told to let in; () where nobody is named, or groups of somebody else's decide.

    Source: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/
    """
    if body.annotations.has(_GROUPS):
        return ()
    named: tuple[Textual, ...] = body.spec.strings("loadBalancerSourceRanges") or lines(body.annotations, _RANGES)
    found: list[Cidr | Unknown] = []
    for spelling in named:
        what = f"{body.address}.spec.loadBalancerSourceRanges"
        try:
            found.append(Cidr.parse(spelling) if isinstance(spelling, str) else Unknown(what, why=f"it is {spelling}"))
        except ValueError as error:
            found.append(Unknown(what, why=str(error)))
    return tuple(found)
