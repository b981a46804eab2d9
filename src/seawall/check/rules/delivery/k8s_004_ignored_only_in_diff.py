"""Argo CD ignores the replicas when it compares, and resets them when it syncs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import Autoscaler, Workload
from seawall.facts.delivery import Syncs
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-004",
    severity=Severity.HIGH,
    summary="Ignored differences are still overwritten by every sync",
    why="ignoreDifferences changes what Argo CD calls out of sync; the sync itself applies the whole manifest, "
    "the ignored "
    "field included",
    fix="leave spec.replicas out of the manifest, or add the sync option RespectIgnoreDifferences=true",
    layers=("gitops",),
    source="https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/",
    read=date(2026, 8, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Syncs that ignore the replicas of a workload with a number and an autoscaler, and do not respect it."""
    for scaler in facts.all(Autoscaler):
        workload = facts.one(Workload, of=scaler.target)
        if workload is None or workload.replicas is None:
            continue
        for sync in facts.where(Syncs, destination=workload.namespace):
            ignored = (workload.controller, "/spec/replicas") in sync.ignores
            if ignored and not sync.respects_ignores:
                yield RULE.refuted(
                    f"{sync.of} ignores {workload.controller} /spec/replicas without RespectIgnoreDifferences, and "
                    f"{workload.of} states replicas: {workload.replicas}",
                    sync.by,
                    workload.of,
                    scaler.of,
                )
