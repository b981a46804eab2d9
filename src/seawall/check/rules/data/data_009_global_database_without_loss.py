"""No loss promised over a global database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.claimed import written
from seawall.analyze.copies import abroad, follows_a_whole
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Duration

RULE = Rule(
    id="DATA-009",
    severity=Severity.CRITICAL,
    summary="Failover of an Aurora Global Database is claimed to lose nothing",
    why="only a switchover waits until the other region has everything, and it needs a primary that is well; a "
    "failover takes what has arrived, usually some seconds less",
    fix="claim the lag that you measure (AuroraGlobalDBRPOLag) for the loss of a region, and no loss for planned "
    "switchovers alone",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """A claimed RPO of nothing for the loss of a region, against the secondaries of global databases."""
    for claim in facts.where(Claim, subject="region_loss"):
        if claim.measure != "rpo" or not isinstance(claim.value, Duration) or claim.value.seconds > 0:
            continue
        for store, copy in abroad(facts, "database"):
            if follows_a_whole(facts, copy):
                yield RULE.refuted(
                    f"the claim region_loss rpo {claim.value} rests on {store.of}, a secondary of the global "
                    f"database {copy.source}",
                    store.of,
                    *written(claim),
                    evidence=(f"claim: region_loss rpo {claim.value}", f"{store.of}: asynchronous, in {store.region}"),
                )
