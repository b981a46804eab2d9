"""An action that AWS does not have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-110",
    severity=Severity.MEDIUM,
    summary="A policy names an action that AWS does not have",
    why="AWS takes the policy and the statement allows, or denies, nothing: whoever needs the action is refused",
    fix="write the action that is meant, as the Service Authorization Reference spells it",
    layers=("terraform", "cloudformation"),
    source="https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    read=date(2026, 10, 27),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Actions without wildcards that no service has, and patterns of a service that AWS does not have."""
    named = [
        statement
        for statement in facts.all(Statement)
        if statement.kind != "rbac" and isinstance(statement.holder, Address)
    ]
    # An estate names the same few hundred actions thousands of times.
    actions = {action for statement in named for action in statement.actions if isinstance(action, str)}
    missing = {action for action in actions if _is_missing(action)}
    for statement in named if missing else ():
        for action in statement.actions:
            if action in missing and isinstance(action, str) and isinstance(statement.holder, Address):
                yield _finding(statement, statement.holder, action)


def _is_missing(action: str) -> bool:
    """Whether AWS has no such action; one that is no action at all is IAM-115's."""
    from seawall.knowledge import authorization

    service, colon, verb = action.partition(":")
    if not colon or ":" in verb or "*" in service or "?" in service:
        return False
    if "*" in verb or "?" in verb:
        return service.lower() not in authorization.services()
    return not authorization.exists(action)


def _finding(statement: Statement, holder: Address, action: str) -> Finding:
    from seawall.knowledge import authorization

    meant = authorization.nearest(action)
    sid = f"statement {statement.sid} of " if statement.sid else ""
    what = f"{sid}{holder} names {action}, which AWS does not have"
    what += f"; the nearest is {meant}" if meant else ""
    fix = f"write {meant}, if that is meant" if meant and "*" not in action and "?" not in action else ""
    return RULE.refuted(what, holder, statement.by, fix=fix)
