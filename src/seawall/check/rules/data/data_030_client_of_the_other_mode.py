"""A client for another mode."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clients import clients_of_stores
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-030",
    severity=Severity.HIGH,
    summary="A Redis client does not fit the mode of its cache",
    why="with shards a simple client is sent from node to node and fails with MOVED; without cluster mode a cluster "
    "client fails at CLUSTER SLOTS",
    fix="use spring.data.redis.cluster.nodes with the configuration endpoint, or host with the primary endpoint",
    layers=("application", "terraform"),
    source="https://docs.aws.amazon.com/AmazonElastiCache/latest/red-ug/Endpoints.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """What each Redis client expects against the cache's mode."""
    for client, store in clients_of_stores(facts):
        modes = [setting.value for setting in facts.where(Setting, of=store.of) if setting.key == "cluster-mode"]
        if store.kind != "cache" or not modes:
            continue
        if modes[0] is True and client.mode == "single":
            what = "is no cluster client, and the cache is in cluster mode"
        elif modes[0] is False and client.mode == "cluster":
            what = "is a cluster client, and the cache is not in cluster mode"
        else:
            continue
        yield RULE.refuted(
            f"the client of {client.source} for {store.of} {what}", client.source, store.of, evidence=(client.said,)
        )
