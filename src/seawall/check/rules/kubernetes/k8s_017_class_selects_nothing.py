"""Node classes whose selectors mean nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import selected_groups, selected_subnets
from seawall.check.rule import Rule
from seawall.facts.compute import NodeClass
from seawall.facts.facts import Facts
from seawall.facts.network import Subnet
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="K8S-017",
    severity=Severity.CRITICAL,
    summary="A node class selects subnets or security groups that nothing is tagged as",
    why="Karpenter looks for them by their tags; where nothing carries them it makes no node",
    fix="give the subnets and the nodes' security group the tags that the class asks for",
    layers=("kubernetes", "terraform"),
    source="https://karpenter.sh/docs/concepts/nodeclasses/",
    read=date(2026, 8, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each class against the tags of an input that has a network."""
    if not facts.all(Subnet):
        return
    for made in facts.all(NodeClass):
        for what, found, terms in (
            ("subnet", selected_subnets(facts, made), made.subnets),
            ("security group", selected_groups(facts, made), made.groups),
        ):
            if isinstance(found, Unknown):
                asked = " or ".join(_spelled(term) for term in terms) or "nothing"
                yield RULE.refuted(
                    f"{made.of} asks for {what}s with {asked}, and no {what} of the input has that",
                    made.of,
                    evidence=(f"{made.of}: {asked}",),
                )


def _spelled(term: object) -> str:
    return " and ".join(f"{key}={value}" for key, value in term) if isinstance(term, tuple) else str(term)
