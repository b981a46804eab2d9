"""More connections at the peak than the database accepts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.pools import opened, pools_of
from seawall.analyze.stores import setting
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DATA-019",
    severity=Severity.HIGH,
    summary="At their largest the workloads open more connections than the database accepts",
    why="the database refuses the connections that are one too many, exactly at the peak that the scaling was for",
    fix="make the pools smaller, the maximum of replicas lower, or put a proxy in between",
    layers=("application", "kubernetes", "terraform"),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """The sum of pool times replicas over every workload, against the limit that the store's parameters set."""
    for store, pools in pools_of(facts).items():
        limit = setting(facts, store, "max-connections")
        if limit is None:
            continue
        most = opened(facts, pools)
        missing = [*([limit.value] if isinstance(limit.value, Unknown) else ()), *most.missing]
        known = limit.value if isinstance(limit.value, int) else None
        if known is not None and most.total > known:
            yield RULE.refuted(
                f"{store} accepts {known} connections; its clients may open {most.total}",
                store,
                *sorted(pool.of for pool in pools),
                evidence=(*most.lines, f"{limit.of}: max_connections {known}"),
            )
        elif missing:
            what = f"whether {store} accepts all connections is not known"
            yield RULE.unknown(what, missing, store, evidence=most.lines)
