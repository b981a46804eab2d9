"""Claims of documents that rules hold against what is so: refuted by a finding, and never proven by the lack of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from seawall.check.registry import check_of, modules
from seawall.facts.fact import NOBODY
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Answer, Verdict, refuted, unknown

RULES: Final[Mapping[str, tuple[str, ...]]] = {
    "active_active": ("DOC-002",),
    "availability": ("DOC-001", "DATA-101"),
    "backups": ("DATA-032",),
    "bill": ("DOC-101", "DOC-120"),
    "cloud_loss": ("DATA-044",),
    "counts": ("DOC-122",),
    "exactly_once": ("DATA-034",),
    "failover": ("DATA-002", "DATA-028"),
    "https_only": ("EDGE-030",),
    "monthly_cost": ("DOC-103",),
    "names": ("DOC-004",),
    "no_downtime": ("DOC-003",),
    "recoveries": ("DOC-102",),
    "recovery": ("DOC-102",),
    "recovery_steps": ("DOC-005",),
    "several_zones": ("DOC-124",),
    "shield": ("EDGE-012",),
    "stated": ("DOC-121",),
    "zones": ("DOC-123",),
}
"""Which rules speak of a claim, by its subject, or by its measure where it is of the whole platform."""


def held_against(facts: Facts, claim: Claim) -> tuple[Verdict, tuple[str, ...]] | None:
    """The verdict of the rules that speak of a claim, with a line for each finding; None if no rule does."""
    topic = claim.measure if claim.subject == "platform" else claim.subject
    rules = [id for id in RULES.get(topic, ()) if id in modules()]
    if not rules:
        return None
    about = [finding for id in rules for finding in facts.derive(_findings, id) if _speaks_of(finding, claim)]
    lines = tuple(f"{finding.rule}: {finding.detail.partition(chr(10))[0]}" for finding in about)
    if any(finding.answer is Answer.REFUTED for finding in about):
        return refuted(*about), lines
    name = f"{claim.subject}.{claim.measure}"
    why = Unknown(name, why=f"{', '.join(rules)} found nothing against it, and nothing proves it")
    return unknown(why), (*lines, why.why)


def _findings(facts: Facts, id: str) -> tuple[Finding, ...]:
    check = check_of(id)
    return tuple(check(facts)) if check is not None else ()


def _speaks_of(finding: Finding, claim: Claim) -> bool:
    """Whether a finding is about that claim: by where it is written, else by how evidence spells it."""
    if claim.by != NOBODY:
        return claim.by in finding.addresses
    words = claim.measure if claim.subject == "platform" else f"{claim.subject} {claim.measure}"
    spelled = (finding.detail.partition("\n")[0], *finding.evidence)
    return any(f"claim: {words}" in line or f"{words} " in line for line in spelled) or claim.subject == "platform"
