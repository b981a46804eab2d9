"""A secondary without servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.claimed import written
from seawall.analyze.copies import wholes
from seawall.analyze.stores import servers
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Duration

RULE = Rule(
    id="DATA-013",
    severity=Severity.HIGH,
    summary="A short recovery time rests on a region without a database server",
    why="a headless secondary has the data and nobody to serve it; a server has to be made first, in the hour in "
    "which everybody wants one",
    fix="run at least one instance in the secondary, or claim more time",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-getting-started.html",
    read=date(2023, 6, 1),
)


CREATION = 600
"""Seconds within which Aurora typically has a new server of a cluster that has none."""


def check(facts: Facts) -> Iterator[Finding]:
    """Claims about the loss of a region against secondaries without a server, where the primary has one."""
    for claim in facts.where(Claim, subject="region_loss"):
        if claim.measure != "rto" or not isinstance(claim.value, Duration) or claim.value.seconds >= CREATION:
            continue
        for whole, (first, *others) in wholes(facts, "database"):
            for other in others:
                if servers(facts, first) and not servers(facts, other):
                    yield RULE.refuted(
                        f"region_loss rto {claim.value} is claimed, and {other.of} of {whole} has no server",
                        other.of,
                        whole,
                        *written(claim),
                        evidence=(f"claim: region_loss rto {claim.value}", "a new server takes up to 10 min"),
                    )
