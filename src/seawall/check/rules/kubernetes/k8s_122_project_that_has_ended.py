"""A program that nobody mends any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import Container
from seawall.facts.facts import Facts
from seawall.facts.resilience import Today
from seawall.kernel.finding import Finding, Severity
from seawall.knowledge.ended_projects import ended

RULE = Rule(
    id="K8S-122",
    severity=Severity.MEDIUM,
    summary="An image is of a project that has ended",
    why="no fault of it is mended any more, in particular none of security, and no later tag will come",
    fix="move to what its users were told to go to",
    layers=("kubernetes",),
    source="https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """The image of each container, on the day of the check."""
    for today in facts.all(Today):
        for container in facts.all(Container):
            found = ended(container.image) if isinstance(container.image, str) else None
            if found is not None and today.day > found.last:
                yield RULE.refuted(
                    f"container {container.name} of {container.workload} runs {container.image}, and {found.project} "
                    f"ended on {found.last}",
                    container.workload,
                    fix=f"{RULE.fix}: {found.instead}",
                )
