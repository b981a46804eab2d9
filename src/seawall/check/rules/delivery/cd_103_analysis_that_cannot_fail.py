"""An analysis that calls every version good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.delivery import Analysis, Shift
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="CD-103",
    severity=Severity.MEDIUM,
    summary="An analysis of a release can never fail",
    why="without a condition each measurement is a success, and what runs dry or tolerates every failure decides "
    "nothing: the release looks watched and is not",
    fix="give at least one metric a successCondition, a failureLimit of 0 or more, and no dryRun",
    layers=("kubernetes", "delivery"),
    source="https://github.com/argoproj/argo-rollouts/blob/master/utils/evaluate/evaluate.go",
    read=date(2026, 8, 17),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Analyses that a release names and by none of whose metrics it could fail."""
    for shift in facts.all(Shift):
        for named in shift.analyses:
            analysis = facts.one(Analysis, of=named)
            if analysis is not None and analysis.judging == ():
                metrics = ", ".join(analysis.metrics) or "nothing"
                yield RULE.refuted(
                    f"{shift.workload} is analysed by {named}, which measures {metrics} and judges by none of it",
                    named,
                    shift.workload,
                )
