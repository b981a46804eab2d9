"""A secret that is rotated and fetched once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.texts import same
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Secret, SecretSync
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Ref, Textual
from seawall.kernel.verdict import Answer

RULE = Rule(
    id="K8S-027",
    severity=Severity.HIGH,
    summary="A secret is rotated, and the cluster fetches it once",
    why="after the first rotation the cluster holds a password that no longer holds: pods that start from then on "
    "are "
    "refused, and nothing says why",
    fix="set a refreshInterval well below the rotation's, and restart pods when the secret changes",
    layers=("kubernetes", "terraform"),
    source="https://external-secrets.io/latest/api/externalsecret/",
    read=date(2026, 11, 22),
)

MANAGED = "master_user_secret"
"""The attribute of a database whose password its service keeps and rotates."""


def check(facts: Facts) -> Iterator[Finding]:
    """Synchronisations that never look again, of secrets that something replaces."""
    for sync in facts.all(SecretSync):
        if sync.every != 0:
            continue
        for remote in sync.remote:
            rotated = _rotated(facts, remote)
            if rotated is not None:
                yield RULE.refuted(f"{sync.of} fetches {remote} once, and it is rotated", sync.of, rotated)


def _rotated(facts: Facts, remote: Textual) -> Address | None:
    """The secret that a name means, if something replaces it."""
    if isinstance(remote, Ref) and remote.attr.startswith(MANAGED):
        return remote.to
    for secret in facts.all(Secret):
        named = isinstance(remote, Ref) and remote.to == secret.of
        if not named and same(secret.name, remote) is not Answer.PROVEN:
            continue
        if secret.rotates is True or any(each.key == "secret-rotation" for each in facts.where(Setting, of=secret.of)):
            return secret.of
    return None
