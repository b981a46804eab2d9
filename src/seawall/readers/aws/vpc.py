"""VPCs, subnets, routes, gateways, endpoints, access-control lists, flow logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from seawall.facts.fact import Fact, Link
from seawall.facts.network import (
    AclRule,
    Direction,
    Filtered,
    Gateway,
    Interface,
    Listens,
    Network,
    Peer,
    Permit,
    Route,
    Routed,
    Subnet,
)
from seawall.facts.resilience import Setting
from seawall.facts.telemetry import Logs
from seawall.graph.resource import Resource
from seawall.kernel.units import ALL_PORTS, ANYWHERE, Ports
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.aws.policy import policy_facts
from seawall.readers.aws.security_groups import DIRECTIONS, ports_of, protocol_of
from seawall.readers.registry import implies, link, reads

implies("main_route_table_id", "main")
implies("default_route_table_id", "main")
implies("default_network_acl_id", "default-acl")
implies("prefix_list_id", "prefix-list")

# What an endpoint has that is given no policy: "full access" in AWS's words. As the state reads it back.
# Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html#default-endpoint-policy
ENDPOINT_POLICY = (
    '{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'
)

link("aws_flow_log", "log_group_name", to="aws_cloudwatch_log_group", by="name")


@reads("aws_vpc")
def vpc(resource: Resource) -> Iterator[Fact]:
    """A VPC comes with a main route table, a default access-control list and a default group of its own."""
    body = Arguments(resource)
    cidr = body.required_cidr("cidr_block")
    yield Network(resource.address, cidr if isinstance(cidr, Unknown) else (cidr,), resource.region)
    main, acl, group = (resource.address.implied(name) for name in ("main", "default-acl", "default-group"))
    yield Routed(resource.address, main)
    yield Route(main, cidr, None, "local")
    yield Filtered(resource.address, acl)
    for direction in DIRECTIONS:
        yield AclRule(acl, direction, 100, True, "any", ALL_PORTS, ANYWHERE)
    yield Permit(group, "ingress", "any", ALL_PORTS, group)
    yield Permit(group, "egress", "any", ALL_PORTS, ANYWHERE)


@reads("aws_subnet")
def subnet(resource: Resource) -> Iterator[Fact]:
    """A subnet of a VPC."""
    body = Arguments(resource)
    zone = "availability_zone" if body.has("availability_zone") else "availability_zone_id"
    yield Subnet(
        resource.address,
        body.required_link("vpc_id"),
        body.required_cidr("cidr_block"),
        body.known_text(zone) if body.has(zone) else body.unknown("availability_zone"),
    )


@reads("aws_route_table", "aws_default_route_table")
def route_table(resource: Resource) -> Iterator[Fact]:
    """A route table with the routes that it states inline; the VPC's own range is always routed locally."""
    body = Arguments(resource)
    table: Link = resource.address
    if resource.type == "aws_default_route_table":
        table = body.required_link("default_route_table_id")
    for block in body.blocks("route"):
        yield _route(table, block)
    unknown = body.unknown_blocks("route")
    if unknown is not None:
        yield Route(table, unknown, unknown, "unknown")


@reads("aws_route")
def route(resource: Resource) -> Iterator[Fact]:
    """A route of a table."""
    body = Arguments(resource)
    yield _route(body.required_link("route_table_id"), body)


_TARGETS: dict[str, Literal["internet", "nat", "peering", "transit", "endpoint", "unknown"]] = {
    "gateway_id": "internet",
    "nat_gateway_id": "nat",
    "vpc_peering_connection_id": "peering",
    "transit_gateway_id": "transit",
    "vpc_endpoint_id": "endpoint",
    "network_interface_id": "unknown",
    "egress_only_gateway_id": "internet",
}


def _route(table: Link, body: Arguments) -> Route:
    destination: Peer = body.unknown("destination_cidr_block")
    for name in ("destination_cidr_block", "cidr_block", "destination_ipv6_cidr_block", "ipv6_cidr_block"):
        if body.has(name):
            destination = body.required_cidr(name)
            break
    else:
        if body.has("destination_prefix_list_id"):
            destination = body.required_link("destination_prefix_list_id")
    for name, kind in _TARGETS.items():
        if body.has(name):
            return Route(table, destination, body.link(name), kind)
    return Route(table, destination, body.unknown("gateway_id"), "unknown")


@reads("aws_route_table_association")
def route_table_association(resource: Resource) -> Iterator[Fact]:
    """A subnet uses a route table."""
    body = Arguments(resource)
    if not body.has("gateway_id"):
        yield Routed(body.required_link("subnet_id"), body.required_link("route_table_id"))


@reads("aws_main_route_table_association")
def main_route_table_association(resource: Resource) -> Iterator[Fact]:
    """A network's default table is another than the one that came with it."""
    body = Arguments(resource)
    yield Routed(body.required_link("vpc_id"), body.required_link("route_table_id"))


@reads("aws_internet_gateway")
def internet_gateway(resource: Resource) -> Iterator[Fact]:
    """The way to the internet for public addresses."""
    body = Arguments(resource)
    if body.has("vpc_id"):
        yield Gateway(resource.address, "internet", body.required_link("vpc_id"))


