"""How a subnet gets at AWS's APIs: through an endpoint of its network, or out through the internet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from seawall.analyze.reachability.acls import association
from seawall.analyze.reachability.places import subnets
from seawall.analyze.reachability.routes import best_route
from seawall.facts.compute import NodeGroup
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes
from seawall.facts.network import Gateway, Interface, Route, Routed, Subnet
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.units import ANYWHERE
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Verdict, any_of, proven, refuted, unknown

Way: TypeAlias = Literal["out", "nowhere", "elsewhere"]

# The last part of an endpoint's service name by IAM's prefix of an action. Only services whose hosts are in the
# caller's own region are here: IAM, Route 53, CloudFront and the price list answer elsewhere or have no endpoint.
# Source: https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
HOSTS: Final[dict[str, tuple[str, ...]]] = {
    "autoscaling": ("autoscaling",),
    "cloudwatch": ("monitoring",),
    "dynamodb": ("dynamodb",),
    "ec2": ("ec2",),
    "ecr": ("ecr.api", "ecr.dkr", "s3"),
    "eks": ("eks",),
    "eks-auth": ("eks-auth",),
    "elasticfilesystem": ("elasticfilesystem",),
    "elasticloadbalancing": ("elasticloadbalancing",),
    "events": ("events",),
    "kms": ("kms",),
    "logs": ("logs",),
    "s3": ("s3",),
    "secretsmanager": ("secretsmanager",),
    "sns": ("sns",),
    "sqs": ("sqs",),
    "ssm": ("ssm",),
    "states": ("states",),
    "sts": ("sts",),
    "xray": ("xray",),
}
NODES: Final = ("ec2", "ecr.api", "ecr.dkr", "s3")
"""What a node of EKS calls before it is ready: the network plug-in asks EC2, and AWS's own images come from ECR.

S3 holds the layers of ECR's images. https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
"""
_ON_BEHALF: Final = frozenset({"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant"})
"""Calls that other services make in the caller's name where they follow from another call."""


@dataclass(frozen=True, slots=True)
class Isolated:
    """Nodes of a cluster in a subnet without any way to the internet; ``route`` is what stands for one, if anything."""

    nodes: Address
    cluster: Address
    subnet: Subnet
    route: Route | None


def way_out(facts: Facts, subnet: Subnet) -> Way | Unknown:
    """Where a subnet sends what is for nobody it knows: ``out`` to the internet, ``nowhere``, or ``elsewhere``.

    Elsewhere is another network, which may have a way out of its own, or endpoints that serve its neighbours as well.
    """
    route = best_route(facts, subnet, ANYWHERE)
    if isinstance(route, Unknown):
        return route
    if route is None or route.kind == "blackhole":
        return "elsewhere" if _leads_elsewhere(facts, subnet) else "nowhere"
    return "out" if route.kind in ("internet", "nat") and not _private(facts, route) else "elsewhere"


def _leads_elsewhere(facts: Facts, subnet: Subnet) -> bool:
    """Whether some route of a subnet leads to another network, which may hold the endpoints for all."""
    table, _ = association(facts, subnet, Routed)
    kinds = {route.kind for route in facts.where(Route, table=table)} if table is not None else set()
    return not kinds.isdisjoint({"peering", "transit", "vpn", "unknown"})


def _private(facts: Facts, route: Route) -> bool:
    """Whether a route's NAT gateway leads into private networks alone, or perhaps does."""
    gateway = facts.one(Gateway, of=route.via) if route.via is not None else None
    return gateway is not None and gateway.public is not True


def isolated(facts: Facts) -> tuple[Isolated, ...]:
    """Every subnet of a cluster's node groups that for certain has no way to the internet."""
    return facts.derive(_isolated)


def _isolated(facts: Facts) -> tuple[Isolated, ...]:
    return tuple(_find_isolated(facts))


