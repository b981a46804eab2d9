"""Claims as rules want them: what is promised, and where that is written."""

from __future__ import annotations

from seawall.facts.fact import NOBODY
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.address import Address


def promised(facts: Facts, measure: str, subject: str = "platform") -> Claim | None:
    """The claim of a measure; None if nothing is promised."""
    return next((claim for claim in facts.where(Claim, subject=subject) if claim.measure == measure), None)


def written(claim: Claim) -> tuple[Address, ...]:
    """Where a claim is written, if it comes from a file of its own; a description's has no address."""
    return () if claim.by == NOBODY else (claim.by,)
