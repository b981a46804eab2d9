"""No loss promised over a copy that lags."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.copies import follows_a_whole
from seawall.check.rule import Rule
from seawall.facts.data import Replicates, Store
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Duration

RULE = Rule(
    id="DATA-001",
    severity=Severity.CRITICAL,
    summary="No loss of data is claimed over an asynchronous copy",
    why="what was committed and not yet copied is gone when the source goes; asynchronous copies always have "
    "such a tail",
    fix="claim the lag that you measure, or use a copy that commits in both places",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """A claimed RPO of nothing for the loss of a region, against every copy that is to survive it."""
    for claim in facts.where(Claim, subject="region_loss"):
        if claim.measure != "rpo" or not isinstance(claim.value, Duration) or claim.value.seconds > 0:
            continue
        for copy in facts.all(Replicates):
            if _is_global_database(facts, copy):
                continue
            if copy.mode == "asynchronous" and copy.scope in ("region", "cloud"):
                named = [link for link in (copy.source, copy.target) if isinstance(link, str)]
                yield RULE.refuted(
                    f"the claim region_loss rpo {claim.value} rests on {copy.target}, an asynchronous copy of "
                    f"{copy.source}",
                    *named,
                    evidence=(f"claim: region_loss rpo {claim.value}", f"{copy.target}: asynchronous, {copy.scope}"),
                )


def _is_global_database(facts: Facts, copy: Replicates) -> bool:
    """Whether it is what DATA-009 speaks of."""
    target = facts.one(Store, of=copy.target)
    return target is not None and target.kind == "database" and follows_a_whole(facts, copy)
