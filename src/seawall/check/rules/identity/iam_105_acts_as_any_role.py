"""Somebody who can act as roles that nobody chose for them."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.permissions.escalation import Step, administers, paths, steps
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Principal
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-105",
    severity=Severity.MEDIUM,
    summary="Somebody can act as every role of a kind, by way of a service",
    why="a role that is passed, or whose function's code is exchanged, lends all that it may do; with a policy that "
    "names everything that is every role there is, and every one that comes to be",
    fix="name the roles, functions or instances that are meant in place of the *",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Single steps to another role under a policy that names everything; those of IAM-104 are told there."""
    told = {path.start for path in paths(facts)}
    for principal in facts.all(Principal):
        who = principal.of
        if who in told or principal.kind not in ("role", "user") or administers(facts, who):
            continue
        kinds: dict[str, list[Step]] = {}
        for step in steps(facts, who):
            if step.wide and isinstance(step.becomes, Address):
                kinds.setdefault(step.means, []).append(step)
        for means, found in sorted(kinds.items()):
            roles = sorted({str(step.becomes) for step in found})
            what = f"{who} can act as {', '.join(roles)} by {means}"
            reached = [step.becomes for step in found if isinstance(step.becomes, Address)]
            yield RULE.refuted(what, who, *reached, evidence=[str(step) for step in found])
