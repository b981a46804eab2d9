"""A regional endpoint across regions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clients import clients_of_stores
from seawall.analyze.clusters import cluster_of
from seawall.analyze.copies import wholes
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-012",
    severity=Severity.HIGH,
    summary="An application is bound to another region's half of a global database",
    why="when the global database changes sides that name becomes a reader's or disappears; the application, beside "
    "the new writer, goes on asking the old one",
    fix="use the global writer endpoint, or a name of your own that is switched with the database",
    layers=("application", "kubernetes", "terraform"),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-connecting.html",
    read=date(2025, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Clients of a global database's cluster in another region than their own, where the database has a cluster, too.

    Where each region has an application of its own that moves with its database, regional names are right.
    """
    members = {store.of: (whole, found) for whole, found in wholes(facts, "database") for store in found}
    for client, store in clients_of_stores(facts) if members else ():
        cluster = cluster_of(facts, client.source)
        if store.of not in members or cluster is None or not isinstance(cluster.region, str):
            continue
        whole, found = members[store.of]
        near = [other for other in found if other.region == cluster.region and other.of != store.of]
        if near and store.region != cluster.region:
            yield RULE.refuted(
                f"{client.source} in {cluster.region} connects to {store.of} in {store.region}, one half of {whole}",
                client.source,
                store.of,
                near[0].of,
                evidence=(client.said,),
            )
