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
    from seawall.knowledge import authorization

    for statement in facts.all(Statement):
        if statement.kind == "rbac" or not isinstance(statement.holder, Address):
            continue
        for action in statement.actions:
            if not isinstance(action, str) or action.count(":") != 1:
                continue  # no action at all: IAM-115 says so
            service = action.partition(":")[0]
            wild = "*" in action or "?" in action
            if "*" in service or "?" in service or (service.lower() in authorization.services() if wild else False):
                continue
            if not wild and authorization.exists(action):
                continue
            meant = authorization.nearest(action)
            sid = f"statement {statement.sid} of " if statement.sid else ""
            what = f"{sid}{statement.holder} names {action}, which AWS does not have"
            what += f"; the nearest is {meant}" if meant else ""
            fix = f"write {meant}, if that is meant" if meant and not wild else ""
            yield RULE.refuted(what, statement.holder, statement.by, fix=fix)
