"""A pipeline's role that any job of a repository may take on."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.trust import WEB_IDENTITY, allows, ends
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-022",
    severity=Severity.CRITICAL,
    summary="A pipeline's role may be taken on by any branch or pull request",
    why="whoever may push a branch, or open a pull request from one, writes the workflow that takes the role on: no "
    "review and no approval comes before it",
    fix="ask :sub for the one branch (`repo:OWNER/NAME:ref:refs/heads/main`) or environment "
    "(`repo:OWNER/NAME:environment:production`) that is meant, and :aud for sts.amazonaws.com",
    layers=("terraform", "delivery"),
    source="https://docs.github.com/en/actions/concepts/security/openid-connect",
    read=None,
)

_ANY = ("pull_request", "ref:refs/heads/any", "environment:any")


def check(facts: Facts) -> Iterator[Finding]:
    """Trust in tokens of a named repository whose subject says neither branch, nor environment, nor event."""
    for statement in facts.all(Statement):
        if statement.kind != "trust" or not statement.allow or not isinstance(statement.holder, Address):
            continue
        if not any(allows(action, WEB_IDENTITY) for action in statement.actions):
            continue
        open_to_all = sorted(
            value
            for condition in statement.conditions
            if ends(condition.key, ":sub") and "Like" in condition.operator and "Not" not in condition.operator
            for value in condition.values
            if isinstance(value, str) and _is_open(value)
        )
        if open_to_all:
            yield RULE.refuted(f"{statement.holder} takes any job like {', '.join(open_to_all)}", statement.holder)


def _is_open(value: str) -> bool:
    """Whether a pattern of one repository leaves the branch open; one that leaves the repository open is IAM-002's."""
    kind, _, rest = value.partition(":")
    repository, _, job = rest.partition(":")
    if kind not in ("repo", "project_path") or "*" in repository:
        return False
    return job in ("*", "") or (job.endswith("*") and any(one.startswith(job[:-1]) for one in _ANY))
