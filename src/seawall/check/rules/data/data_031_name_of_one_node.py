"""A client bound to one node."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from seawall.analyze.clients import every_client
from seawall.analyze.named import stores_named
from seawall.analyze.reachability.targets import resolve
from seawall.analyze.stores import cluster_of, servers
from seawall.check.rule import Rule
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Ref, Unknown
from seawall.readers.application.clients import Client

RULE = Rule(
    id="DATA-031",
    severity=Severity.HIGH,
    summary="An application connects to one node of a store that fails over",
    why="a node keeps its name when another becomes the primary, so the application goes on writing to what has "
    "become a replica, or to nobody",
    fix="use the primary or configuration endpoint of a cache, the cluster endpoint of Aurora",
    layers=("application",),
    source="https://docs.aws.amazon.com/AmazonElastiCache/latest/red-ug/AutoFailover.html",
    read=date(2023, 6, 1),
)


_NODE = re.compile(r"(?:host:)?(?P<group>[a-z0-9-]+)-0\d{2}\.(?:[a-z0-9-]+\.)+cache\.amazonaws\.com(?:\.cn)?")
"""The name of a node of a replication group: the group's, and the node's number in three digits."""


def check(facts: Facts) -> Iterator[Finding]:
    """The hosts of data sources and Redis clients against the single nodes of stores that have several."""
    for client in every_client(facts):
        store = _one_of(facts, client)
        if store is not None:
            yield RULE.refuted(
                f"{client.source} connects to {client.named}, one node of {store.of}",
                client.source,
                store.of,
                evidence=(client.said,),
            )


def _one_of(facts: Facts, client: Client) -> Store | None:
    """The store of several nodes of which a client names one."""
    if isinstance(client.named, Ref):
        return _cluster(facts, client.named.to)
    if isinstance(client.named, Unknown):
        return None
    place = resolve(facts, client.source, client.target)
    if place.definite and len(place.things) == 1 and (whole := _cluster(facts, place.things[0])) is not None:
        return whole
    match = _NODE.fullmatch(str(client.named))
    for store in stores_named(facts, match["group"]) if match else ():
        if store.kind == "cache" and not (isinstance(store.nodes, int) and store.nodes < 2):
            return store
    return None


def _cluster(facts: Facts, of: Address) -> Store | None:
    """The cluster of several servers that a database server is one of."""
    server = facts.one(Store, of=of)
    whole = cluster_of(facts, server) if server is not None and server.kind == "database" else None
    return whole if whole is not None and len(servers(facts, whole)) > 1 else None
