"""Data at rest in clear."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.stores import standing_alone
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DATA-102",
    severity=Severity.HIGH,
    summary="A store does not encrypt what it keeps",
    why="snapshots, copies and discarded disks then hold the data in clear, and encryption cannot be switched "
    "on in place",
    fix="set storage_encrypted (at_rest_encryption_enabled, encrypted) true, with a key of your own where the law asks",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html",
    read=None,
)

KINDS = ("database", "cache", "volume", "file-system", "stream", "table")


def check(facts: Facts) -> Iterator[Finding]:
    """Stores that can be unencrypted; servers of a cluster have its encryption."""
    for store in standing_alone(facts, *KINDS):
        if isinstance(store.encrypted, Unknown):
            yield RULE.unknown(f"whether {store.of} encrypts what it keeps is not known", [store.encrypted], store.of)
        elif not store.encrypted:
            yield RULE.refuted(f"{store.of} keeps its data in clear", store.of)
