"""More connections at the peak than the class of a database accepts where nobody says how many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.analyze.pools import opened, pools_of
from seawall.analyze.stores import of_aws, setting, standing_alone
from seawall.check.rule import Rule
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.network import Member
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.knowledge.database_classes import connections

RULE = Rule(
    id="DATA-140",
    severity=Severity.HIGH,
    summary="At their largest the workloads open more connections than the class of the database accepts",
    why="the default of max_connections follows from the memory of the class; what is above it is refused, exactly at "
    "the peak that the scaling was for, and sooner while a release runs both versions",
    fix="make the pools smaller, the maximum of replicas lower, the class larger, or put a proxy in between",
    layers=("application", "kubernetes", "terraform"),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html",
    read=None,
)

_ENGINES: Final = {"mysql": "mysql", "postgres": "postgresql"}


def check(facts: Facts) -> Iterator[Finding]:
    """The sum of pool times replicas over every workload, against the default of a single database's class."""
    by_store = pools_of(facts)
    for store in standing_alone(facts, "database"):
        if not of_aws(store) or store.engine not in _ENGINES or not isinstance(store.class_, str):
            continue
        usual = connections(_ENGINES[store.engine], store.class_)
        if usual is None or _is_told(facts, store):
            continue
        own = by_store.get(store.of, [])
        most = opened(facts, own)
        if most.total > usual:
            yield RULE.refuted(
                f"{store.of} accepts {usual} connections at the most as a {store.class_}; its clients may open "
                f"{most.total}",
                store.of,
                *sorted(pool.of for pool in own),
                evidence=most.lines,
            )


def _is_told(facts: Facts, store: Store) -> bool:
    """Whether a limit is stated for a database, or may be by a group that is not in the input."""
    groups = [member.of for member in facts.where(Member, member=store.of)]
    foreign = any(isinstance(group, Unknown) or group.is_outside for group in groups)
    return foreign or setting(facts, store.of, "max-connections") is not None
