"""A canary that nobody and nothing looks at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.delivery import Shift
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="CD-104",
    severity=Severity.MEDIUM,
    summary="A canary goes from step to step by the clock, and nothing looks at it",
    why="small steps limit the harm only if somebody stops at one; a bad version gets through these all the same, "
    "only more slowly",
    fix="add an analysis (strategy.canary.analysis, or a step), or a pause without a duration for a person to end",
    layers=("kubernetes", "delivery"),
    source="https://argo-rollouts.readthedocs.io/en/stable/features/analysis/",
    read=date(2026, 8, 17),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Steps with weights, of which none waits for a person, and no analysis."""
    for shift in facts.all(Shift):
        weighted = [step for step in shift.steps if step.weight is not None and 0 < step.weight < 100]
        if weighted and not shift.analyses and not any(step.waits for step in shift.steps):
            weights = ", ".join(f"{step.weight} %" for step in weighted)
            yield RULE.refuted(f"{shift.workload} lets a version in at {weights}, and then wholly", shift.workload)
