"""Claimed backups against kept ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.claimed import written
from seawall.analyze.named import stores_named
from seawall.check.rule import Rule
from seawall.facts.data import Backup, Store
from seawall.facts.facts import Facts
from seawall.facts.network import Member
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Duration
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DATA-032",
    severity=Severity.HIGH,
    summary="Backups are claimed that a store does not keep",
    why="a retention of 0 turns automatic backups off, and that is a cache's default; nobody misses them before the "
    "day of the restore",
    fix="set the retention that is claimed (snapshot_retention_limit, backup_retention_period, a backup plan), or "
    "claim less",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/AmazonElastiCache/latest/red-ug/backups-automatic.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each claim of backups against the longest that is kept of the store that it names."""
    for claim in facts.where(Claim, subject="backups"):
        if not isinstance(claim.value, Duration):
            continue
        for store in stores_named(facts, claim.measure):
            if store.kind not in ("database", "cache", "table", "file-system"):
                continue  # objects are kept by versions and copies
            kept, missing = _kept(facts, store)
            if kept >= claim.value.seconds:
                continue
            if missing:
                yield RULE.unknown(f"how long backups of {store.of} are kept is not known", missing, store.of)
                continue
            said = f"they are kept {Duration(kept)}" if kept else "none is kept"
            yield RULE.refuted(
                f"backups of {store.of} for {claim.value} are claimed, and {said}",
                store.of,
                *written(claim),
                evidence=(f"claim: backups {claim.measure} {claim.value}",),
            )


def _kept(facts: Facts, store: Store) -> tuple[int, list[Unknown]]:
    """The longest retention of a store's backups and of the plans that take it in, with what is not known of them."""
    longest = 0
    missing: list[Unknown] = []
    taken_in = facts.ask(Member, member=store.of)
    of = [store.of, *(member.of for member in taken_in.matches)]
    plans = {backup.of for backup in facts.all(Backup)}
    missing += [
        member.member for member in taken_in.doubts if member.of in plans and isinstance(member.member, Unknown)
    ]
    for each in of:
        for backup in facts.where(Backup, of=each):
            if isinstance(backup.keeps, Unknown):
                missing.append(backup.keeps)
            else:
                longest = max(longest, backup.keeps)
    return longest, missing
