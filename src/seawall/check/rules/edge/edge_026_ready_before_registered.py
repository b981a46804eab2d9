"""Rolling updates that the balancer does not keep up with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.reachability.targets import behind
from seawall.analyze.targets import target_type
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.namespaces import labels_of
from seawall.facts.network import HealthCheck
from seawall.facts.pod_network import Service
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="EDGE-026",
    severity=Severity.MEDIUM,
    summary="Pods behind a load balancer count as ready before it sends to them",
    why="Kubernetes ends old pods when new ones are ready, not when the balancer has found them healthy; in between "
    "there may be no target at all",
    fix="label the namespace elbv2.k8s.aws/pod-readiness-gate-inject: enabled, with target type ip",
    layers=("kubernetes",),
    source="https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/docs/deploy/pod_readiness_gate.md",
    read=date(2026, 11, 22),
)


LABEL = "elbv2.k8s.aws/pod-readiness-gate-inject"
_ROLLING = ("Deployment", "Rollout", "StatefulSet")


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads behind target groups, by their namespace's label and the type of the targets."""
    seen = set()
    for group in sorted(facts.all(HealthCheck), key=lambda group: group.of):
        service = facts.one(Service, of=group.target)
        if service is None or service.of in seen:
            continue
        seen.add(service.of)
        rolling = [workload for workload in behind(facts, service) if workload.controller in _ROLLING]
        labelled = labels_of(facts, service.namespace).get(LABEL) == "enabled"
        kind = target_type(facts, group)
        if not rolling:
            continue
        if kind == "ip" and not labelled:
            yield RULE.refuted(
                f"{rolling[0].of} gets its requests from the balancer of {group.of.owner}, and {service.namespace} "
                "does not have readiness gates",
                service.namespace,
                rolling[0].of,
                group.of.owner,
            )
        elif kind == "instance" and labelled:
            yield RULE.refuted(
                f"{service.namespace} is to have readiness gates, and {group.of.owner} sends to nodes, of which the "
                "balancer knows no pod",
                group.of.owner,
                service.namespace,
            )
