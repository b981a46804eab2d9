"""A cross-region replica that nobody promotes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.claimed import written
from seawall.analyze.copies import claimed_automatic, follows_a_whole, promoted_by_something
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-002",
    severity=Severity.CRITICAL,
    summary="A read replica in another region is to take over by itself",
    why="RDS promotes a read replica only when somebody calls for it; the promoted instance stands alone under "
    "another host name, and clients have to be sent there",
    fix="call it a manual step and rehearse it, have something call rds:PromoteReadReplica and switch the name, or "
    "use Aurora Global Database",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.Promote.html",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Claims of automatic failover against replicas in another region, where nothing of the input promotes one."""
    if promoted_by_something(facts, "rds:PromoteReadReplica", "rds:SwitchoverReadReplica"):
        return
    for claim, store, copy in claimed_automatic(facts, "database"):
        if not follows_a_whole(facts, copy):
            yield RULE.refuted(
                f"failover of {claim.measure} is claimed to be automatic, and {store.of} is a read replica in "
                f"{store.region} that stays one until somebody promotes it",
                store.of,
                *written(claim),
                evidence=(
                    f"claim: failover {claim.measure} automatic",
                    f"{copy.source} to {copy.target}: promoted by hand",
                ),
            )
