"""A role that any token of an issuer may take on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.trust import WEB_IDENTITY, allows, ends
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-002",
    severity=Severity.CRITICAL,
    summary="A role may be taken on by any token of an issuer",
    why="without a condition on the subject every pod of the cluster, or every repository of the code host, "
    "may have the "
    "role",
    fix="add StringEquals on the issuer's :sub with the one subject, and on :aud",
    layers=("terraform", "delivery"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
    read=date(2024, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Statements of trust policies that allow AssumeRoleWithWebIdentity."""
    for statement in facts.all(Statement):
        if statement.kind != "trust" or not statement.allow or not isinstance(statement.holder, Address):
            continue
        if not any(allows(action, WEB_IDENTITY) for action in statement.actions):
            continue
        subjects = [condition for condition in statement.conditions if ends(condition.key, ":sub")]
        wide = [
            value
            for condition in subjects
            if "Like" in condition.operator
            for value in condition.values
            if isinstance(value, str) and _is_wide(value)
        ]
        if not subjects:
            yield RULE.refuted(f"{statement.holder} asks for no subject", statement.holder)
        elif wide:
            yield RULE.refuted(f"{statement.holder} takes any subject like {', '.join(wide)}", statement.holder)


def _is_wide(value: str) -> bool:
    """Whether a pattern leaves the namespace of an account, or the owner of a repository, open."""
    if value.startswith("system:serviceaccount:"):
        return "*" in value.split(":")[2]
    if value.startswith("repo:"):
        return "*" in value.removeprefix("repo:").partition(":")[0]
    return value.startswith("*")
