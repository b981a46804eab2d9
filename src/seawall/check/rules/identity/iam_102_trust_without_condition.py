"""A role that anybody in the world may take on."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-102",
    severity=Severity.CRITICAL,
    summary="A role trusts everybody",
    why="a principal of * without a condition means every AWS account there is",
    fix="name the account, role or service that is meant",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Statements of trust policies that allow everybody under no condition."""
    for statement in facts.all(Statement):
        if (
            statement.kind == "trust"
            and statement.allow
            and isinstance(statement.holder, Address)
            and not statement.conditions
            and ("AWS", "*") in statement.principals
            and not statement.not_principals
        ):
            yield RULE.refuted(f"{statement.holder} trusts every account", statement.holder)
