"""VPCs, subnets, routes and gateways."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact, Link
from seawall.facts.network import AclRule, Filtered, Gateway, Network, Peer, Permit, Route, Routed, Subnet
from seawall.graph.resource import Resource
from seawall.kernel.units import ALL_PORTS, ANYWHERE
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.registry import reads


@reads("aws_vpc")
def vpc(resource: Resource) -> Iterator[Fact]:
    """A VPC comes with a main route table, a default access-control list and a default group of its own."""
    body = Arguments(resource)
    cidr = body.cidr("cidr_block")
    region = resource.region
    yield Network(
        resource.address,
        cidr if isinstance(cidr, Unknown) else (cidr,) if cidr else body.unknown("cidr_block"),
        region,
    )
    main, acl, group = (resource.address.implied(name) for name in ("main", "default-acl", "default-group"))
    yield Routed(resource.address, main)
    if cidr is not None:
        yield Route(main, cidr, None, "local")
    yield Filtered(resource.address, acl)
    for direction in ("ingress", "egress"):
        yield AclRule(acl, direction, 100, True, "any", ALL_PORTS, ANYWHERE)
    yield Permit(group, "ingress", "any", ALL_PORTS, group)
    yield Permit(group, "egress", "any", ALL_PORTS, ANYWHERE)


@reads("aws_subnet")
def subnet(resource: Resource) -> Iterator[Fact]:
    """A subnet of a VPC."""
    body = Arguments(resource)
    yield Subnet(
        resource.address,
        body.link("vpc_id") or body.unknown("vpc_id"),
        body.cidr("cidr_block") or body.unknown("cidr_block"),
        body.known_text("availability_zone")
        if body.has("availability_zone")
        else body.unknown("availability_zone"),
    )


@reads("aws_route_table")
def route_table(resource: Resource) -> Iterator[Fact]:
    """A route table with the routes that it states inline; the VPC's own range is always routed locally."""
    body = Arguments(resource)
    for block in body.blocks("route"):
        yield _route(resource.address, block)
    unknown = body.unknown_blocks("route")
    if unknown is not None:
        yield Route(resource.address, unknown, unknown, "unknown")


@reads("aws_route")
def route(resource: Resource) -> Iterator[Fact]:
    """A route of a table."""
    body = Arguments(resource)
    yield _route(body.link("route_table_id") or body.unknown("route_table_id"), body)


_TARGETS = {
    "gateway_id": "internet",
    "nat_gateway_id": "nat",
    "vpc_peering_connection_id": "peering",
    "transit_gateway_id": "transit",
    "vpc_endpoint_id": "endpoint",
    "network_interface_id": "unknown",
    "egress_only_gateway_id": "internet",
}


def _route(table: Link, body: Arguments) -> Route:
    destination: Peer | None = None
    for name in ("destination_cidr_block", "cidr_block", "destination_ipv6_cidr_block", "ipv6_cidr_block"):
        destination = destination or body.cidr(name)
    if destination is None:
        destination = body.link("destination_prefix_list_id") or body.unknown("destination_cidr_block")
    for name, kind in _TARGETS.items():
        if body.has(name):
            return Route(table, destination, body.link(name), kind)  # type: ignore[arg-type]
    return Route(table, destination, body.unknown("gateway_id"), "unknown")


@reads("aws_route_table_association")
def route_table_association(resource: Resource) -> Iterator[Fact]:
    """A subnet uses a route table."""
    body = Arguments(resource)
    table = body.link("route_table_id") or body.unknown("route_table_id")
    yield Routed(body.link("subnet_id") or body.unknown("subnet_id"), table)


@reads("aws_internet_gateway")
def internet_gateway(resource: Resource) -> Iterator[Fact]:
    """The way to the internet for public addresses."""
    body = Arguments(resource)
    yield Gateway(resource.address, "internet", body.link("vpc_id") or body.unknown("vpc_id"))


@reads("aws_nat_gateway")
def nat_gateway(resource: Resource) -> Iterator[Fact]:
    """The way to the internet for private addresses, in one subnet and so in one zone."""
    body = Arguments(resource)
    yield Gateway(resource.address, "nat", body.link("subnet_id") or body.unknown("subnet_id"))
