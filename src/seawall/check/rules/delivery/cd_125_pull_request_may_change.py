"""A pull request that may change what runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.delivery import Job, TakesOn
from seawall.facts.facts import Facts
from seawall.facts.identity import Attaches, Principal, Statement
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="CD-125",
    severity=Severity.HIGH,
    summary="A pull request takes on a role that may change what runs",
    why="the workflow and all that it runs are part of the pull request, so whoever opens one does with the role what "
    "they like before anybody has looked",
    fix="give pull requests a role of their own that may only describe, get and list",
    layers=("pipelines", "terraform"),
    source="https://docs.github.com/en/actions/reference/security/secure-use",
    read=None,
)

_PULL_REQUESTS = frozenset({"pull_request", "pull_request_target"})
_VERBS = "describe|get|list|batchget|head|lookup|search|validate|view"
_LOOKS = re.compile(rf"[a-z0-9-]+:(?:{_VERBS})[a-z0-9*?]*", re.IGNORECASE)
_MANAGED = ("policy/AdministratorAccess", "policy/PowerUserAccess")


def check(facts: Facts) -> Iterator[Finding]:
    """Roles of the input that a pull request's job takes on without an environment, and that do more than look."""
    roles = {principal.name: principal.of for principal in facts.all(Principal) if principal.kind == "role"}
    jobs = {job.of: job for job in facts.all(Job)}
    for takes in facts.all(TakesOn):
        role, job = roles.get(takes.role), jobs.get(takes.of)
        if role is None or job is None or job.environment or not _PULL_REQUESTS & set(job.starts):
            continue
        if action := _changes(facts, role):
            yield RULE.refuted(
                f"{takes.of} runs on a pull request and takes on {role}, which allows {action}",
                takes.of,
                role,
                evidence=(f"{takes.of}: role-to-assume {takes.role}",),
            )


def _changes(facts: Facts, role: Address) -> str:
    """The first action of a role that is more than looking; empty where there is none that is known."""
    for statement in facts.where(Statement, holder=role):
        if statement.kind == "identity" and statement.allow and not statement.not_actions:
            for action in statement.actions:
                if isinstance(action, str) and not _LOOKS.fullmatch(action):
                    return action
    for attaches in facts.where(Attaches, principal=role):
        if isinstance(attaches.policy, str) and attaches.policy.endswith(_MANAGED):
            return attaches.policy
    return ""
