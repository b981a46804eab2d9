"""Node pools without any limit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import NodePool
from seawall.facts.data import Limit
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-016",
    severity=Severity.HIGH,
    summary="A node pool has no limits",
    why="Karpenter makes a node for every pod that finds no place; nothing else bounds what a runaway Deployment costs",
    fix="give the pool `limits` of cpu, memory or what its devices are called",
    layers=("kubernetes", "cost"),
    source="https://karpenter.sh/docs/concepts/nodepools/",
    read=date(2026, 8, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Pools of which no Limit speaks."""
    for pool in facts.all(NodePool):
        if not facts.where(Limit, of=pool.of):
            yield RULE.refuted(f"{pool.of} may come to any number of nodes", pool.of)
