"""A role that a service takes on for whoever asks it to."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.permissions.deputies import narrows
from seawall.analyze.trust import allows
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.knowledge.service_principals import SENDS_SOURCE_TO_ROLES

RULE = Rule(
    id="IAM-120",
    severity=Severity.MEDIUM,
    summary="A role trusts a service without saying on whose behalf",
    why="the service acts for every account of AWS: another's thing, told the ARN of this role, makes the service act "
    "with it (the confused deputy)",
    fix="add StringEquals on aws:SourceAccount with the account, and ArnLike on aws:SourceArn with the thing",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Trust in services that send the two keys; others such as EC2 and Lambda do not, and are left out."""
    for statement in facts.all(Statement):
        if statement.kind != "trust" or not statement.allow or not isinstance(statement.holder, Address):
            continue
        if not any(allows(action, "sts:AssumeRole") for action in statement.actions) or narrows(statement.conditions):
            continue
        services = {value for kind, value in statement.principals if kind == "Service" and isinstance(value, str)}
        if wide := sorted(services & SENDS_SOURCE_TO_ROLES):
            yield RULE.refuted(f"{statement.holder} trusts {', '.join(wide)} for everybody", statement.holder)
