"""A condition that is true of a request that says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-025",
    severity=Severity.HIGH,
    summary="An allowing statement uses ForAllValues alone",
    why="ForAllValues is true when the request does not have the key at all, so the statement allows more than it says",
    fix="add a Null condition on the same key with the value false",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html",
    read=date(2023, 6, 1),
)


_TAGGING = frozenset({"ec2:createtags", "tagresource", "tagresources", "untagresource", "untagresources"})
"""Calls that name a tag or are refused: in a request of theirs aws:TagKeys is never missing."""


def check(facts: Facts) -> Iterator[Finding]:
    """Allowing statements with such a condition and no test that the key is there."""
    for statement in facts.all(Statement):
        if not statement.allow or not isinstance(statement.holder, Address):
            continue
        present = {
            condition.key
            for condition in statement.conditions
            if condition.operator == "Null" and "false" in condition.values
        }
        alone = sorted(
            str(condition.key)
            for condition in statement.conditions
            if condition.operator.startswith("ForAllValues:")
            and condition.key not in present
            and not (str(condition.key).lower() == "aws:tagkeys" and _names_tags(statement))
        )
        if alone:
            sid = f" {statement.sid}" if statement.sid else ""
            what = f"statement{sid} of {statement.holder} tests {', '.join(alone)} with ForAllValues alone"
            yield RULE.refuted(what, statement.holder)


def _names_tags(statement: Statement) -> bool:
    """Whether every action of a statement is one that cannot be called without a tag."""
    actions = [str(action).lower() for action in statement.actions]
    return bool(actions) and all(action in _TAGGING or action.rpartition(":")[2] in _TAGGING for action in actions)
