"""A short recovery time over a single server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.claimed import written
from seawall.analyze.stores import servers, standing_alone
from seawall.check.rule import Rule
from seawall.facts.data import Replicates
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Duration

RULE = Rule(
    id="DATA-008",
    severity=Severity.HIGH,
    summary="A recovery time is claimed that an Aurora cluster of one server does not keep",
    why="with a second server Aurora promotes it, usually in less than a minute; without one it has to make a new "
    "server, which takes up to ten minutes",
    fix="add a reader in another zone, or claim more than ten minutes",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html",
    read=date(2023, 6, 1),
)


RECREATION = 600
"""Seconds within which Aurora typically has a new server where there is none to promote."""


def check(facts: Facts) -> Iterator[Finding]:
    """Claims about the loss of a zone against clusters whose one server is known."""
    for claim in facts.where(Claim, subject="zone_loss"):
        if claim.measure != "rto" or not isinstance(claim.value, Duration) or claim.value.seconds >= RECREATION:
            continue
        following = {copy.target for copy in facts.all(Replicates) if copy.scope == "region"}
        for store in standing_alone(facts, "database"):
            found = servers(facts, store)
            if store.of in following:
                continue  # nobody notices the loss of a zone in a region that stands by
            if store.engine.startswith("aurora") and len(found) == 1:
                yield RULE.refuted(
                    f"zone_loss rto {claim.value} is claimed, and {found[0].of} is the only server of {store.of}",
                    store.of,
                    found[0].of,
                    *written(claim),
                    evidence=(f"claim: zone_loss rto {claim.value}", "a new server takes up to 10 min"),
                )
