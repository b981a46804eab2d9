"""A budget over a single pod."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.scale import disruptions_allowed
from seawall.check.rule import Rule
from seawall.facts.compute import DisruptionBudget
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="K8S-007",
    severity=Severity.HIGH,
    summary="A disruption budget protects a single pod from every drain",
    why="the one pod can never be evicted, so its node can never be drained, upgraded or consolidated",
    fix="run two replicas, or drop the budget and accept the short gap",
    layers=("kubernetes",),
    source="https://github.com/kubernetes-sigs/karpenter/issues/2600",
    read=date(2025, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Budgets whose selector means one pod, and which want it available."""
    for budget in facts.all(DisruptionBudget):
        allowed = disruptions_allowed(facts, budget)
        # What is not known is said by K8S-006, once.
        if allowed is None or isinstance(allowed, Unknown):
            continue
        if allowed.pods == 1 and allowed.count <= 0:
            yield RULE.refuted(
                f"{budget.of} asks for {allowed.wants} of {', '.join(allowed.workloads)}, which may run a single pod",
                budget.of,
                *allowed.workloads,
                evidence=(f"{budget.of}: {allowed.wants}", "pods at the least: 1", "may be away: 0"),
            )
