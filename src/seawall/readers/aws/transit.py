"""Transit gateways: networks and other gateways attached to them, their tables, and what those learn."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact, Known, Link
from seawall.facts.network import Accepted, Attached, Propagates, Route, Routed, Transit
from seawall.graph.resource import Resource
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.registry import implies, reads

implies("association_default_route_table_id", "main")
implies("propagation_default_route_table_id", "main")


@reads("aws_ec2_transit_gateway")
def transit_gateway(resource: Resource) -> Iterator[Fact]:
    """A gateway with a table of its own, which attachments use and tell their ranges to unless it says otherwise."""
    body = Arguments(resource)
    yield Transit(
        resource.address,
        _enabled(body, "default_route_table_association", "enable"),
        _enabled(body, "default_route_table_propagation", "enable"),
        _enabled(body, "security_group_referencing_support", "disable"),
    )


def _enabled(body: Arguments, name: str, default: str) -> Known[bool]:
    value = body.known_text(name, default)
    return value if isinstance(value, Unknown) else value == "enable"


@reads("aws_ec2_transit_gateway_vpc_attachment")
def vpc_attachment(resource: Resource) -> Iterator[Fact]:
    """A network is attached, in one subnet of each zone that is to reach the gateway."""
    body = Arguments(resource)
    uses, tells = (
        body.flag(f"transit_gateway_default_route_table_{name}")
        if body.has(f"transit_gateway_default_route_table_{name}")
        else None
        for name in ("association", "propagation")
    )
    yield Attached(
        resource.address,
        body.required_link("transit_gateway_id"),
        body.required_link("vpc_id"),
        body.links("subnet_ids"),
        uses,
        tells,
    )


@reads("aws_ec2_transit_gateway_vpc_attachment_accepter", "aws_ec2_transit_gateway_peering_attachment_accepter")
def attachment_accepter(resource: Resource) -> Iterator[Fact]:
    """The gateway's side accepts an attachment."""
    yield Accepted(Arguments(resource).required_link("transit_gateway_attachment_id"))


@reads("aws_ec2_transit_gateway_peering_attachment")
def peering_attachment(resource: Resource) -> Iterator[Fact]:
    """Two gateways are attached to each other; neither tells the other its ranges."""
    body = Arguments(resource)
    one, other = body.required_link("transit_gateway_id"), body.required_link("peer_transit_gateway_id")
    yield Attached(resource.address, one, other, propagates=False)
    yield Attached(resource.address, other, one, propagates=False)


@reads("aws_ec2_transit_gateway_route_table_association")
def table_association(resource: Resource) -> Iterator[Fact]:
    """What comes from an attachment is looked up in that table."""
    body = Arguments(resource)
    table = body.required_link("transit_gateway_route_table_id")
    yield Routed(body.required_link("transit_gateway_attachment_id"), table)


@reads("aws_ec2_transit_gateway_route_table_propagation")
def table_propagation(resource: Resource) -> Iterator[Fact]:
    """An attachment tells its ranges to that table."""
    body = Arguments(resource)
    table = body.required_link("transit_gateway_route_table_id")
    yield Propagates(body.required_link("transit_gateway_attachment_id"), table)


@reads("aws_ec2_transit_gateway_route")
def transit_route(resource: Resource) -> Iterator[Fact]:
    """A route of a gateway's table, to an attachment or nowhere."""
    body = Arguments(resource)
    table = body.required_link("transit_gateway_route_table_id")
    destination = body.required_cidr("destination_cidr_block")
    nowhere = body.flag("blackhole")
    if nowhere is True:
        yield Route(table, destination, None, "blackhole")
        return
    via: Link = body.required_link("transit_gateway_attachment_id")
    yield Route(table, destination, via if nowhere is False else nowhere, "transit")


@reads("aws_ec2_transit_gateway_prefix_list_reference")
def prefix_list_reference(resource: Resource) -> Iterator[Fact]:
    """A route of a gateway's table to every range of a list."""
    body = Arguments(resource)
    table, listed = body.required_link("transit_gateway_route_table_id"), body.required_link("prefix_list_id")
    if body.flag("blackhole") is True:
        yield Route(table, listed, None, "blackhole")
    else:
        yield Route(table, listed, body.required_link("transit_gateway_attachment_id"), "transit")
