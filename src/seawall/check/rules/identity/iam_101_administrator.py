"""A role that may do everything."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Attaches, Statement
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-101",
    severity=Severity.HIGH,
    summary="Somebody may do everything",
    why="whoever gets hold of this role owns the account: its data, its backups and its log",
    fix="allow the actions that are called, on the resources they are called on",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Statements of identity policies that allow every action on everything, and the managed policy that does."""
    for statement in facts.all(Statement):
        if (
            statement.kind == "identity"
            and statement.allow
            and isinstance(statement.holder, Address)
            and not statement.conditions
            and not statement.not_actions
            and not statement.not_resources
            and {"*", "*:*"} & set(statement.actions)
            and "*" in statement.resources
        ):
            yield RULE.refuted(f"{statement.holder} allows every action on every resource", statement.holder)
    for attaches in facts.all(Attaches):
        policy = attaches.policy
        if isinstance(policy, str) and policy.endswith("policy/AdministratorAccess"):
            principal = attaches.principal if isinstance(attaches.principal, Address) else attaches.by
            yield RULE.refuted(f"{principal} carries AdministratorAccess", principal, attaches.by)
