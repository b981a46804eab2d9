"""A global datastore that nobody promotes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.claimed import written
from seawall.analyze.copies import claimed_automatic, follows_a_whole, promoted_by_something
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-028",
    severity=Severity.CRITICAL,
    summary="A Global Datastore is to take over in the other region by itself",
    why="ElastiCache fails over within a region and never between two; until somebody promotes it, the other "
    "region's cache refuses to write",
    fix="call it a manual step and rehearse it, or have something call elasticache:FailoverGlobalReplicationGroup",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/AmazonElastiCache/latest/red-ug/Redis-Global-Datastores-Getting-Started.html",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Claims of automatic failover against secondaries of datastores, where nothing promotes one."""
    if promoted_by_something(facts, "elasticache:FailoverGlobalReplicationGroup"):
        return
    for claim, store, copy in claimed_automatic(facts, "cache"):
        if follows_a_whole(facts, copy):
            yield RULE.refuted(
                f"failover of {claim.measure} is claimed to be automatic, and {store.of} in {store.region} is "
                "read-only until somebody promotes it",
                store.of,
                *written(claim),
                evidence=(
                    f"claim: failover {claim.measure} automatic",
                    f"{copy.source} to {copy.target}: promoted by hand",
                ),
            )
