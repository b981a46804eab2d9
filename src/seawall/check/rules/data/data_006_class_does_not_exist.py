"""An instance class that AWS does not offer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.knowledge.managed_classes import sizes_of

RULE = Rule(
    id="DATA-006",
    severity=Severity.HIGH,
    summary="An instance class does not exist",
    why="the plan is accepted and the apply fails; in a recovery plan that nobody has played it fails on the "
    "day it counts",
    fix="choose a size that the family has",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.html",
    read=date(2026, 10, 20),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Classes of databases and caches whose family is in the table and whose size is not."""
    for store in facts.all(Store):
        if store.kind not in ("database", "cache") or isinstance(store.class_, Unknown) or not store.class_:
            continue
        family, _, size = store.class_.rpartition(".")
        sizes = sizes_of(family, store.engine)
        if sizes is not None and size not in sizes:
            offered = ", ".join(sizes) or "none"
            yield RULE.refuted(
                f"{store.of} asks for {store.class_}; {family} for {store.engine} comes in {offered}", store.of
            )
