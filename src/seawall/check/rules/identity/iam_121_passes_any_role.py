"""Somebody who may pass any role."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.permissions.escalation import is_everything
from seawall.analyze.trust import allows
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-121",
    severity=Severity.HIGH,
    summary="Somebody may pass any role to a service",
    why="to pass a role is to have it: whoever may start a function or an instance with any role of the account may do "
    "whatever any of them may",
    fix="name the roles that are meant, and by the condition iam:PassedToService whom they are for",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Statements that allow iam:PassRole by name on every role; one for a single service is less of a danger."""
    for statement in facts.all(Statement):
        if statement.kind != "identity" or not statement.allow or not isinstance(statement.holder, Address):
            continue
        named = [action for action in statement.actions if isinstance(action, str) and action.lower() != "*"]
        if statement.not_actions or not any(allows(action, "iam:PassRole") for action in named):
            continue
        if not any(is_everything(pattern) for pattern in statement.resources) or statement.not_resources:
            continue
        to = [condition for condition in statement.conditions if str(condition.key).lower() == "iam:passedtoservice"]
        services = sorted(str(value) for condition in to for value in condition.values)
        if statement.conditions and not to:
            continue
        whom = f" to {', '.join(services)}" if services else ""
        yield RULE.refuted(
            f"{statement.holder} may pass every role{whom}",
            statement.holder,
            severity=Severity.MEDIUM if services else None,
        )
