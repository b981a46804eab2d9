"""Scaling that a secondary does not have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.copies import wholes
from seawall.analyze.named import stores_named
from seawall.check.rule import Rule
from seawall.facts.fact import Link
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-015",
    severity=Severity.LOW,
    summary="Readers of a global database's secondary are to scale by themselves",
    why="Aurora Auto Scaling does not work on secondary clusters, so the readers stay as many as they are",
    fix="set the number of readers of the secondary, with its part in a failover in mind",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Clusters whose readers are scaled against the secondaries of global databases."""
    scaled = {of for setting in facts.where(Setting, key="replica-autoscaling") for of in _meant(facts, setting.of)}
    for whole, (_, *others) in wholes(facts, "database"):
        for other in others:
            if other.of in scaled:
                yield RULE.refuted(f"the readers of {other.of}, a secondary of {whole}, are to scale", other.of, whole)


def _meant(facts: Facts, of: Link) -> tuple[Address, ...]:
    """The cluster that is scaled: Application Auto Scaling names it by its identifier."""
    if not isinstance(of, Address):
        return ()
    return tuple(store.of for store in stores_named(facts, of.removeprefix("outside:"))) if of.is_outside else (of,)
