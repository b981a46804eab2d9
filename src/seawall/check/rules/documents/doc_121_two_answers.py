"""Two answers to one question."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.claimed import written
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DOC-121",
    severity=Severity.MEDIUM,
    summary="A document says two things of one",
    why="each reader believes the place that they happened to read; in an incident that is the wrong one for half of "
    "them",
    fix="find out which is so, and say it in one place",
    layers=("claims",),
    source="https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/welcome.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """What a document states of one thing in several places, where these differ by more than how they are written."""
    for claim in facts.where(Claim, subject="stated"):
        if not isinstance(claim.value, tuple):
            continue
        answers = list(dict.fromkeys(" ".join(str(value).split()) for value in claim.value))
        if len({answer.casefold() for answer in answers}) > 1:
            yield RULE.refuted(f"{claim.measure}: {'; '.join(answers)}", *written(claim))
