"""Traffic to AWS that goes through a NAT gateway, past an endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import NodeGroup
from seawall.facts.facts import Facts
from seawall.facts.network import Gateway, Interface, Route, Routed, Subnet
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="COST-005",
    severity=Severity.MEDIUM,
    summary="Nodes reach S3 or DynamoDB through a NAT gateway, past the endpoint that their network has",
    why="a gateway endpoint costs nothing and a NAT gateway charges for each gigabyte: every layer of every image "
    "and every "
    "backup is paid for, because one route table is not among the endpoint's",
    fix="add the subnet's route table to the endpoint's route_table_ids",
    layers=("terraform", "cost"),
    source="https://github.com/aws/aws-eks-best-practices/blob/master/latest/bpg/cost/cost_opt_networking.adoc",
    read=date(2026, 11, 22),
)

_SERVICES = (".s3", ".dynamodb")


def check(facts: Facts) -> Iterator[Finding]:
    """The subnets of node groups whose way out is a NAT gateway, against the gateway endpoints of their network."""
    for place in sorted({subnet for group in facts.all(NodeGroup) for subnet in _subnets(facts, group)}):
        subnet = facts.one(Subnet, of=place)
        if subnet is None or not isinstance(subnet.network, Address):
            continue
        tables = facts.where(Routed, of=place) or facts.where(Routed, of=subnet.network)
        routes = [route for routed in tables for route in facts.where(Route, table=routed.table)]
        through = [route for route in routes if route.kind == "nat" and str(route.destination) == "0.0.0.0/0"]
        if not through:
            continue
        for service, endpoints in _endpoints(facts, subnet.network).items():
            # A network may have several for one service, each for tables of its own.
            if not any(route.via in endpoints for route in routes):
                yield RULE.refuted(
                    f"{place} reaches {service} through {through[0].via}, and {' and '.join(endpoints)} "
                    f"{'is' if len(endpoints) == 1 else 'are'} not for its table",
                    place,
                    *endpoints,
                )


def _endpoints(facts: Facts, network: Address) -> dict[str, list[Address]]:
    """The gateway endpoints of a network by what they lead to."""
    found: dict[str, list[Address]] = {}
    for endpoint in facts.where(Gateway, place=network):
        service = "" if isinstance(endpoint.service, Unknown) else endpoint.service
        if endpoint.kind == "gateway-endpoint" and service.endswith(_SERVICES):
            found.setdefault(service, []).append(endpoint.of)
    return found


def _subnets(facts: Facts, group: NodeGroup) -> Iterator[Address]:
    for interface in facts.where(Interface, of=group.of):
        links = () if isinstance(interface.subnets, Unknown) else interface.subnets
        yield from (each for each in links if isinstance(each, Address))
