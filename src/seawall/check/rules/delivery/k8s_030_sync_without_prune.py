"""What leaves Git stays in the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.delivery import Syncs
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-030",
    severity=Severity.LOW,
    summary="What is removed from Git stays in the cluster",
    why="an automated sync deletes nothing unless it is told to prune; removed policies, services and jobs "
    "live on unseen",
    fix="set syncPolicy.automated.prune: true, and guard what must stay with the annotation Prune=false",
    layers=("gitops",),
    source="https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/",
    read=date(2026, 8, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Automated syncs that do not prune."""
    for sync in facts.all(Syncs):
        if sync.automated is True and not sync.prune:
            yield RULE.refuted(f"{sync.of} syncs {sync.destination} by itself and never prunes", sync.by)
