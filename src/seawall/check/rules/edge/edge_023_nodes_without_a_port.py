"""Targets on nodes that nobody listens on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.targets import target_type
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import HealthCheck
from seawall.facts.pod_network import Service
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="EDGE-023",
    severity=Severity.HIGH,
    summary="A load balancer sends to nodes for a Service that opens no port on them",
    why="target type instance goes through the Service's node port, and a ClusterIP Service has none: the controller "
    "refuses the Ingress, which never gets an address",
    fix="set alb.ingress.kubernetes.io/target-type: ip, or make the Service a NodePort",
    layers=("kubernetes",),
    source="https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/docs/how-it-works.md",
    read=date(2026, 8, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Every Service behind a load balancer's target group of nodes."""
    seen = set()
    for group in sorted(facts.all(HealthCheck), key=lambda group: group.of):
        service = facts.one(Service, of=group.target)
        if service is None or service.of in seen or target_type(facts, group) != "instance":
            continue
        if service.kind in ("ClusterIP", "Headless"):
            seen.add(service.of)
            yield RULE.refuted(
                f"{group.of.owner} sends to nodes, and {service.of} is of type {service.kind}",
                group.of.owner,
                service.of,
            )