@reads("aws_internet_gateway_attachment")
def internet_gateway_attachment(resource: Resource) -> Iterator[Fact]:
    """A way to the internet that is tied to its network apart."""
    body = Arguments(resource)
    gateway = body.required_link("internet_gateway_id")
    if not isinstance(gateway, Unknown):
        yield Gateway(gateway, "internet", body.required_link("vpc_id"))


@reads("aws_nat_gateway")
def nat_gateway(resource: Resource) -> Iterator[Fact]:
    """The way to the internet for private addresses, in one subnet and so in one zone."""
    body = Arguments(resource)
    yield Gateway(resource.address, "nat", body.required_link("subnet_id"))


@reads("aws_vpc_peering_connection")
def vpc_peering_connection(resource: Resource) -> Iterator[Fact]:
    """A way from one network to another."""
    body = Arguments(resource)
    peer = body.required_link("peer_vpc_id")
    yield Gateway(resource.address, "peering", body.required_link("vpc_id"), peer)


@reads("aws_vpc_endpoint")
def vpc_endpoint(resource: Resource) -> Iterator[Fact]:
    """A private way to an API: by routes to its addresses, or by interfaces that answer for it."""
    body = Arguments(resource)
    address = resource.address
    network = body.required_link("vpc_id")
    service = body.known_text("service_name")
    if body.known_text("vpc_endpoint_type", "Gateway") == "Gateway":
        yield Gateway(address, "gateway-endpoint", network, service=service)
        tables = body.links("route_table_ids")
        for table in (tables,) if isinstance(tables, Unknown) else tables:
            yield Route(table, address.implied("prefix-list"), address, "endpoint")
    else:
        yield Gateway(address, "interface-endpoint", network, service=service)
        groups = body.links("security_group_ids")
        if groups == () and not isinstance(network, Unknown):
            groups = (network.implied("default-group"),)
        yield Interface(address, body.links("subnet_ids"), groups)
        yield Listens(address, "tcp", Ports.one(443), "required")
        yield Setting(address, "private-dns", body.flag("private_dns_enabled"))
    policy = body.raw("policy") if body.has("policy") else ENDPOINT_POLICY
    yield from policy_facts(policy, address, "resource", f"{address}.policy")


@reads("aws_vpc_endpoint_route_table_association")
def vpc_endpoint_route_table_association(resource: Resource) -> Iterator[Fact]:
    """A table routes to an endpoint."""
    body = Arguments(resource)
    endpoint = body.required_link("vpc_endpoint_id")
    listed = endpoint if isinstance(endpoint, Unknown) else endpoint.implied("prefix-list")
    yield Route(body.required_link("route_table_id"), listed, endpoint, "endpoint")


@reads("aws_flow_log")
def flow_log(resource: Resource) -> Iterator[Fact]:
    """A network's, a subnet's or an interface's traffic is logged."""
    body = Arguments(resource)
    place = next((name for name in ("vpc_id", "subnet_id", "eni_id", "transit_gateway_id") if body.has(name)), "vpc_id")
    of = body.required_link(place)
    yield Setting(of, "flow-logs", True)
    name = "log_destination" if body.has("log_destination") else "log_group_name"
    kinds = body.known_text("traffic_type", "ALL")
    yield Logs(of, body.required_link(name), () if isinstance(kinds, Unknown) else (kinds,))


@reads("aws_network_acl", "aws_default_network_acl")
def network_acl(resource: Resource) -> Iterator[Fact]:
    """An access-control list with its inline rules; what no rule allows is denied."""
    body = Arguments(resource)
    acl: Link = resource.address
    if resource.type == "aws_default_network_acl":
        acl = body.required_link("default_network_acl_id")
    subnets = body.links("subnet_ids")
    for of in (subnets,) if isinstance(subnets, Unknown) else subnets:
        yield Filtered(of, acl)
    for direction in DIRECTIONS:
        for rule in body.blocks(direction):
            yield from _acl_rule(acl, direction, rule, "rule_no", "action")
        unknown = body.unknown_blocks(direction)
        if unknown is not None:
            for allow in (True, False):  # it may be either
                yield AclRule(acl, direction, 0, allow, unknown, unknown, unknown)


@reads("aws_network_acl_rule")
def network_acl_rule(resource: Resource) -> Iterator[Fact]:
    """One rule of an access-control list."""
    body = Arguments(resource)
    direction: Direction = "egress" if body.flag("egress") is True else "ingress"
    yield from _acl_rule(body.required_link("network_acl_id"), direction, body, "rule_number", "rule_action")


@reads("aws_network_acl_association")
def network_acl_association(resource: Resource) -> Iterator[Fact]:
    """A subnet uses an access-control list."""
    body = Arguments(resource)
    yield Filtered(body.required_link("subnet_id"), body.required_link("network_acl_id"))


def _acl_rule(acl: Link, direction: Direction, rule: Arguments, number: str, action: str) -> Iterator[AclRule]:
    protocol = protocol_of(rule, "protocol")
    order = rule.count(number)
    if protocol is None:
        return
    peer = rule.required_cidr("ipv6_cidr_block" if rule.has("ipv6_cidr_block") else "cidr_block")
    known = rule.known_text(action)
    for allow in (True, False):
        if isinstance(known, Unknown) or (known.lower() == "allow") is allow:
            yield AclRule(
                acl,
                direction,
                order if isinstance(order, int) else 0,
                allow,
                protocol,
                ports_of(rule, protocol),
                peer,
            )
