"""A store that one wrong plan deletes."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.stores import setting, standing_alone
from seawall.check.rule import Rule
from seawall.facts.data import Replicates
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="TF-009",
    severity=Severity.HIGH,
    summary="A database can be deleted by one wrong plan",
    why="a renamed resource or a destroy of the wrong workspace deletes it; with protection AWS refuses",
    fix="set deletion_protection true",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Databases and tables that are nobody's copy and hold more than locks."""
    for store in standing_alone(facts, "database", "table"):
        locks = setting(facts, store.of, "state-lock")
        if facts.where(Replicates, target=store.of) or (locks is not None and locks.value is True):
            # A copy can be made again, and a table of locks holds nothing that lasts.
            continue
        if isinstance(store.deletion_protected, Unknown):
            what = f"whether {store.of} is protected from deletion is not known"
            yield RULE.unknown(what, [store.deletion_protected], store.of)
        elif not store.deletion_protected:
            yield RULE.refuted(f"{store.of} has no deletion protection", store.of)
