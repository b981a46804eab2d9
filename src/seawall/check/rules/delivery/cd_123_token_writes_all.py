"""Tokens that may write everything."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.delivery import Job
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="CD-123",
    severity=Severity.MEDIUM,
    summary="A job's token may write everything in the repository",
    why="one compromised step of such a job can push code, publish releases and approve its own change",
    fix="write `permissions: {}` at the top of the workflow, and give each job the scopes that it needs",
    layers=("pipelines",),
    source="https://docs.github.com/en/actions/reference/security/secure-use",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Jobs that say write-all, or whose workflow does."""
    for job in facts.all(Job):
        if job.permissions and ("all", "write") in job.permissions:
            yield RULE.refuted(f"{job.of} has a token that may write everything", job.of, evidence=("write-all",))
