"""A thing that a service may use for whoever asks it to."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.permissions.deputies import narrows
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.knowledge.service_principals import SENDS_SOURCE_TO_RESOURCES

RULE = Rule(
    id="IAM-123",
    severity=Severity.MEDIUM,
    summary="A resource policy lets a service in without saying on whose behalf",
    why="the service acts for every account of AWS: a bucket, topic or rule of another account can be pointed at this "
    "and the service does as it is told (the confused deputy)",
    fix="add ArnLike on aws:SourceArn with the thing, or StringEquals on aws:SourceAccount with the account "
    "(of a Lambda permission: source_arn, source_account)",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Allow statements of resource policies for services that say on whose behalf they call."""
    for statement in facts.all(Statement):
        holder = statement.holder
        if statement.kind != "resource" or not statement.allow or not isinstance(holder, Address):
            continue
        resource = holder.as_terraform()
        kind = resource.type if resource is not None else ""
        sending = SENDS_SOURCE_TO_RESOURCES.get(kind, frozenset())
        services = {value for by, value in statement.principals if by == "Service" and isinstance(value, str)}
        if not services & sending or narrows(statement.conditions):
            continue
        wide = ", ".join(sorted(services & sending))
        actions = ", ".join(str(action) for action in statement.actions)
        yield RULE.refuted(f"{holder} allows {wide} {actions} for everybody", holder)
