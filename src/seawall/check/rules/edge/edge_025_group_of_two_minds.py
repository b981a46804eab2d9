"""A group whose members contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.ingress import Asks
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="EDGE-025",
    severity=Severity.HIGH,
    summary="Ingresses that share a load balancer want it to be different",
    why="what a group shares may be said once or by all alike; where two differ, the controller reconciles none of "
    "the group until somebody mends it",
    fix="say it on one Ingress of the group, or in the IngressClassParams",
    layers=("kubernetes",),
    source="https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/docs/guide/ingress/annotations.md",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each property of a shared load balancer by what its Ingresses say; what is not known may be alike."""
    asked: dict[tuple[Address, str], dict[str, Address]] = {}
    for asks in sorted(facts.all(Asks), key=lambda asks: (asks.of, asks.name)):
        if isinstance(asks.value, str):
            asked.setdefault((asks.balancer, asks.name), {}).setdefault(_alike(asks.value), asks.of)
    for (balancer, name), values in asked.items():
        if len(values) > 1:
            said = "; ".join(f"{of}: {value}" for value, of in values.items())
            yield RULE.refuted(f"{balancer} is asked for more than one {name}: {said}", *values.values())


def _alike(value: str) -> str:
    """A list is the same in any order."""
    return ",".join(sorted(part.strip() for part in value.split(",")))
