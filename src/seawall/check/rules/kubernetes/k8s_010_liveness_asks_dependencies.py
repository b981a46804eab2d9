"""A liveness probe on Spring's overall health."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import Probe
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-010",
    severity=Severity.HIGH,
    summary="A liveness probe asks for the health of the database and cache behind the pod",
    why="Spring Boot's /actuator/health is down as soon as one of its indicators is, and a failing liveness "
    "probe kills "
    "the pod: an outage of the database restarts every replica at once, and keeps restarting it",
    fix="probe /actuator/health/liveness for liveness and /actuator/health/readiness for readiness",
    layers=("kubernetes", "application"),
    source="https://github.com/aws/aws-eks-best-practices/blob/master/latest/bpg/reliability/application.adoc",
    read=date(2026, 5, 1),
)

AGGREGATE = "/actuator/health"


def check(facts: Facts) -> Iterator[Finding]:
    """Liveness probes on the aggregate, of workloads that need anything at all."""
    for probe in facts.all(Probe):
        if probe.kind != "liveness" or probe.path.rstrip("/").partition("?")[0] != AGGREGATE:
            continue
        needs = sorted(facts.where(Reach, source=probe.workload), key=lambda need: (str(need.target), str(need.port)))
        if needs:
            yield RULE.refuted(
                f"the liveness probe of container {probe.container} asks {probe.path}, which also fails when "
                f"{needs[0].target} does",
                probe.workload,
                evidence=(
                    f"{probe.workload}: liveness {probe.path} every {probe.period} s, {probe.failures} failures",
                    *(f"needs {need.target} on {need.port}" for need in needs),
                ),
            )
