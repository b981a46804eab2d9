"""Sentinel where nobody keeps watch."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.clients import clients_of_stores
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-029",
    severity=Severity.HIGH,
    summary="A client asks for Redis Sentinel at an ElastiCache that has none",
    why="ElastiCache fails over by its DNS names and runs no Sentinel; nothing listens on port 26379, and the client "
    "never gets a connection",
    fix="set spring.data.redis.host to the primary endpoint (or cluster.nodes to the configuration endpoint)",
    layers=("application", "terraform"),
    source="https://docs.aws.amazon.com/AmazonElastiCache/latest/red-ug/Endpoints.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Clients with Sentinel whose nodes are caches of AWS; those that run in the cluster may have one."""
    for client, store in clients_of_stores(facts):
        if client.mode == "sentinel" and store.kind == "cache":
            yield RULE.refuted(
                f"{client.source} asks {store.of} for Sentinel", client.source, store.of, evidence=(client.said,)
            )
