"""VPCs, subnets, routes, gateways, endpoints, access-control lists, flow logs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, TypeAlias

from seawall.facts.fact import Fact, Known, Link
from seawall.facts.identity import Identifier
from seawall.facts.network import (
    Accepted,
    AclRule,
    Direction,
    Filtered,
    Gateway,
    Interface,
    Listens,
    Member,
    Network,
    NetworkRange,
    Peer,
    Permit,
    PrefixList,
    Route,
    Routed,
    Subnet,
    TakenOver,
)
from seawall.facts.resilience import Setting
from seawall.facts.telemetry import Logs
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import ALL_PORTS, ANYWHERE, ANYWHERE_6, Cidr, Ports
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.aws.policy import policy_facts
from seawall.readers.aws.security_groups import DIRECTIONS, code_of, ports_of, protocol_of
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
    if body.has("ipv6_cidr_block"):
        yield from _range6(resource.address, body.required_cidr("ipv6_cidr_block"))
    elif body.flag("assign_generated_ipv6_cidr_block") is not False or body.has("ipv6_ipam_pool_id"):
        why = "AWS chooses it when the network is made"
        yield from _range6(resource.address, Unknown(f"{resource.address}.ipv6_cidr_block", why=why))


def _range6(network: Address, cidr: Known[Cidr]) -> Iterator[Fact]:
    """A network's range of IPv6, which its own access-control list and group let through as they do IPv4."""
    yield NetworkRange(network, cidr)
    acl, group = (network.implied(name) for name in ("default-acl", "default-group"))
    for direction in DIRECTIONS:
        yield AclRule(acl, direction, 101, True, "any", ALL_PORTS, ANYWHERE_6, by=network)
    yield Permit(group, "egress", "any", ALL_PORTS, ANYWHERE_6, by=network)


@reads("aws_vpc_ipv4_cidr_block_association")
def ipv4_cidr_block_association(resource: Resource) -> Iterator[Fact]:
    """One more range of a network."""
    body = Arguments(resource)
    yield NetworkRange(body.required_link("vpc_id"), body.required_cidr("cidr_block"))


@reads("aws_vpc_ipv6_cidr_block_association")
def ipv6_cidr_block_association(resource: Resource) -> Iterator[Fact]:
    """One more range of a network, of IPv6."""
    body = Arguments(resource)
    network, cidr = body.required_link("vpc_id"), body.required_cidr("ipv6_cidr_block")
    if isinstance(network, Unknown):
        yield NetworkRange(network, cidr)
    else:
        yield from _range6(network, cidr)


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
        body.cidr("ipv6_cidr_block"),
        body.flag("map_public_ip_on_launch"),
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
    gateways = body.links("propagating_vgws")
    for gateway in (gateways,) if isinstance(gateways, Unknown) else gateways:
        yield _propagated(table, gateway, resource.address)


@reads("aws_route")
def route(resource: Resource) -> Iterator[Fact]:
    """A route of a table."""
    body = Arguments(resource)
    yield _route(body.required_link("route_table_id"), body)


@reads("aws_vpn_gateway_route_propagation")
def vpn_gateway_route_propagation(resource: Resource) -> Iterator[Fact]:
    """A table learns the routes of a VPN."""
    body = Arguments(resource)
    yield _propagated(body.required_link("route_table_id"), body.required_link("vpn_gateway_id"), resource.address)


def _propagated(table: Link, gateway: Link, says: Address) -> Route:
    why = "the other end of the VPN says what it leads to"
    return Route(table, Unknown(f"{says}.propagated_routes", why=why), gateway, "vpn")


