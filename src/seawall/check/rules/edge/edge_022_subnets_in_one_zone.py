"""Tags on too few subnets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import cluster_of
from seawall.analyze.reachability.places import subnets
from seawall.check.rule import Rule
from seawall.facts.compute import ApiVersion
from seawall.facts.facts import Facts
from seawall.facts.network import Forwards, Interface, Subnet
from seawall.facts.resilience import Tagged
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-022",
    severity=Severity.HIGH,
    summary="A load balancer's controller finds subnets of one zone only",
    why="where any subnet carries the role tag the controller takes tagged ones alone; an application load balancer "
    "needs two zones, so the Ingress gets no address",
    fix="tag a subnet of each zone with kubernetes.io/role/elb (or internal-elb), or none at all, or name them in "
    "the annotation",
    layers=("terraform", "kubernetes"),
    source="https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/subnet_discovery",
    read=date(2026, 11, 22),
)


_ROLES = {True: "kubernetes.io/role/elb", False: "kubernetes.io/role/internal-elb"}


def check(facts: Facts) -> Iterator[Finding]:
    """Ingresses that leave the choice to the controller, against the tagged subnets of their cluster's network."""
    if any(each.kind == "IngressClassParams" for each in facts.all(ApiVersion)):
        return  # a class may name subnets, or other tags
    for interface in sorted(facts.all(Interface), key=lambda interface: interface.of):
        entrances = [each.to for each in facts.where(Forwards, of=interface.of) if isinstance(each.to, Address)]
        ingress = next((to for to in sorted(entrances) if "/Ingress/" in to), None)
        if ingress is None or not isinstance(interface.subnets, Unknown) or not isinstance(interface.public, bool):
            continue
        role = _ROLES[interface.public]
        tagged = [subnet for subnet in _around(facts, ingress) if _has(facts, subnet, role)]
        zones = {subnet.zone for subnet in tagged}
        if len(zones) != 1 or any(isinstance(zone, Unknown) for zone in zones):
            continue
        doubts = [
            Unknown(f"{tag.of.owner}.resource_id", why="whatever it is of carries the tag, too")
            for tag in facts.where(Tagged, key=role)
            if _is_of_something(tag.of)
        ]
        if doubts:
            yield RULE.unknown(
                f"whether subnets of a second zone than {zones.pop()} carry {role} for the balancer of {ingress} is "
                "not known",
                doubts,
                ingress,
                *sorted(subnet.of for subnet in tagged),
            )
        else:
            yield RULE.refuted(
                f"the balancer of {ingress} goes into subnets with {role}, and those are in {zones.pop()} only",
                ingress,
                *sorted(subnet.of for subnet in tagged),
            )


def _is_of_something(of: Address) -> bool:
    """Whether a tag by itself does not tell what it is of."""
    named = of.owner.as_terraform()
    return named is not None and named.type == "aws_ec2_tag"


def _around(facts: Facts, ingress: Address) -> tuple[Subnet, ...]:
    """Every subnet of the network that the cluster is in."""
    cluster = cluster_of(facts, ingress)
    found = facts.where(Interface, of=cluster.of) if cluster is not None else ()
    networks = {subnet.network for interface in found for subnet in subnets(facts, interface)[0]}
    return tuple(subnet for subnet in facts.all(Subnet) if subnet.network in networks)


def _has(facts: Facts, subnet: Subnet, role: str) -> bool:
    return any(tag.key == role and tag.value in ("1", "") for tag in facts.where(Tagged, of=subnet.of))
