"""Merging spot nodes is turned on and cannot happen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import cluster_of
from seawall.analyze.permissions.controllers import running
from seawall.check.rule import Rule
from seawall.facts.compute import NodePool
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="K8S-012",
    severity=Severity.LOW,
    summary="Spot nodes are to be replaced by cheaper ones, and the pool has too few types for that",
    why="Karpenter replaces one spot node by another only where fifteen instance types or more would do; with fewer "
    "the "
    "feature is on and does nothing",
    fix="let the pool have at least 15 instance types, for example by family and size instead of by name",
    layers=("kubernetes", "cost"),
    source="https://karpenter.sh/docs/concepts/disruption/",
    read=date(2026, 11, 22),
)

LEAST = 15
"""Instance types that a replacement of one spot node by another must have to choose from."""
GATE = "spot-to-spot"


def check(facts: Facts) -> Iterator[Finding]:
    """Pools of spot nodes with a short list of types, in clusters whose Karpenter has the feature turned on."""
    on = [one for one in running(facts) if one.known.name == "karpenter" and _is_on(dict(one.fact.told).get(GATE))]
    for pool in facts.all(NodePool):
        types = pool.types
        if "spot" not in pool.capacity or isinstance(types, Unknown) or not 0 < len(types) < LEAST:
            continue
        if pool.consolidates != "WhenEmptyOrUnderutilized":
            continue
        there = next((one for one in on if one.cluster == cluster_of(facts, pool.of)), None)
        if there is not None:
            yield RULE.refuted(
                f"{pool.of} names {len(types)} instance type{'s' * (len(types) > 1)}, and {LEAST} are needed",
                pool.of,
                there.fact.by,
                evidence=(f"{pool.of}: {', '.join(types)}", f"{there.fact.of}: SpotToSpotConsolidation is on"),
            )


def _is_on(told: object) -> bool:
    return isinstance(told, str) and (told == "true" or "spottospotconsolidation=true" in told.lower())
