"""The number of replicas is written in Git and computed by an autoscaler."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import Autoscaler, Workload
from seawall.facts.delivery import Syncs
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-003",
    severity=Severity.HIGH,
    summary="Replicas are kept in Git while an autoscaler sets them",
    why="every sync writes the number from Git over the one that the autoscaler chose, in the middle of the "
    "peak that it "
    "was scaling for",
    fix="leave spec.replicas out of the manifest",
    layers=("kubernetes", "gitops"),
    source="https://argo-cd.readthedocs.io/en/stable/user-guide/best_practices/",
    read=date(2026, 8, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads with a number, an autoscaler, and an automated sync of their namespace that does not ignore it."""
    for scaler in facts.all(Autoscaler):
        workload = facts.one(Workload, of=scaler.target)
        if workload is None or workload.replicas is None:
            continue
        for sync in facts.where(Syncs, destination=workload.namespace):
            ignored = (workload.controller, "/spec/replicas") in sync.ignores
            if sync.automated is True and not ignored:
                yield RULE.refuted(
                    f"{workload.of} states replicas: {workload.replicas}, {scaler.of} scales it between "
                    f"{scaler.least} and {scaler.most}, and {sync.of} keeps setting it back",
                    workload.of,
                    scaler.of,
                    sync.by,
                    evidence=(
                        f"{workload.of}: replicas {workload.replicas}",
                        f"{scaler.of}: {scaler.least} to {scaler.most}",
                        f"{sync.of}: automated{', selfHeal' if sync.self_heal else ''}",
                    ),
                )
