"""A database without automated backups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.stores import standing_alone
from seawall.check.rule import Rule
from seawall.facts.data import Backup, Replicates
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DATA-004",
    severity=Severity.CRITICAL,
    summary="A database has no automated backups",
    why="without them there is no point-in-time restore: a wrong DELETE, a failed migration or a lost volume is final",
    fix="set backup_retention_period to at least 7 days",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Databases that are nobody's copy, against the backups that are stated for them."""
    for store in standing_alone(facts, "database"):
        if facts.where(Replicates, target=store.of):
            continue
        backups = facts.where(Backup, of=store.of)
        if not backups:
            yield RULE.refuted(f"{store.of} keeps no automated backups", store.of)
        else:
            holes = [backup.keeps for backup in backups if isinstance(backup.keeps, Unknown)]
            if len(holes) == len(backups):
                yield RULE.unknown(f"how long backups of {store.of} are kept is not known", holes, store.of)
