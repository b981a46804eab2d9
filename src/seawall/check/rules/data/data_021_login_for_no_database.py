"""rds-db:connect on the wrong ARN."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Final

from seawall.check.rule import Rule
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Ref, Text, Textual, Unknown

RULE = Rule(
    id="DATA-021",
    severity=Severity.HIGH,
    summary="A permission to sign in to a database is for what is no database user",
    why="rds-db:connect is about arn:…:rds-db:REGION:ACCOUNT:dbuser:RESOURCE-ID/USER; any other ARN matches nothing, "
    "and the sign-in fails as a wrong password",
    fix="name the resource id (db-ABC…, cluster-ABC…, prx-…) and the user",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html",
    read=date(2023, 6, 1),
)


_USER = re.compile(
    r"\*|arn:[^:]*:(?:rds-db|\*):[^:]*:[^:]*:(?:\*|dbuser:(?:(?:db|cluster)-[A-Z0-9*?]+|prx-[0-9a-z*?]+|[^/:]*[*~][^/:]*)(?:/.+)?)"
)


_FIRST: Final = ("db-", "cluster-", "prx-")


def check(facts: Facts) -> Iterator[Finding]:
    """Every statement that allows signing in, resource by resource; a hole may be anything that fits.

    Beside one that fits, a resource of another action of the statement is none of sign-in's.
    """
    for statement in facts.all(Statement):
        actions = _lower(statement.actions)
        if not statement.allow or statement.not_resources or "rds-db:connect" not in actions:
            continue
        wrong = [resource for resource in statement.resources if _is_wrong(facts, resource)]
        if len(wrong) < len(statement.resources):
            others = {action.partition(":")[0] for action in actions} - {"rds-db"}
            known = len(actions) == len(statement.actions) and "*" not in others
            wrong = [resource for resource in wrong if known and _service(resource) not in others]
        for resource in wrong:
            holder = statement.holder if isinstance(statement.holder, Address) else statement.by
            yield RULE.refuted(f"{holder} allows rds-db:connect on {resource}", *dict.fromkeys((holder, statement.by)))


def _is_wrong(facts: Facts, resource: Textual) -> bool:
    if isinstance(resource, Ref):
        return resource.attr == "arn" and facts.one(Store, of=resource.to) is not None
    if isinstance(resource, Unknown):
        return False
    if isinstance(resource, Text) and not isinstance(resource.parts[0], str):
        return False
    pieces = resource.parts if isinstance(resource, Text) else (resource,)
    # A hole counts as a star that fits where an account, a resource id or a user may stand.
    spelled = "".join(piece if isinstance(piece, str) else "~" for piece in pieces)
    if _USER.fullmatch(spelled):
        return False
    # Stars go across colons: `arn:aws:rds-db:*` means every user of every database.
    across = spelled.count(":") < 6 and "*" in spelled
    return not (across and any(_meet(spelled, f"arn:+:rds-db:+:+:dbuser:{first}+") for first in _FIRST))


def _meet(one: str, other: str) -> bool:
    """Whether some text has the shape of both; ``+`` of the other is a star that ends at a colon."""

    @cache
    def meet(at: int, beside: int) -> bool:
        if at < len(one) and one[at] in "*~":
            return meet(at + 1, beside) or (beside < len(other) and meet(at, beside + 1))
        if beside == len(other):
            return at == len(one)
        if other[beside] == "+":
            goes_on = at < len(one) and one[at] != ":"
            return meet(at, beside + 1) or (goes_on and meet(at + 1, beside))
        return at < len(one) and one[at] in ("?", other[beside]) and meet(at + 1, beside + 1)

    return meet(0, 0)


def _service(resource: Textual) -> str:
    """The service of an ARN; that of a store of the input is RDS's."""
    if isinstance(resource, Ref):
        return "rds"
    head = resource.parts[0] if isinstance(resource, Text) else resource
    fields = str(head).split(":")
    return fields[2] if len(fields) > 2 else ""


def _lower(actions: tuple[Textual, ...]) -> set[str]:
    return {action.lower() for action in actions if isinstance(action, str)}
