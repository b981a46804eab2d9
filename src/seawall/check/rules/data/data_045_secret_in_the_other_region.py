"""Secrets that stay in their region."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Secret, SecretStore, SecretSync
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Ref, Textual, Unknown

RULE = Rule(
    id="DATA-045",
    severity=Severity.HIGH,
    summary="A cluster reads a secret in a region where it is not",
    why="Secrets Manager and the Parameter Store are regional; in the region that is to take over nothing has that "
    "name, and pods wait for a secret that never comes",
    fix="replicate the secret (replica, with a key of that region), or make it there",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/create-manage-multi-region-secrets.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """What each synchronisation asks for against the regions in which the input has it."""
    for sync in facts.all(SecretSync):
        store = facts.one(SecretStore, of=sync.store)
        if store is None or isinstance(store.region, Unknown) or not store.region:
            continue
        for remote in sync.remote:
            held = [secret for secret in _named(facts, remote) if secret.region != ""]
            if not held or any(isinstance(secret.region, Unknown) for secret in held):
                continue  # it may be made by hand
            if not any(secret.region == store.region or store.region in secret.replicas for secret in held):
                secret = held[0]
                yield RULE.refuted(
                    f"{sync.of} reads {_spelled(remote)} in {store.region}, and it is in {secret.region} only",
                    sync.of,
                    secret.of,
                    store.of,
                )


def _named(facts: Facts, remote: Textual) -> list[Secret]:
    found: tuple[Secret, ...] = ()
    if isinstance(remote, Ref):
        found = facts.where(Secret, of=remote.to)
    elif isinstance(remote, str):
        found = facts.where(Secret, name=remote)
    return sorted(found, key=lambda secret: secret.of)


def _spelled(remote: Textual) -> str:
    return str(remote.to) if isinstance(remote, Ref) else str(remote)
