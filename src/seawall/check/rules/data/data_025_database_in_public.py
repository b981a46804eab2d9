"""A database with a public address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DATA-025",
    severity=Severity.CRITICAL,
    summary="A database has a public address",
    why="one rule of one security group is then all that stands between it and the internet",
    fix="set publicly_accessible false and put it into private subnets",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Databases, caches and streams that say they are public."""
    for store in facts.all(Store):
        if store.kind not in ("database", "cache", "stream"):
            continue
        if isinstance(store.public, Unknown):
            yield RULE.unknown(f"whether {store.of} has a public address is not known", [store.public], store.of)
        elif store.public:
            yield RULE.refuted(f"{store.of} is publicly accessible", store.of)
