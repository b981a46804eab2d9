"""The load balancer that the AWS Load Balancer Controller keeps for an Ingress, as its annotations describe it.

Names and defaults are those of the controller's guide (kubernetes-sigs.github.io/aws-load-balancer-controller,
"Ingress annotations", 2.8 and later).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from seawall.facts.demands import Present, Reach
from seawall.facts.fact import Demand, Fact, Known, Link
from seawall.facts.identity import Identifier
from seawall.facts.ingress import Asks
from seawall.facts.network import (
    Forwards,
    Guards,
    HealthCheck,
    Interface,
    Listens,
    Permit,
    Presents,
)
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import ALL_PORTS, ANYWHERE, Cidr, Ports
from seawall.kernel.value import Ref, Text, Textual, Unknown, map_leaves
from seawall.readers.kubernetes.objects import Manifest, lines
from seawall.readers.registry import reads

PREFIX: Final = "alb.ingress.kubernetes.io/"
_EXCLUSIVE: Final = (
    "load-balancer-name", "ip-address-type", "scheme", "subnets", "security-groups", "load-balancer-attributes",
    "wafv2-acl-arn", "shield-advanced-protection", "ssl-redirect", "inbound-cidrs", "ssl-policy",
)  # fmt: skip
"""What the guide calls exclusive: the same for every Ingress of a group that says it."""
DEFAULT_POLICY: Final = "ELBSecurityPolicy-2016-08"


@dataclass(frozen=True, slots=True)
class Share:
    """Where a part of the requests goes: a Service, or an answer of the load balancer's own such as a redirect."""

    to: Address | str
    weight: Known[int] = 100
    port: str = ""


def is_load_balanced(body: Manifest) -> bool:
    """Whether the Ingress is for the AWS Load Balancer Controller, by its class or by its annotations."""
    named = body.spec.string("ingressClassName") or body.annotations.string("kubernetes.io/ingress.class")
    if named:
        return named == "alb"
    return any(str(key).startswith(PREFIX) for key in body.annotations.body)


def load_balancer(body: Manifest, hosts: tuple[Textual, ...], shares: tuple[Share, ...]) -> Iterator[Fact | Demand]:
    """What the load balancer listens on, shows, is guarded by, and how it asks its targets for their health.

    Ingresses of one group share one load balancer, which all of them describe.
    """
    notes = body.annotations
    group = notes.string(f"{PREFIX}group.name")
    balancer = Address(f"{body.cluster}//ingress-group/{group}") if group else body.address.implied("load-balancer")
    yield Forwards(balancer, body.address)
    name = notes.text(f"{PREFIX}load-balancer-name")
    if name != "":
        yield Identifier(balancer, "name", name)
    certificates = lines(notes, f"{PREFIX}certificate-arn")
    ports = _ports(body, bool(certificates))
    secure = [port for scheme, port in ports if scheme == "HTTPS"]
    redirected = notes.has(f"{PREFIX}ssl-redirect")
    for scheme, port in ports:
        yield Listens(balancer, "tcp", Ports.one(port), "required" if scheme == "HTTPS" else "none")
    yield Setting(balancer, "tls-required", bool(secure) and (redirected or len(secure) == len(ports)))
    if secure:
        policy = notes.known_text(f"{PREFIX}ssl-policy", DEFAULT_POLICY)
        if not certificates:
            why = "the controller looks for a certificate of the host's name"
            yield Presents(balancer, Unknown(f"{body.address}.certificate-arn", why=why), hosts, policy)
        for certificate in certificates:
            yield Presents(balancer, _link(body, "certificate-arn", certificate), hosts, policy)
        for host in hosts:
            yield Present(body.address, host, balancer)
    if any(str(key).startswith(f"{PREFIX}conditions.") for key in notes.body):
        yield Setting(balancer, "asks-for-header", True)
    yield from _place(body, balancer, [port for _, port in ports])
    yield from _guards(body, balancer)
    if group:
        for exclusive in _EXCLUSIVE:
            if notes.has(f"{PREFIX}{exclusive}"):
                yield Asks(body.address, balancer, exclusive, notes.text(f"{PREFIX}{exclusive}"))
    if notes.string(f"{PREFIX}shield-advanced-protection") == "true":
        yield Setting(balancer, "shield-advanced", True)
    yield from _attributes(body, balancer, shares)
    yield from _health(body, shares)
    for share in shares:
        # Where Argo Rollouts will write the action, the Ingress names no port, and so asks for none.
        if isinstance(share.to, Address) and share.port:
            named = Unknown(f"{share.to}.port", why=f"the Service says which number {share.port} has")
            wanted: Known[int] = int(share.port) if share.port.isdecimal() else named
            yield Reach(balancer, share.to, wanted, said=f"{body.address}: spec.rules")


