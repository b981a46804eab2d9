"""Exactly once over a copy that repeats."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.claimed import written
from seawall.analyze.named import stores_named
from seawall.check.rule import Rule
from seawall.facts.data import Replicates
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-034",
    severity=Severity.HIGH,
    summary="Records are to be handled once over a replicator that may repeat them",
    why="MSK Replicator copies asynchronously and at least once: after a failover some records come twice and the "
    "last ones not at all",
    fix="make consumers idempotent, and say how much may be lost",
    layers=("terraform", "application", "claims"),
    source="https://docs.aws.amazon.com/msk/latest/developerguide/msk-replicator-bp-multi-region.html",
    read=date(2025, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Streams that a claim names against the replicators that read or write them."""
    for claim in facts.where(Claim, subject="exactly_once"):
        for store in stores_named(facts, claim.measure):
            copies = [*facts.where(Replicates, source=store.of), *facts.where(Replicates, target=store.of)]
            abroad = sorted((copy for copy in copies if copy.scope == "region"), key=str)
            if store.kind == "stream" and abroad:
                copy = abroad[0]
                yield RULE.refuted(
                    f"{claim.measure} is said to be handled exactly once, and {copy.source} is copied to "
                    f"{copy.target} at least once",
                    store.of,
                    *written(claim),
                    evidence=(
                        f"claim: exactly_once {claim.measure}",
                        f"{copy.source} to {copy.target}: asynchronous, at least once",
                    ),
                )
