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
            denied = [one for one in facts.where(Statement, holder=statement.holder) if _denies(one)]
            if any(_keeps_to_some(one) for one in denied):
                continue
            but = " but what its own Deny statements take away" if denied else ""
            yield RULE.refuted(f"{statement.holder} allows every action on every resource{but}", statement.holder)
    for attaches in facts.all(Attaches):
        policy = attaches.policy
        if isinstance(policy, str) and policy.endswith("policy/AdministratorAccess"):
            principal = attaches.principal if isinstance(attaches.principal, Address) else attaches.by
            yield RULE.refuted(f"{principal} carries AdministratorAccess", principal, attaches.by)


def _denies(statement: Statement) -> bool:
    return statement.kind == "identity" and not statement.allow and statement.opaque is None


def _keeps_to_some(statement: Statement) -> bool:
    """Whether a Deny takes away all but some actions on everything, or everything on all but some resources."""
    if statement.conditions:
        return False
    everything = {"*", "*:*"}
    by_action = statement.not_actions and "*" in statement.resources and not statement.not_resources
    by_resource = statement.not_resources and everything & set(statement.actions) and not statement.not_actions
    left = statement.actions if by_action else statement.resources
    return bool(by_action or by_resource) and not everything & set(left)
