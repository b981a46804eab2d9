"""Nodes of whatever image is the newest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import NodeClass
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-015",
    severity=Severity.MEDIUM,
    summary="Nodes start from whatever image is the newest",
    why="Karpenter looks for new releases and replaces every node by drift as soon as there is one: an image that "
    "nobody "
    "has tried reaches all nodes at once",
    fix="pin the alias to a version (al2023@v20240807), and raise it in a test environment first",
    layers=("kubernetes",),
    source="https://karpenter.sh/docs/tasks/managing-amis/",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Node classes with an alias that ends in latest."""
    for made in facts.all(NodeClass):
        for alias in made.images:
            if alias.endswith("@latest"):
                yield RULE.refuted(f"{made.of} starts nodes from {alias}", made.of)
