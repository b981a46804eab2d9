"""Somebody who can make themselves administrator."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.permissions.escalation import paths
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-104",
    severity=Severity.HIGH,
    summary="Somebody who is no administrator can make themselves one",
    why="whoever gets hold of them takes the same steps: what their policies allow today is no bound of what they can "
    "do tomorrow",
    fix="take the action of one step away, or bound it: name the roles that are meant, let it write policies only "
    "under a permissions boundary (condition iam:PermissionsBoundary), attach only named policies (iam:PolicyARN)",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for everybody who has a way, with the shortest."""
    for path in paths(facts):
        others = [step.becomes for step in path.steps if isinstance(step.becomes, Address)]
        end = path.end if not isinstance(path.end, Address) else f"{path.end}, which is administrator"
        many = f"in {len(path.steps)} steps" if len(path.steps) > 1 else "in one step"
        yield RULE.refuted(f"{path.start} becomes {end} {many}", path.start, *others, evidence=path.lines())
