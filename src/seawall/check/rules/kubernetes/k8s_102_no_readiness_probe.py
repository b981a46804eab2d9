"""Pods that get traffic before they can answer."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.reachability.targets import behind
from seawall.check.rule import Rule
from seawall.facts.compute import Probe
from seawall.facts.facts import Facts
from seawall.facts.pod_network import Service
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-102",
    severity=Severity.MEDIUM,
    summary="A service sends traffic to pods that nobody asks whether they are ready",
    why="without a readiness probe a pod gets requests as soon as its process runs: each release and each restart "
    "answers with errors until the application is up",
    fix="add a readiness probe on a path that answers only when the application can serve",
    layers=("kubernetes",),
    source="https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads behind a service's selector without any readiness probe."""
    for service in facts.all(Service):
        for workload in behind(facts, service):
            if not any(probe.kind == "readiness" for probe in facts.where(Probe, workload=workload.of)):
                yield RULE.refuted(
                    f"{service.of} sends traffic to {workload.of}, which has no readiness probe",
                    workload.of,
                    service.of,
                )
