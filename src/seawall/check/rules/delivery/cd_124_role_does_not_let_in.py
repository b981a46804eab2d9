"""A job that takes on a role which does not let it in."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from seawall.analyze.trust import ends, trusting
from seawall.check.rule import Rule
from seawall.facts.delivery import TakesOn
from seawall.facts.facts import Facts
from seawall.facts.identity import Principal, Statement
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="CD-124",
    severity=Severity.HIGH,
    summary="A job takes on a role that does not let it in",
    why="the token says which event, branch or environment the job belongs to; a role that expects another refuses it, "
    "and the pipeline ends there",
    fix="name the job's environment, or let the role's trust policy expect what the job's token says",
    layers=("pipelines", "terraform"),
    source="https://docs.github.com/en/actions/reference/security/oidc",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Jobs against the subjects that the trust policies of the roles of that name expect, where all are known."""
    roles = {principal.name: principal.of for principal in facts.all(Principal) if principal.kind == "role"}
    for takes in facts.all(TakesOn):
        role = roles.get(takes.role)
        if role is None:
            continue
        expected = _expected(trusting(facts, role))
        if expected is None:
            continue
        refused = [one for one in takes.subjects if not any(_may_be(one, pattern) for pattern in expected)]
        if refused:
            yield RULE.refuted(
                f"{takes.of} comes as {', '.join(refused)}, and {role} expects {', '.join(sorted(expected))}",
                takes.of,
                role,
                evidence=(f"{takes.of}: role-to-assume {takes.role}",),
            )


def _expected(statements: tuple[Statement, ...]) -> set[str] | None:
    """What tokens have to say behind the repository's name; None where that is not known, or anything does."""
    found: set[str] = set()
    for statement in statements:
        subjects = [test for test in statement.conditions if ends(test.key, "token.actions.githubusercontent.com:sub")]
        if not statement.allow or statement.opaque is not None or len(subjects) != 1:
            return None
        for value in subjects[0].values:
            if not isinstance(value, str) or value.count(":") < 2:
                return None
            found.add(value.split(":", 2)[2])
    return found or None


def _may_be(subject: str, pattern: str) -> bool:
    return fnmatchcase(subject, pattern) or fnmatchcase(pattern, subject)
