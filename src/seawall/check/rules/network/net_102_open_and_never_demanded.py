"""Rules that let something through which nothing asks for."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.reachability.unneeded import unneeded
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-102",
    severity=Severity.LOW,
    summary="A rule lets through what nothing of the input asks for",
    why="each way that nobody needs is one for whoever gets into one end of it, and the reason why somebody opened it "
    "is forgotten first",
    fix="take the rule away, or write down the need that it is for",
    layers=("terraform", "kubernetes", "application"),
    source="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Rules of security groups and permits of policies between things whose needs the input states."""
    for each in unneeded(facts):
        yield RULE.refuted(each.says, each.by if each.by else each.of, each.of)
