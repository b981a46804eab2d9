"""A release whose analysis is nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.delivery import Analysis, Shift
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="CD-102",
    severity=Severity.HIGH,
    summary="A release names an analysis that is not there",
    why="the controller refuses a Rollout whose template it does not find; no new version gets in until it is there",
    fix="add the AnalysisTemplate to the Rollout's own namespace, or take its name out of the Rollout",
    layers=("kubernetes", "delivery"),
    source="https://github.com/argoproj/argo-rollouts/blob/master/pkg/apis/rollouts/validation/validation_references.go",
    read=date(2026, 8, 17),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Analyses that a release names and nobody states; one of the whole cluster may be stated elsewhere."""
    for shift in facts.all(Shift):
        for named in shift.analyses:
            if facts.one(Analysis, of=named) is not None:
                continue
            parts = named.as_kubernetes()
            if parts is not None and not parts.namespace:
                why = "templates of the whole cluster are often kept apart from what uses them"
                because = [Unknown(named, why=why)]
                yield RULE.unknown(f"{shift.workload} is analysed by {named}", because, shift.workload)
            else:
                yield RULE.refuted(f"{shift.workload} is analysed by {named}, which nothing states", shift.workload)
