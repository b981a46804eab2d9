"""rds-db:connect on the wrong ARN."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

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


def check(facts: Facts) -> Iterator[Finding]:
    """Every statement that allows signing in, resource by resource; a hole may be anything that fits."""
    for statement in facts.all(Statement):
        if not statement.allow or statement.not_resources or "rds-db:connect" not in _lower(statement.actions):
            continue
        for resource in statement.resources:
            if _is_wrong(facts, resource):
                holder = statement.holder if isinstance(statement.holder, Address) else statement.by
                yield RULE.refuted(
                    f"{holder} allows rds-db:connect on {resource}", *dict.fromkeys((holder, statement.by))
                )


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
    return _USER.fullmatch(spelled) is None


def _lower(actions: tuple[Textual, ...]) -> set[str]:
    return {action.lower() for action in actions if isinstance(action, str)}
