"""Two active regions over one writer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.claimed import written
from seawall.analyze.named import stores_named
from seawall.check.rule import Rule
from seawall.facts.data import Replicates
from seawall.facts.facts import Facts
from seawall.facts.network import Member
from seawall.facts.resilience import Claim
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DOC-002",
    severity=Severity.HIGH,
    summary="A store with one writer is said to be written to in every region",
    why="Aurora Global Database, a cross-region replica and a Global Datastore have one region that writes; in every "
    "other a write fails, or travels to that one",
    fix="say active-passive, or active-active for reads alone; for writes in every region use a DynamoDB global "
    "table or split the data",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-connecting.html",
    read=date(2025, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Databases and caches of which a claim says active-active, against their copies in other regions."""
    for claim in facts.where(Claim, subject="active_active"):
        for store in stores_named(facts, claim.measure):
            if store.kind not in ("database", "cache"):
                continue
            wholes = [member.of for member in facts.where(Member, member=store.of)]
            copies = [*facts.where(Replicates, target=store.of)]
            copies += [copy for of in (store.of, *wholes) for copy in facts.where(Replicates, source=of)]
            for copy in copies:
                if copy.scope == "region" and copy.mode == "asynchronous":
                    other = copy.target if copy.target != store.of else copy.source
                    yield RULE.refuted(
                        f"{claim.measure} is said to be active in several regions, and of {store.of} and {other} only "
                        "one takes writes",
                        store.of,
                        *((other,) if isinstance(other, Address) else ()),
                        *written(claim),
                        evidence=(
                            f"claim: active_active {claim.measure}",
                            f"{copy.source} to {copy.target}: asynchronous, one writer",
                        ),
                    )
                    break
