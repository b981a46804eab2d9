"""An availability that a single database server does not have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from seawall.analyze.stores import of_aws, servers, standing_alone
from seawall.check.rule import Rule
from seawall.facts.data import Replicates, Store
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Share
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DATA-101",
    severity=Severity.HIGH,
    summary="A database runs in one zone, below what is claimed",
    why="AWS itself promises 99.5 % for a single instance, and a lost zone takes the database with it until somebody "
    "restores it",
    fix="set multi_az true, or claim what a single instance can hold",
    layers=("terraform", "claims"),
    source="https://aws.amazon.com/rds/sla/",
    read=date(2024, 1, 22),
)

SINGLE = Decimal("99.5")
"""Percent a month that AWS promises for a single DB instance; 99.95 for Multi-AZ (RDS SLA of 2024-01-22)."""


def check(facts: Facts) -> Iterator[Finding]:
    """Claims of availability or of surviving a zone, against databases of one zone."""
    said = sorted(
        f"{claim.subject} {claim.measure} {claim.value}"
        for claim in facts.all(Claim)
        if claim.subject == "zone_loss"
        or (claim.measure == "availability" and isinstance(claim.value, Share) and claim.value.percent > SINGLE)
    )
    if not said:
        return
    for store in standing_alone(facts, "database"):
        # What is promised for a single server is AWS's promise; Azure's are others.
        if facts.where(Replicates, target=store.of) or not of_aws(store):
            continue
        copies = [copy for copy in facts.where(Replicates, source=store.of) if copy.scope == "zone"]
        nodes = store.nodes if store.nodes != 0 else _zones(facts, store)
        missing = [value for value in (nodes, *(copy.target for copy in copies)) if isinstance(value, Unknown)]
        if missing:
            yield RULE.unknown(f"whether {store.of} survives a zone is not known", missing, store.of)
        elif not copies and isinstance(nodes, int) and nodes < 2:
            yield RULE.refuted(
                f"{store.of} runs in a single zone",
                store.of,
                evidence=(*(f"claim: {claim}" for claim in said), f"{store.of}: {nodes} server, no standby"),
            )


def _zones(facts: Facts, store: Store) -> int:
    return len(servers(facts, store))
