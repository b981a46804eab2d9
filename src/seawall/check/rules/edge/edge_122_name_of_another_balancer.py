"""An Ingress whose host's name leads to another load balancer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Forwards, Interface, Record
from seawall.facts.resilience import Tagged
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="EDGE-122",
    severity=Severity.HIGH,
    summary="A host's name leads to another load balancer than the one that its Ingress makes",
    why="the controller makes a load balancer of its own for the Ingress; what it changes there (rules, weights of a "
    "release) nobody's request ever meets, while both are paid for",
    fix="have the name lead to the load balancer of the Ingress (ExternalDNS, or a data source), or bind the Services "
    "to the other one's target groups and take the Ingress away",
    layers=("terraform", "kubernetes"),
    source="https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/how-it-works/",
    read=None,
)

ADOPTED: Final = ("elbv2.k8s.aws/cluster", "ingress.k8s.aws/stack", "ingress.k8s.aws/resource")
"""Tags by which the controller knows what it has made, wherever that was really made."""


def check(facts: Facts) -> Iterator[Finding]:
    """The hosts of each Ingress that gets a load balancer, against the records of that name."""
    for made in facts.all(Forwards):
        if not isinstance(made.of, Address) or "//" not in made.of or not isinstance(made.to, Address):
            continue
        ingress = made.to
        known = ingress.as_kubernetes()
        if known is None or known.kind != "Ingress" or not facts.where(Interface, of=made.of):
            continue
        hosts = {each.host for each in facts.where(Forwards, of=ingress) if isinstance(each.host, str)}
        for host in sorted(hosts - {"*", ""}):
            records = sorted((each for each in facts.all(Record) if _is_for(each, host)), key=lambda each: each.of)
            others = [target for record in records for target in record.targets if _is_not_its(facts, target)]
            if others and not any(made.of in record.targets or ingress in record.targets for record in records):
                yield RULE.refuted(
                    f"{host} leads to {others[0]}, and {ingress} has a load balancer made for it",
                    ingress,
                    *(record.of for record in records),
                    *(Address(str(target)) for target in others),
                )


def _is_for(record: Record, host: str) -> bool:
    name = record.name
    return isinstance(name, str) and record.type in ("A", "AAAA", "CNAME") and name.rstrip(".").lower() == host.lower()


def _is_not_its(facts: Facts, target: object) -> bool:
    """Whether it is a load balancer that Terraform makes, and not one that the controller takes for its own.

    It does so by tags of its own that it finds there.
    """
    name = target.as_terraform() if isinstance(target, Address) else None
    if name is None or not name.path.startswith(("aws_lb.", "aws_alb.")):
        return False
    tags = facts.where(Tagged, of=target)
    return not any(tag.key == "*" or tag.key in ADOPTED for tag in tags)
