"""More connections at the peak than the database accepts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.reachability.targets import resolve
from seawall.analyze.scale import replicas
from seawall.analyze.stores import setting
from seawall.check.rule import Rule
from seawall.facts.compute import Workload
from seawall.facts.data import Pool, Store
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
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
    pools: dict[Address, list[Pool]] = {}
    for pool in facts.all(Pool):
        found = resolve(facts, pool.of, pool.to)
        for thing in found.things:
            if facts.one(Store, of=thing) is not None:
                pools.setdefault(thing, []).append(pool)
    for store, opened in pools.items():
        limit = setting(facts, store, "max-connections")
        if limit is None:
            continue
        missing: list[Unknown] = [limit.value] if isinstance(limit.value, Unknown) else []
        total = 0
        lines: list[str] = []
        for pool in opened:
            workload = facts.one(Workload, of=pool.of)
            _, most = replicas(facts, workload) if workload else (1, 1)
            holes = [value for value in (pool.size, most) if isinstance(value, Unknown)]
            missing += holes
            if isinstance(pool.size, int) and isinstance(most, int):
                total += pool.size * most
                lines.append(f"{pool.of}: {most} pods at the most, {pool.size} connections each")
        known = limit.value if isinstance(limit.value, int) else None
        if known is not None and total > known:
            yield RULE.refuted(
                f"{store} accepts {known} connections; its clients may open {total}",
                store,
                *sorted(pool.of for pool in opened),
                evidence=(*sorted(lines), f"{limit.of}: max_connections {known}"),
            )
        elif missing:
            what = f"whether {store} accepts all connections is not known"
            yield RULE.unknown(what, missing, store, evidence=sorted(lines))
