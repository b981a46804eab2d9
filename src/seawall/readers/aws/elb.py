"""Elastic Load Balancing: load balancers, listeners, their rules, target groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from seawall.facts.fact import Fact, Known, Link
from seawall.facts.network import (
    Forwards,
    HealthCheck,
    Hostname,
    Interface,
    Listens,
    Member,
    Presents,
    Protocol,
)
from seawall.facts.resilience import Setting
from seawall.facts.telemetry import Logs
from seawall.graph.resource import Resource
from seawall.kernel.units import Cidr, Ports
from seawall.kernel.value import Text, Textual, Unknown, text
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import made_up
from seawall.readers.aws.ec2 import stated_addresses
from seawall.readers.registry import link, reads

for _kind in ("aws_lb", "aws_alb"):
    for _log in ("access_logs", "connection_logs"):
        link(_kind, f"{_log}.*.bucket", to="aws_s3_bucket", by="bucket")


def _stated(body: Arguments) -> tuple[Cidr, ...]:
    """The private addresses that an internal balancer is given, one in each subnet; none where any has none."""
    each = [stated_addresses(block, "private_ipv4_address") for block in body.blocks("subnet_mapping")]
    return tuple(cidr for own in each for cidr in own) if all(each) else ()


@reads("aws_lb", "aws_alb")
def load_balancer(resource: Resource) -> Iterator[Fact]:
    """A load balancer: where it is, its name in the DNS, and how it treats connections."""
    body, address = Arguments(resource), resource.address
    kind = body.known_text("load_balancer_type", "application")
    internal = body.flag("internal")
    subnets = body.links("subnets")
    if subnets == ():
        mapped = [block.required_link("subnet_id") for block in body.blocks("subnet_mapping")]
        unknown = body.unknown_blocks("subnet_mapping")
        subnets = tuple(sorted(mapped, key=str)) if unknown is None else unknown
    groups = body.links("security_groups")
    if groups == () and kind == "application":
        groups = body.unknown("security_groups")  # the default group of a network that only its subnets name
    public: Known[bool] = internal if isinstance(internal, Unknown) else not internal
    if groups == () and isinstance(kind, Unknown):
        groups = kind
    stack = body.known_text("ip_address_type", "ipv4")
    six = stack if isinstance(stack, Unknown) else stack.startswith("dualstack")
    # A network load balancer that was made without groups has none, and lets everything through.
    stated = _stated(body) if internal is True and six is False else ()
    yield Interface(address, subnets, groups, public, stated, six, guarded=groups != ())
    name = body.text("name") if body.has("name") else body.unknown("name")
    prefix = "internal-" if internal is True and kind == "application" else ""
    order = (".elb.", resource.region) if kind == "network" else (".", resource.region, ".elb")
    host = text(prefix, name, "-", made_up(resource, "host"), *order, ".amazonaws.com")
    yield Hostname(address, "dns_name", host)
    yield Setting(address, "deletion-protection", body.flag("enable_deletion_protection"))
    if kind == "application":
        yield Setting(address, "drop-invalid-headers", body.flag("drop_invalid_header_fields"))
        yield Setting(address, "idle-timeout", body.count("idle_timeout", 60))
    for block, what in (("access_logs", "access"), ("connection_logs", "connection")):
        log = body.block(block)
        if log.flag("enabled") is not False:
            yield Logs(address, log.required_link("bucket"), (what,))


_SPOKEN: dict[str, Protocol] = {"UDP": "udp", "TCP_UDP": "any"}


@reads("aws_lb_listener", "aws_alb_listener")
def listener(resource: Resource) -> Iterator[Fact]:
    """A port of a load balancer, the certificate that it shows, and where it sends what no rule takes."""
    body, address = Arguments(resource), resource.address
    balancer = body.required_link("load_balancer_arn")
    yield Member(balancer, address)
    protocol = body.known_text("protocol", "HTTP")
    port = body.count("port", 443 if protocol == "HTTPS" else 80)
    tls: Known[Literal["none", "optional", "required"]]
    if isinstance(protocol, Unknown):
        tls = protocol
    else:
        tls = "required" if protocol in ("HTTPS", "TLS") else "none"
    spoken = "tcp" if isinstance(protocol, Unknown) else _SPOKEN.get(protocol, "tcp")
    yield Listens(balancer, spoken, port if isinstance(port, Unknown) else Ports.one(port), tls)
    certificate = body.link("certificate_arn")
    if certificate is not None:
        # What AWS takes where a listener with a certificate names no policy.
        yield Presents(address, certificate, (), body.known_text("ssl_policy", "ELBSecurityPolicy-2016-08"))
    for to, weight in _targets(body, "default_action"):
        yield Forwards(address, to, weight=weight)


@reads("aws_lb_listener_certificate", "aws_alb_listener_certificate")
def listener_certificate(resource: Resource) -> Iterator[Fact]:
    """One more certificate of a listener."""
    body = Arguments(resource)
    yield Presents(body.required_link("listener_arn"), body.required_link("certificate_arn"))


_FURTHER = ("http_header", "query_string", "source_ip")


@reads("aws_lb_listener_rule", "aws_alb_listener_rule")
def listener_rule(resource: Resource) -> Iterator[Fact]:
    """Requests for these hosts and paths go there; a rule with other conditions takes an unknown part of them."""
    body = Arguments(resource)
    of = body.required_link("listener_arn")
    unknown = body.unknown_blocks("condition")
    hosts: tuple[Textual, ...] = ()
    paths: tuple[Textual, ...] = ()
    methods: tuple[str, ...] = ()
    for condition in body.blocks("condition"):
        hosts += _values(condition, "host_header")
        paths += _values(condition, "path_pattern")
        methods += tuple(str(method) for method in _values(condition, "http_request_method"))
        if any(condition.has(name) for name in _FURTHER):
            unknown = Unknown(
                f"{resource.address}.{condition.path('')[:-1]}", why="facts speak of host, path and method only"
            )
            if not isinstance(of, Unknown):
                yield Setting(of, "asks-for-header", True)
    if unknown is not None:
        hosts = (unknown,)
    for host in sorted(hosts, key=str) or ("*",):
        for path in sorted(paths, key=str) or ("/*",):
            for to, weight in _targets(body, "action"):
                yield Forwards(of, to, host, path, tuple(sorted(methods)), weight)


def _values(condition: Arguments, name: str) -> tuple[Textual, ...]:
    values = condition.block(name).texts("values")
    return (values,) if isinstance(values, Unknown) else values


Target: TypeAlias = "Link | Text | str"


def _targets(body: Arguments, name: str) -> Iterator[tuple[Target, Known[int]]]:
    """Where the last action sends requests, with weights: target groups, or a redirect or answer in one word."""
    unknown = body.unknown_blocks(name)
    if unknown is not None:
        yield unknown, 100
    for action in body.blocks(name):
        kind = action.text("type")
        forward = list(action.block("forward").blocks("target_group"))
        if action.has("target_group_arn"):
            yield action.required_link("target_group_arn"), 100
        elif len(forward) == 1:
            yield forward[0].required_link("arn"), 100
        elif forward:
            for group in forward:
                yield group.required_link("arn"), group.count("weight", 1)
        elif kind == "redirect":
            to = action.block("redirect")
            place = (to.text("protocol", "#{protocol}"), to.text("port", "#{port}"), to.text("status_code"))
            yield _joined("redirect", *place), 100
        elif kind == "fixed-response":
            yield _joined("fixed-response", action.block("fixed_response").text("status_code")), 100


def _joined(first: str, *words: Textual) -> Text | str:
    joined = text(first, *(part for word in words for part in (":", word)))
    assert isinstance(joined, str | Text)  # it starts with a word, so it is no lone hole
    return joined


@reads("aws_lb_target_group", "aws_alb_target_group")
def target_group(resource: Resource) -> Iterator[Fact]:
    """Targets that requests are shared among, and how each is asked whether it is well."""
    body, address = Arguments(resource), resource.address
    check = body.block("health_check")
    kind = body.known_text("target_type", "instance")
    if check.flag("enabled", kind != "lambda") is not False:
        protocol = str(check.text("protocol", "HTTP"))
        port = check.text("port", "traffic-port")
        yield HealthCheck(
            address,
            address,
            protocol,
            None if port == "traffic-port" else check.count("port"),
            check.known_text("path", "/" if protocol in ("HTTP", "HTTPS") else ""),
            check.count("interval", 35 if kind == "lambda" else 30),
            check.count("unhealthy_threshold", 3),
        )
    yield Setting(address, "deregistration-delay", body.count("deregistration_delay", 300))
    yield Setting(address, "target-type", kind)
    if body.has("port"):
        yield Setting(address, "target-port", body.count("port"))
    spoken = body.known_text("protocol")
    if spoken in _OF_NETWORKS:
        # Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
        kept = kind if isinstance(kind, Unknown) else kind == "instance" or spoken in ("UDP", "TCP_UDP")
        yield Setting(
            address, "keeps-client-address", body.flag("preserve_client_ip") if body.has("preserve_client_ip") else kept
        )


_OF_NETWORKS: Final = ("TCP", "TLS", "UDP", "TCP_UDP")
"""Protocols of a network load balancer's targets."""


@reads("aws_lb_target_group_attachment", "aws_alb_target_group_attachment")
def target_group_attachment(resource: Resource) -> Iterator[Fact]:
    """A thing is one of the targets."""
    body = Arguments(resource)
    yield Member(body.required_link("target_group_arn"), body.required_link("target_id"))
    if body.has("port"):
        yield Setting(resource.address, "target-port", body.count("port"))
