"""Route 53: zones, records, health checks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from seawall.facts.fact import Fact, Known
from seawall.facts.identity import Identifier
from seawall.facts.network import HealthCheck, Member, Record
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Text, Textual, Unknown, text
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import made_up, partition
from seawall.readers.registry import link, reads

link("aws_route53_health_check", "cloudwatch_alarm_name", to="aws_cloudwatch_metric_alarm", by="alarm_name")

Routing: TypeAlias = Literal["simple", "failover", "weighted", "latency", "geolocation", "other"]


@reads("aws_route53_zone")
def zone(resource: Resource) -> Iterator[Fact]:
    """A zone with its name; a private one belongs to networks."""
    body, address = Arguments(resource), resource.address
    yield Identifier(address, "name", _plain(body.text("name")))
    yield Identifier(
        address, "arn", text("arn:", partition(resource.region), ":route53:::hostedzone/", made_up(resource, "zone_id"))
    )
    for network in body.blocks("vpc"):
        yield Member(network.required_link("vpc_id"), address)


@reads("aws_route53_zone_association")
def zone_association(resource: Resource) -> Iterator[Fact]:
    """A private zone belongs to one more network."""
    body = Arguments(resource)
    zone = body.required_link("zone_id")
    yield Member(body.required_link("vpc_id"), zone)


def _plain(name: Textual) -> Textual:
    """A name without the dot of the root and in lower case, as the DNS compares it."""
    if isinstance(name, str):
        return name.rstrip(".").lower()
    if isinstance(name, Text):
        *others, last = name.parts
        parts = [*others, last.rstrip(".") if isinstance(last, str) else last]
        return text(*(part.lower() if isinstance(part, str) else part for part in parts))
    return name


@reads("aws_route53_record")
def record(resource: Resource) -> Iterator[Fact]:
    """A name and where it leads; an alias has the time to live of its target."""
    body, address = Arguments(resource), resource.address
    targets: list[Textual | Address] = []
    follows: Known[bool] = False
    alias = body.block("alias")
    if body.has("alias"):
        target = alias.link_or_text("name")
        if target is None:
            targets.append(alias.unknown("name"))
        else:
            targets.append(target if isinstance(target, Address) else _plain(target))
        follows = alias.flag("evaluate_target_health")
    else:
        records = body.texts("records")
        targets.extend((records,) if isinstance(records, Unknown) else records)
    routing, part = _routing(body)
    yield Record(
        address,
        body.required_link("zone_id"),
        _plain(body.text("name")),
        str(body.text("type")),
        tuple(targets),
        body.number("ttl"),
        routing,
        part,
        body.link("health_check_id"),
        follows,
    )


def _routing(body: Arguments) -> tuple[Routing, str]:
    policies: tuple[tuple[Routing, str], ...] = (
        ("failover", "type"),
        ("weighted", "weight"),
        ("latency", "region"),
    )
    for routing, share in policies:
        block = body.block(f"{routing}_routing_policy")
        if block.has(share):
            return routing, str(block.text(share))
    place = body.block("geolocation_routing_policy")
    if body.has("geolocation_routing_policy"):
        return "geolocation", "/".join(str(place.text(n)) for n in ("continent", "country", "subdivision"))
    others = ("geoproximity_routing_policy", "cidr_routing_policy", "multivalue_answer_routing_policy")
    return ("other" if any(body.has(name) and body.raw(name) is not False for name in others) else "simple"), ""


_USUAL_PORTS = {"HTTP": 80, "HTTP_STR_MATCH": 80, "HTTPS": 443, "HTTPS_STR_MATCH": 443}


@reads("aws_route53_health_check")
def health_check(resource: Resource) -> Iterator[Fact]:
    """A target is asked from around the world; or other checks are counted; or an alarm is followed."""
    body, address = Arguments(resource), resource.address
    protocol = str(body.text("type"))
    children = body.links("child_healthchecks")
    for child in (children,) if isinstance(children, Unknown) else children:
        yield Member(address, child)
    target: Textual | Address = ""
    for name in ("fqdn", "ip_address", "cloudwatch_alarm_name"):
        named = body.link_or_text(name)
        if named is not None:
            target = named
            break
    port = body.number("port", _USUAL_PORTS.get(protocol))
    yield HealthCheck(
        address,
        target,
        protocol,
        port,
        body.known_text("resource_path"),
        body.count("request_interval", 30),
        body.count("failure_threshold", 3),
        body.flag("enable_sni", protocol.startswith("HTTPS")),
        body.has("ip_address"),
    )
