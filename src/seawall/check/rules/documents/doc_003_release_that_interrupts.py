"""No downtime promised over a workload that has some."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.claimed import written
from seawall.analyze.named import workloads_named
from seawall.analyze.scale import replicas
from seawall.check.rule import Rule
from seawall.facts.compute import Probe, Workload
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DOC-003",
    severity=Severity.HIGH,
    summary="A workload that stops for a release is said not to",
    why="with the strategy Recreate nothing answers between the old pods and the new; without a readiness probe new "
    "pods get requests before they can answer",
    fix="roll with maxUnavailable 0, several replicas and a readiness probe; or claim the interruption",
    layers=("kubernetes", "claims"),
    source="https://github.com/aws/aws-eks-best-practices/blob/master/latest/bpg/reliability/application.adoc",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads that a claim names against their strategy, number and readiness probes."""
    for claim in facts.where(Claim, subject="no_downtime"):
        for workload in workloads_named(facts, claim.measure):
            faults = tuple(_faults(facts, workload))
            if faults:
                yield RULE.refuted(
                    f"releases of {workload.of} are said not to interrupt it: {'; '.join(faults)}",
                    workload.of,
                    *written(claim),
                    evidence=(f"claim: no_downtime {claim.measure}",),
                )


def _faults(facts: Facts, workload: Workload) -> Iterator[str]:
    if workload.strategy == "Recreate":
        yield "its strategy Recreate ends every pod before it starts one"
    least, _ = replicas(facts, workload)
    if least == 1 and workload.controller == "StatefulSet":
        yield "a StatefulSet of one pod has none while that one is replaced"
    if workload.controller in ("Deployment", "Rollout", "StatefulSet") and not any(
        probe.kind == "readiness" for probe in facts.where(Probe, workload=workload.of)
    ):
        yield "no container has a readiness probe"
