"""Automatic failover of a single node."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-027",
    severity=Severity.HIGH,
    summary="A cache is to fail over and has no replica",
    why="automatic failover and Multi-AZ promote a replica; with one node there is none, and ElastiCache refuses the "
    "apply",
    fix="set num_cache_clusters to 2 or more, or leave automatic failover off",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonElastiCache/latest/red-ug/AutoFailover.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Caches that fail over by themselves against how many nodes they have; shards need the setting in any case."""
    sharded = {setting.of for setting in facts.where(Setting, key="cluster-mode") if setting.value is not False}
    for setting in facts.where(Setting, key="automatic-failover"):
        if setting.value is not True or not isinstance(setting.of, Address) or setting.of in sharded:
            continue
        store = facts.one(Store, of=setting.of)
        if store is not None and store.nodes == 1:
            yield RULE.refuted(f"{store.of} has automatic failover and one node", store.of)