_Kind: TypeAlias = Literal[
    "local", "internet", "egress-only", "nat", "peering", "transit", "vpn", "endpoint", "blackhole", "unknown"
]
_TARGETS: dict[str, _Kind] = {
    "gateway_id": "internet",
    "nat_gateway_id": "nat",
    "vpc_peering_connection_id": "peering",
    "transit_gateway_id": "transit",
    "vpc_endpoint_id": "endpoint",
    "network_interface_id": "unknown",
    "instance_id": "unknown",
    "egress_only_gateway_id": "egress-only",
    "carrier_gateway_id": "unknown",
    "local_gateway_id": "unknown",
    "core_network_arn": "unknown",
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
            via = body.required_link(name)
            return Route(table, destination, *_gateway(via) if name == "gateway_id" else (via, kind))
    return Route(table, destination, body.unknown("gateway_id"), "unknown")


def _gateway(via: Link) -> tuple[Link | None, _Kind]:
    """What a route leads to that names a gateway without saying of what kind it is."""
    if via == Address.outside("local"):
        return None, "local"
    name = via.as_terraform() if isinstance(via, Address) else None
    vpn = name is not None and name.type == "aws_vpn_gateway"
    if vpn or (isinstance(via, Address) and via.startswith("outside:vgw-")):
        return via, "vpn"
    return via, "internet"


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
    """A way to the internet that is tied to its network apart; called as its tie where nobody knows which it is."""
    body = Arguments(resource)
    gateway = body.required_link("internet_gateway_id")
    of = resource.address if isinstance(gateway, Unknown) else gateway
    yield Gateway(of, "internet", body.required_link("vpc_id"))


@reads("aws_egress_only_internet_gateway")
def egress_only_internet_gateway(resource: Resource) -> Iterator[Fact]:
    """The way to the internet for addresses of IPv6, by which nothing comes in."""
    yield Gateway(resource.address, "egress-only", Arguments(resource).required_link("vpc_id"))


@reads("aws_vpn_gateway")
def vpn_gateway(resource: Resource) -> Iterator[Fact]:
    """The way from a network to somebody's own."""
    body = Arguments(resource)
    if body.has("vpc_id"):
        yield Gateway(resource.address, "vpn", body.required_link("vpc_id"))


@reads("aws_vpn_gateway_attachment")
def vpn_gateway_attachment(resource: Resource) -> Iterator[Fact]:
    """A way to somebody's own network that is tied to this one apart."""
    body = Arguments(resource)
    gateway = body.required_link("vpn_gateway_id")
    if not isinstance(gateway, Unknown):
        yield Gateway(gateway, "vpn", body.required_link("vpc_id"))


@reads("aws_nat_gateway")
def nat_gateway(resource: Resource) -> Iterator[Fact]:
    """The way to the internet for private addresses, in one subnet and so in one zone; or to private networks."""
    body = Arguments(resource)
    kind = body.known_text("connectivity_type", "public")
    public = kind if isinstance(kind, Unknown) else kind == "public"
    yield Gateway(resource.address, "nat", body.required_link("subnet_id"), public=public)


@reads("aws_vpc_peering_connection")
def vpc_peering_connection(resource: Resource) -> Iterator[Fact]:
    """A way from one network to another, once the other side has accepted it."""
    body = Arguments(resource)
    peer = body.required_link("peer_vpc_id")
    ready: Known[bool] = body.flag("auto_accept")
    if ready is False:
        ready = Unknown(f"{resource.address}.accept_status", why="the other side has to accept it")
    yield Gateway(resource.address, "peering", body.required_link("vpc_id"), peer, ready=ready)


@reads("aws_vpc_peering_connection_accepter")
def vpc_peering_connection_accepter(resource: Resource) -> Iterator[Fact]:
    """The other side accepts a peering."""
    body = Arguments(resource)
    if body.flag("auto_accept") is True:
        yield Accepted(body.required_link("vpc_peering_connection_id"))


@reads("aws_ec2_managed_prefix_list")
def managed_prefix_list(resource: Resource) -> Iterator[Fact]:
    """A list of ranges under one name."""
    body = Arguments(resource)
    yield PrefixList(resource.address)
    for entry in body.blocks("entry"):
        yield Member(resource.address, entry.required_cidr("cidr"))
    unknown = body.unknown_blocks("entry")
    if unknown is not None:
        yield Member(resource.address, unknown)


@reads("aws_ec2_managed_prefix_list_entry")
def managed_prefix_list_entry(resource: Resource) -> Iterator[Fact]:
    """One range of a list."""
    body = Arguments(resource)
    yield Member(body.required_link("prefix_list_id"), body.required_cidr("cidr"))


@reads("data.aws_prefix_list", "data.aws_ec2_managed_prefix_list")
def looked_up_prefix_list(resource: Resource) -> Iterator[Fact]:
    """A list that somebody else keeps: AWS's own hold addresses of its services, which are of the internet.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
    """
    body = Arguments(resource)
    name = body.known_text("name")
    own = resource.type == "data.aws_prefix_list" or (isinstance(name, str) and name.startswith("com.amazonaws."))
    yield PrefixList(resource.address, own and not str(name).endswith("vpc-lattice"))
    if name:
        yield Identifier(resource.address, "name", name)
    yield Member(resource.address, Unknown(f"{resource.address}.entries", why="whoever keeps the list knows them"))


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
        kind = body.known_text("ip_address_type", "ipv4")
        six = kind if isinstance(kind, Unknown) else kind in ("ipv6", "dualstack")
        yield Interface(address, body.links("subnet_ids"), groups, ipv6=six)
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
        if not isinstance(acl, Unknown):
            yield TakenOver(acl, resource.address)
    subnets = body.links("subnet_ids")
    for of in (subnets,) if isinstance(subnets, Unknown) else subnets:
        yield Filtered(of, acl)
    for direction in DIRECTIONS:
        for rule in body.blocks(direction):
            yield from _acl_rule(acl, direction, rule, "rule_no", "action")
        unknown = body.unknown_blocks(direction)
        if unknown is not None:
            yield AclRule(acl, direction, unknown, unknown, unknown, unknown, unknown)


@reads("aws_network_acl_rule")
def network_acl_rule(resource: Resource) -> Iterator[Fact]:
    """One rule of an access-control list."""
    body = Arguments(resource)
    outward = body.flag("egress")
    for direction in DIRECTIONS:
        if isinstance(outward, Unknown) or outward is (direction == "egress"):
            for rule in _acl_rule(body.required_link("network_acl_id"), direction, body, "rule_number", "rule_action"):
                # One whose direction is not known may be for nobody in this one.
                yield replace(rule, peer=outward) if isinstance(outward, Unknown) else rule


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
    allow = known if isinstance(known, Unknown) else known.lower() == "allow"
    code = code_of(rule, protocol)
    yield AclRule(acl, direction, order, allow, protocol, ports_of(rule, protocol), peer, code=code)