def action(body: Manifest, name: str) -> tuple[Share, ...] | None:
    """Where an ``actions.NAME`` annotation sends requests; None if there is no such annotation."""
    document = _document(body, f"actions.{name}")
    if not isinstance(document, Mapping):
        return None
    kind = str(document.get("type", ""))
    if kind != "forward":
        fixed = document.get("fixedResponseConfig")
        status = str(fixed.get("statusCode", "")) if isinstance(fixed, Mapping) else ""
        return (Share(f"{kind}:{status}" if status else kind),)
    configuration = document.get("forwardConfig")
    groups = configuration.get("targetGroups") if isinstance(configuration, Mapping) else None
    shares = []
    for group in groups if isinstance(groups, list) else [document]:
        if not isinstance(group, Mapping):
            continue
        weight = group.get("weight", 100)
        service, arn = group.get("serviceName"), group.get("targetGroupARN")
        to = body.sibling("Service", str(service)) if service else _address(body, "actions", arn)
        shares.append(Share(to, weight if isinstance(weight, int) else 100, str(group.get("servicePort", ""))))
    return tuple(shares)


def _document(body: Manifest, name: str) -> Any:
    """An annotation that holds JSON, with its holes back in place; None if it is absent or no JSON."""
    value = body.annotations.raw(f"{PREFIX}{name}")
    if value is None or isinstance(value, Ref | Unknown):
        return None
    holes = value.holes if isinstance(value, Text) else ()
    pieces = value.parts if isinstance(value, Text) else (value,)
    number = 0
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
        else:
            text += chr(0xE000 + number)
            number += 1
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not holes:
        return document
    return map_leaves(
        document,
        lambda leaf: (
            holes[ord(leaf) - 0xE000]
            if isinstance(leaf, str) and len(leaf) == 1 and 0 <= ord(leaf) - 0xE000 < len(holes)
            else leaf
        ),
    )


def _ports(body: Manifest, has_certificate: bool) -> list[tuple[str, int]]:
    document = _document(body, "listen-ports")
    ports = [
        (str(scheme).upper(), port)
        for item in (document if isinstance(document, list) else ())
        if isinstance(item, Mapping)
        for scheme, port in item.items()
        if isinstance(port, int) and 0 < port < 65536
    ]
    return ports or [("HTTPS", 443) if has_certificate else ("HTTP", 80)]


def _place(body: Manifest, balancer: Address, ports: list[int]) -> Iterator[Fact]:
    """Without groups of its own the load balancer gets one that lets the listed ranges in, everybody by default."""
    notes = body.annotations
    scheme = notes.known_text(f"{PREFIX}scheme", "internal")
    subnets = lines(notes, f"{PREFIX}subnets")
    groups = lines(notes, f"{PREFIX}security-groups")
    own = balancer.implied("group")
    why = "the controller finds them by their tags"
    found: Known[tuple[Link, ...]] = Unknown(f"{balancer}.subnets", why=why)
    if subnets:
        found = tuple(sorted((_link(body, "subnets", subnet) for subnet in subnets), key=str))
    yield Interface(
        balancer,
        found,
        tuple(sorted((_link(body, "security-groups", group) for group in groups), key=str)) or (own,),
        scheme if isinstance(scheme, Unknown) else scheme == "internet-facing",
    )
    if groups:
        return
    ranges = lines(notes, f"{PREFIX}inbound-cidrs") or (str(ANYWHERE),)
    for spelling in ranges:
        for port in ports:
            yield Permit(own, "ingress", "tcp", Ports.one(port), _range(body, spelling))
    yield Permit(own, "egress", "any", ALL_PORTS, ANYWHERE)
    # Of a group that it has made itself the controller keeps a rule in the groups of the nodes or pods behind it.
    yield Setting(own, "opens-targets", True)


