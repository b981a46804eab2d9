"""More connections than a class has memory for."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.stores import setting, standing_alone
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.knowledge.database_classes import connections

RULE = Rule(
    id="DATA-135",
    severity=Severity.MEDIUM,
    summary="A database is told to accept more than twice the connections that AWS reckons for its class",
    why="the default follows from the memory of the class, of which the cache takes most; a database that accepts "
    "them all runs out of memory and restarts, where at its default it would refuse the one that is too many",
    fix="leave max_connections to its default, take a larger class, or put a proxy in between",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html",
    read=None,
)

TIMES = 2
"""Within twice of the default people tune; the default itself is AWS's DBInstanceClassMemory by a fixed size."""


def check(facts: Facts) -> Iterator[Finding]:
    """A max_connections of a parameter group against the default of the database's class."""
    for store in standing_alone(facts, "database"):
        told = setting(facts, store.of, "max-connections")
        if told is None or not isinstance(told.value, int) or not isinstance(store.class_, str):
            continue
        engine = "postgresql" if store.engine == "postgres" else store.engine
        usual = connections(engine, store.class_)
        if usual is not None and told.value > TIMES * usual:
            yield RULE.refuted(
                f"{store.of} accepts {told.value} connections, and the default of {store.class_} is at most {usual}",
                store.of,
                evidence=(f"{told.of}: max_connections {told.value}",),
            )
