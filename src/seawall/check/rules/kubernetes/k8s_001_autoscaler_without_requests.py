"""An autoscaler that follows a share of requests which a container does not make."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import Autoscaler, Container
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-001",
    severity=Severity.HIGH,
    summary="An autoscaler follows a share of requests that a container does not make",
    why="utilisation is usage divided by the pod's request; one container without a request leaves the whole pod "
    "without a value, and the autoscaler never acts",
    fix="give every container of the pod a request for that resource",
    layers=("kubernetes",),
    source="https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/podautoscaler/replica_calculator_test.go",
    read=date(2025, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each utilisation signal against the requests of each ordinary container."""
    for scaler in facts.all(Autoscaler):
        for signal, value in scaler.signals:
            if signal not in ("cpu", "memory") or not value.isdecimal():
                continue
            for container in facts.where(Container, workload=scaler.target):
                if not container.init and signal not in dict(container.requests):
                    yield RULE.refuted(
                        f"{scaler.of} scales on {signal} at {value} %, but container {container.name} of "
                        f"{scaler.target} has no {signal} request",
                        scaler.target,
                        scaler.of,
                        evidence=(
                            f"{scaler.of}: {signal} {value} %",
                            f"{scaler.target}: container {container.name} requests "
                            f"{', '.join(name for name, _ in container.requests) or 'nothing'}",
                        ),
                    )
