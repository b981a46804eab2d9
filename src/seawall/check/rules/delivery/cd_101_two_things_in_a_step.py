"""A canary step that does two things."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.delivery import Shift
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="CD-101",
    severity=Severity.HIGH,
    summary="A canary step sets a weight and pauses at once, which the controller refuses",
    why="each item of steps is one action; an item with two makes the whole Rollout invalid, and it does not progress",
    fix="write two items: one with setWeight, the next with pause",
    layers=("kubernetes", "delivery"),
    source="https://github.com/argoproj/argo-rollouts/blob/master/pkg/apis/rollouts/validation/validation.go",
    read=date(2026, 11, 21),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Steps with more than one of weight, pause and analysis."""
    for shift in facts.all(Shift):
        for number, step in enumerate(shift.steps, start=1):
            does = [
                name
                for name, there in (
                    ("setWeight", step.weight is not None),
                    ("pause", step.waits or step.pause is not None),
                    ("analysis", bool(step.analysis)),
                )
                if there
            ]
            if len(does) > 1:
                yield RULE.refuted(
                    f"step {number} of {shift.workload} holds {' and '.join(does)}",
                    shift.workload,
                    evidence=(f"steps.{number - 1}: {', '.join(does)}",),
                )
