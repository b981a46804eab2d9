"""TLS on one side only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clients import clients_of_stores
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Listens
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-110",
    severity=Severity.HIGH,
    summary="An application and its cache do not agree about TLS",
    why="a client that talks in clear to a cache that wants TLS is cut off, and so is one that begins TLS where "
    "nobody answers in it",
    fix="set spring.data.redis.ssl.enabled (or rediss://) where transit_encryption_enabled is set, and nowhere else",
    layers=("application", "terraform"),
    source="https://docs.aws.amazon.com/AmazonElastiCache/latest/red-ug/in-transit-encryption.html",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """What each Redis client speaks against what its cache does."""
    for client, store in clients_of_stores(facts):
        if client.kind != "cache":
            continue
        for listens in facts.where(Listens, of=store.of):
            if client.tls == "off" and listens.tls == "required":
                what = "in clear, and it wants TLS"
            elif client.tls == "on" and listens.tls == "none":
                what = "with TLS, and it has none"
            else:
                continue
            yield RULE.refuted(
                f"{client.source} talks to {store.of} {what}", client.source, store.of, evidence=(client.said,)
            )
