"""A database that leaves nothing behind when it is deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.stores import of_aws, standing_alone
from seawall.check.rule import Rule
from seawall.facts.data import Replicates
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DATA-005",
    severity=Severity.MEDIUM,
    summary="A database is deleted without a last snapshot",
    why="deleting an instance deletes its automated backups with it; the last snapshot is what remains",
    fix="set skip_final_snapshot false and name the snapshot",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Databases that are nobody's copy."""
    for store in standing_alone(facts, "database"):
        # Azure has no such snapshot: it keeps a deleted server's backups by itself.
        if facts.where(Replicates, target=store.of) or not of_aws(store):
            continue
        if isinstance(store.final_snapshot, Unknown):
            what = f"whether {store.of} leaves a last snapshot is not known"
            yield RULE.unknown(what, [store.final_snapshot], store.of)
        elif not store.final_snapshot:
            yield RULE.refuted(f"{store.of} skips the final snapshot", store.of)
