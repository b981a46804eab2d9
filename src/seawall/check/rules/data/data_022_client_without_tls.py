"""A driver that talks in clear to a database that does not listen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clients import clients_of_stores
from seawall.analyze.stores import setting
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-022",
    severity=Severity.HIGH,
    summary="An application turns TLS off for a database that insists on it",
    why="the database refuses connections in clear, so the application does not start; or somebody turns the "
    "requirement off to make it start",
    fix="remove useSSL=false or sslMode=DISABLED from the URL, and verify the certificate (sslMode=VERIFY_IDENTITY, "
    "sslmode=verify-full)",
    layers=("application", "terraform"),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mariadb-ssl-connections.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """The URLs of data sources against what the database's parameters demand."""
    for client, store in clients_of_stores(facts):
        if client.kind != "database" or client.tls != "off":
            continue
        required = setting(facts, store.of, "tls-required")
        if required is not None and required.value is True:
            yield RULE.refuted(
                f"{client.source} connects to {store.of} without TLS, which it requires",
                client.source,
                store.of,
                evidence=(f"{client.said} turns TLS off", f"{required.of} requires it"),
            )
