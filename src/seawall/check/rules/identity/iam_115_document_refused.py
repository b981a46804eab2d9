"""A policy document that AWS refuses."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import PolicyDocument
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-115",
    severity=Severity.HIGH,
    summary="AWS refuses a policy document, or reads it otherwise than it is meant",
    why="the apply fails at this policy, or what AWS takes is not what is written",
    fix="write it as the grammar of policies says",
    layers=("terraform", "cloudformation"),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Documents with faults of form, all faults of one document in one finding."""
    for document in facts.all(PolicyDocument):
        if document.faults:
            first, *others = document.faults
            more = f", and {len(others)} more" if others else ""
            lost = "; only the last of them counts" if any("said twice" in fault for fault in document.faults) else ""
            yield RULE.refuted(f"{document.where}: {first}{more}{lost}", document.by, evidence=document.faults)
