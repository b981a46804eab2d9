"""A cluster that is kept in step from another one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.delivery import Syncs
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-035",
    severity=Severity.MEDIUM,
    summary="A cluster is kept in step by an Argo CD that runs in another",
    why="while that other cluster is away nothing can be changed here, and that is when a standby has to be",
    fix="run Argo CD in each cluster, and have it watch a folder of that cluster's own",
    layers=("gitops",),
    source="https://argo-cd.readthedocs.io/en/stable/operator-manual/disaster_recovery/",
    read=date(2026, 8, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Applications, by where they lie and where they are applied."""
    for sync in facts.all(Syncs):
        here = sync.of.as_kubernetes()
        there = sync.destination.as_kubernetes() if isinstance(sync.destination, Address) else None
        if here is not None and there is not None and here.cluster != there.cluster:
            yield RULE.refuted(f"{sync.of} is applied in {there.cluster}, and lies in {here.cluster}", sync.by)
