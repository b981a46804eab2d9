"""A permission that nothing needs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from seawall.analyze.permissions.excess import never_needed
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-103",
    severity=Severity.LOW,
    summary="A role is granted what nothing that acts as it needs",
    why="whoever gets hold of the pod has it all the same",
    fix="take the action or ARN out of the statement; `seawall permissions policy` writes what is needed, and "
    "`seawall permissions excess` also tells of patterns that are too wide",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Roles of which the input says who acts as them and what all of those call, with what is left over."""
    certain = (item for item in never_needed(facts) if item.verdict.refuted)
    for role, items in groupby(certain, key=lambda item: item.role):
        lines = []
        for item in items:
            name = f" ({item.statement.sid})" if item.statement.sid else ""
            never = [str(each) for each in (*item.actions, *item.resources)]
            if never:
                lines.append(f"{item.policy}{name} grants and nothing needs: {', '.join(never)}")
        if lines:
            yield RULE.refuted(
                f"{role}: {lines[0]}" + (f" and {len(lines) - 1} more" * (len(lines) > 1)), role, evidence=lines
            )