def _range(body: Manifest, spelling: Textual) -> Cidr | Unknown:
    what = f"{body.address}.inbound-cidrs"
    if not isinstance(spelling, str):
        return Unknown(what, why=f"it is {spelling}, which nothing in the input says")
    try:
        return Cidr.parse(spelling)
    except ValueError as error:
        return Unknown(what, why=str(error))


def _guards(body: Manifest, balancer: Address) -> Iterator[Fact]:
    acl = body.annotations.raw(f"{PREFIX}wafv2-acl-arn")
    if acl is None:
        return
    region: Known[str] = Unknown(f"{balancer}.region", why="it is the cluster's region")
    if isinstance(acl, Ref):
        name = acl.to.as_terraform()
        region = name.region if name else region
    elif isinstance(acl, str) and acl.count(":") >= 5:
        region = acl.split(":")[3]
    yield Guards(_link(body, "wafv2-acl-arn", acl), balancer, "regional", region)


def _attributes(body: Manifest, balancer: Address, shares: tuple[Share, ...]) -> Iterator[Fact]:
    own = dict(_pairs(body, "load-balancer-attributes"))
    # A named load balancer may be one that somebody else has made and configured: what the annotations leave out
    # stays as it was, so only for one of the controller's own do the defaults of AWS hold.
    adopted = body.annotations.has(f"{PREFIX}load-balancer-name")
    timeout, drops = own.get("idle_timeout.timeout_seconds"), own.get("routing.http.drop_invalid_header_fields.enabled")
    if timeout is not None or not adopted:
        yield Setting(balancer, "idle-timeout", _number(body, timeout, 60))
    if drops is not None or not adopted:
        yield Setting(balancer, "drop-invalid-headers", drops == "true")
    targets = dict(_pairs(body, "target-group-attributes"))
    delay = _number(body, targets.get("deregistration_delay.timeout_seconds"), 300)
    for share in shares:
        if isinstance(share.to, Address):
            group = _target_group(body, share.to)
            yield Setting(group, "deregistration-delay", delay)
            # Where nothing is said it is what a class of Ingresses or the controller itself has for its default.
            if body.annotations.has(f"{PREFIX}target-type"):
                yield Setting(group, "target-type", body.annotations.known_text(f"{PREFIX}target-type"))


def _health(body: Manifest, shares: tuple[Share, ...]) -> Iterator[Fact]:
    notes = body.annotations
    port = notes.string(f"{PREFIX}healthcheck-port", "traffic-port")
    for share in shares:
        if isinstance(share.to, Address):
            yield HealthCheck(
                _target_group(body, share.to),
                share.to,
                notes.string(f"{PREFIX}healthcheck-protocol", "HTTP"),
                int(port) if port.isdecimal() else None,
                notes.known_text(f"{PREFIX}healthcheck-path", "/"),
                notes.count(f"{PREFIX}healthcheck-interval-seconds", 15),
                notes.count(f"{PREFIX}unhealthy-threshold-count", 2),
            )


def _target_group(body: Manifest, service: Address) -> Address:
    name = service.as_kubernetes()
    return body.address.implied(f"target-group/{name.name if name else service}")


def _pairs(body: Manifest, name: str) -> Iterator[tuple[str, str]]:
    for item in lines(body.annotations, f"{PREFIX}{name}"):
        key, _, value = str(item).partition("=")
        yield key.strip(), value.strip()


def _number(body: Manifest, spelling: str | None, default: int) -> Known[int]:
    if spelling is None:
        return default
    if spelling.isdecimal():
        return int(spelling)
    return Unknown(f"{body.address}.metadata.annotations", why=f"{spelling!r} is not a number")


def _link(body: Manifest, name: str, value: Any) -> Link:
    return body.annotations.as_link(f"{PREFIX}{name}", value)


def _address(body: Manifest, name: str, value: Any) -> Address | str:
    link = _link(body, name, value)
    return link if isinstance(link, Address) else str(link)


@reads("elbv2.k8s.aws/v1beta1/IngressClassParams", "eks.amazonaws.com/v1/IngressClassParams")
def class_params(resource: Resource) -> Iterator[Fact]:
    """What a class of Ingresses says instead of their annotations."""
    body = Manifest(resource)
    if body.spec.has("targetType"):
        yield Setting(resource.address, "target-type", body.spec.known_text("targetType"))