def _find_isolated(facts: Facts) -> Iterator[Isolated]:
    for group in facts.all(NodeGroup):
        if isinstance(group.cluster, Unknown):
            continue
        for interface in facts.where(Interface, of=group.of):
            for subnet in subnets(facts, interface)[0]:
                if way_out(facts, subnet) == "nowhere":
                    route = best_route(facts, subnet, ANYWHERE)
                    yield Isolated(group.of, group.cluster, subnet, route if isinstance(route, Route) else None)


def all_isolated(facts: Facts, cluster: Address) -> bool:
    """Whether every known subnet of every node group of a cluster is without a way out, so that all pods are."""
    alone = {each.subnet.of for each in isolated(facts)}
    groups = facts.where(NodeGroup, cluster=cluster)
    lying = [interface for group in groups for interface in facts.where(Interface, of=group.of)]
    parts = [subnets(facts, interface) for interface in lying]
    known = [subnet.of for found, _ in parts for subnet in found]
    return bool(known) and not any(missing for _, missing in parts) and set(known) <= alone


def by_endpoint(facts: Facts, subnet: Subnet, service: str) -> Verdict:
    """Whether a subnet gets at a service of its region by an endpoint, under the service's ordinary host name.

    ``service`` is the last part of the endpoint's service name: ``ec2``, ``ecr.api``. A gateway endpoint counts for
    the subnets whose route table names it, an interface endpoint where it answers under the ordinary name.
    """
    if isinstance(subnet.network, Unknown):
        return unknown(subnet.network)
    asked = facts.ask(Gateway, place=subnet.network)
    answers = [_serves(facts, subnet, gateway, service) for gateway in asked.matches]
    answers += [
        unknown(gateway.place)
        for gateway in asked.doubts
        if isinstance(gateway.place, Unknown) and gateway.kind in ("gateway-endpoint", "interface-endpoint")
    ]
    return any_of(answers)


def _serves(facts: Facts, subnet: Subnet, gateway: Gateway, service: str) -> Verdict:
    if gateway.kind not in ("gateway-endpoint", "interface-endpoint"):
        return refuted(gateway)
    if isinstance(gateway.service, Unknown):
        return unknown(gateway.service)
    if gateway.service.partition("amazonaws.")[2].partition(".")[2] != service:
        return refuted(gateway)
    if gateway.kind == "gateway-endpoint":
        return _routed(facts, subnet, gateway)
    named = [setting.value for setting in facts.where(Setting, of=gateway.of) if setting.key == "private-dns"]
    holes = [value for value in named if isinstance(value, Unknown)]
    if holes:
        return unknown(*holes)
    return proven(gateway) if True in named else refuted(gateway)


def _routed(facts: Facts, subnet: Subnet, gateway: Gateway) -> Verdict:
    """Whether the subnet's route table leads to a gateway endpoint."""
    asked = facts.ask(Routed, of=subnet.of)
    tables = [each.table for each in asked.matches]
    if not tables:
        doubts = [each.of for each in asked.doubts if isinstance(each.of, Unknown)]
        if doubts:
            return unknown(*doubts)
        tables = [each.table for each in facts.where(Routed, of=subnet.network)]
    answers = []
    for table in tables:
        if isinstance(table, Unknown):
            answers.append(unknown(table))
            continue
        routes = facts.ask(Route, table=table)
        answers += [proven(gateway) for route in routes.matches if route.via == gateway.of]
        answers += [
            unknown(route.table)
            for route in routes.doubts
            if route.via == gateway.of and isinstance(route.table, Unknown)
        ]
    return any_of(answers)


def signs_in_with(facts: Facts, account: Address) -> tuple[str, ...]:
    """What a service account asks for credentials: ``sts`` where it has a token, ``eks-auth`` by way of the agent."""
    means = {each.means for each in facts.where(Assumes, account=account)}
    return tuple(name for kind, name in (("irsa", "sts"), ("pod-identity", "eks-auth")) if kind in means)


def called_hosts(action: str, *, follows: bool) -> tuple[str, ...]:
    """The services whose hosts a call of an action goes to; nothing for a call that another service makes.

    ``follows`` says that the call follows from another one.
    """
    if follows and action in _ON_BEHALF:
        return ()
    return HOSTS.get(action.partition(":")[0], ())
