"""A job that takes on a role which does not let it in."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.permissions.letting_in import let_job_in
from seawall.check.rule import Rule
from seawall.facts.delivery import TakesOn
from seawall.facts.facts import Facts
from seawall.facts.identity import Principal
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
    """Jobs against the trust policies of the roles of that name, where it is certain that one keeps a job out."""
    roles = {principal.name: principal.of for principal in facts.all(Principal) if principal.kind == "role"}
    for takes in facts.all(TakesOn):
        role = roles.get(takes.role)
        if role is None:
            continue
        link = let_job_in(facts, takes, role)
        if link.verdict.refuted:
            yield RULE.refuted(
                f"{takes.of} takes on {role}: {link.says}",
                takes.of,
                role,
                evidence=(f"{takes.of}: role-to-assume {takes.role}",),
            )
