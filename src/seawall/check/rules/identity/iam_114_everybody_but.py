"""An Allow for everybody but some."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-114",
    severity=Severity.HIGH,
    summary="NotPrincipal in an Allow lets everybody else in, anonymous callers among them",
    why="whoever is not named may act, from any account and without signing in",
    fix="name who may act in Principal; to keep somebody out, write a Deny",
    layers=("terraform", "cloudformation"),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Allowing statements with NotPrincipal."""
    for statement in facts.all(Statement):
        if statement.allow and statement.not_principals and isinstance(statement.holder, Address):
            named = ", ".join(str(value) for _, value in statement.principals) or "nobody"
            sid = f"statement {statement.sid} of " if statement.sid else ""
            what = f"{sid}{statement.holder} allows everybody but {named}"
            yield RULE.refuted(what, statement.holder, statement.by)
