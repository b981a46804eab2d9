"""Pods that leave before the balancer knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.reachability.targets import behind
from seawall.check.rule import Rule
from seawall.facts.compute import Container, Stops, Workload
from seawall.facts.facts import Facts
from seawall.facts.network import HealthCheck
from seawall.facts.pod_network import Service
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-027",
    severity=Severity.HIGH,
    summary="A pod stops while its load balancer still sends to it",
    why="the balancer learns of a pod's end some seconds after the pod itself; requests of that moment meet a closed "
    "port and become 502",
    fix="add a preStop that sleeps as long as deregistration takes to be known (15 s and more), and a grace period "
    "beyond it",
    layers=("kubernetes",),
    source="https://github.com/aws/aws-eks-best-practices/blob/master/latest/bpg/networking/loadbalancing.adoc",
    read=date(2026, 5, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads behind target groups: how long the container that serves goes on when it is to stop."""
    seen = set()
    for group in sorted(facts.all(HealthCheck), key=lambda group: group.of):
        service = facts.one(Service, of=group.target)
        for workload in behind(facts, service) if service is not None else ():
            if workload.of not in seen and workload.controller in ("Deployment", "Rollout", "StatefulSet"):
                seen.add(workload.of)
                fault = _fault(facts, workload, service)
                if fault:
                    yield RULE.refuted(
                        f"{workload.of} is behind the balancer of {group.of.owner}: {fault}", workload.of
                    )


def _fault(facts: Facts, workload: Workload, service: Service | None) -> str:
    targets = {port.target for port in service.ports} if service is not None else set()
    serving = [
        container.name
        for container in facts.where(Container, workload=workload.of)
        if not container.init and any(targets & {name, number} for name, number in container.ports)
    ]
    for stops in facts.where(Stops, workload=workload.of):
        if stops.container in serving:
            if isinstance(stops.after, Unknown) or isinstance(workload.grace, Unknown):
                return ""
            if stops.after >= workload.grace:
                return f"its preStop of {stops.after} s uses up the grace period of {workload.grace} s"
            return "" if stops.after > 0 else "its preStop does not wait"
    return f"container {serving[0]} has no preStop, and is told to stop at once" if serving else ""
