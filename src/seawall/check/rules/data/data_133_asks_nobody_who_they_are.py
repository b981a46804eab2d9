"""A cache or stream that lets in whoever reaches it."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DATA-133",
    severity=Severity.MEDIUM,
    summary="A store asks nobody who they are",
    why="its groups are all that protects it, and they admit whole nodes: any pod of the cluster, of another team or "
    "environment, may read, change and delete everything in it",
    fix="let clients sign in: users of IAM (a replication group with a user group; MSK with sasl.iam), or a token",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Stores whose settings say that they take anonymous clients."""
    for setting in facts.all(Setting):
        if setting.key != "anonymous" or isinstance(setting.of, Unknown):
            continue
        for store in facts.where(Store, of=setting.of):
            if isinstance(setting.value, Unknown):
                yield RULE.unknown(f"whether {store.of} lets in anybody is not known", [setting.value], store.of)
            elif setting.value:
                yield RULE.refuted(f"{store.of} lets in whoever reaches it", store.of)
