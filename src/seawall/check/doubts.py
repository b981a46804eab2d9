"""What a rule cannot say for certain of an input that is not whole, whatever the rule itself looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from seawall.analyze.unread import unread
from seawall.facts.facts import Facts
from seawall.facts.resilience import Repeated
from seawall.kernel.finding import Finding
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Answer

ABSENCE: Final = frozenset(
    (
        "COST-005", "COST-101",
        "DATA-008", "DATA-013", "DATA-024", "DATA-032", "DATA-040", "DATA-044", "DATA-045", "DATA-101", "DATA-104",
        "DATA-151",
        "DOC-004", "DOC-102", "DOC-123", "DOC-124",
        "EDGE-011", "EDGE-012", "EDGE-013", "EDGE-016", "EDGE-022", "EDGE-105", "EDGE-122", "EDGE-123", "EDGE-124",
        "EDGE-150",
        "IAM-003", "IAM-007", "IAM-009", "IAM-011", "IAM-012", "IAM-013", "IAM-014", "IAM-015", "IAM-016", "IAM-017",
        "IAM-018", "IAM-019", "IAM-020", "IAM-021", "IAM-023", "IAM-026", "IAM-100", "IAM-103", "IAM-119",
        "K8S-017", "K8S-018", "K8S-021", "K8S-026", "K8S-031", "K8S-036", "K8S-104", "K8S-140",
        "NET-001", "NET-009", "NET-012", "NET-013", "NET-014", "NET-015", "NET-017", "NET-018", "NET-023", "NET-025",
        "NET-026", "NET-100", "NET-102", "NET-105", "NET-106", "NET-110", "NET-112",
        "OBS-003", "OBS-004", "OBS-005", "OBS-101", "OBS-111", "OBS-120",
        "TF-008",
    )
)  # fmt: skip
"""The rules that conclude from there being no such resource, rule, attachment or demand, which a module may make."""

SEVERAL: Final = frozenset(("EDGE-120", "NET-022", "NET-024"))
"""The rules whose finding is that there are two of what there may be one of."""


def doubted(facts: Facts, finding: Finding) -> Finding:
    """The finding itself, or as unknown what rests on the absence or the number of what is not known."""
    if finding.answer is not Answer.REFUTED:
        return finding
    if finding.rule in ABSENCE and unread(facts):
        return _unknown(finding, unread(facts), "unless what a module makes that is not read says otherwise")
    if finding.rule in SEVERAL:
        numbers = [each.number for of in finding.addresses for each in facts.where(Repeated, of=of)]
        if numbers:
            return _unknown(finding, numbers, "unless one of them is not made at all")
    number = facts.one(Repeated, of=finding.addresses[0]) if finding.addresses else None
    if number is not None:
        # Whatever is wrong with it is wrong wherever it is made, and whoever reads this has to know that it may not be.
        line = f"how many of {number.of} there are is not known, and none may be: {number.number.what}"
        return replace(finding, evidence=(*finding.evidence, line))
    return finding


def _unknown(finding: Finding, because: Iterable[Unknown], unless: str) -> Finding:
    what, _, rest = finding.detail.partition("\n")
    reasons = tuple(f"unknown: {reason.what}: {reason.why}" for reason in because)
    detail = f"{what}, {unless}\n{rest}"
    return replace(finding, answer=Answer.UNKNOWN, detail=detail, evidence=(*finding.evidence, *reasons))
