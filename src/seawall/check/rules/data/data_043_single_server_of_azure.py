"""A product line that is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-043",
    severity=Severity.CRITICAL,
    summary="A database is of a product line that Azure has retired",
    why="MySQL Single Server ended on 2024-09-16 and azurerm 4.0 has no such resource: nothing is made, in "
    "particular not on the day of the disaster",
    fix="use azurerm_mysql_flexible_server",
    layers=("terraform",),
    source="https://www.pulumi.com/registry/packages/azure@5.x/api-docs/mysql/server/",
    read=date(2026, 11, 22),
)


RETIRED = {"Azure Database for MySQL Single Server": "2024-09-16"}
"""Since when a product line is no more."""


def check(facts: Facts) -> Iterator[Finding]:
    """Stores of an offering that is retired."""
    for setting in facts.where(Setting, key="offering"):
        if setting.value in RETIRED and isinstance(setting.of, Address):
            since = RETIRED[setting.value]
            yield RULE.refuted(f"{setting.of} is of {setting.value}, retired on {since}", setting.of)
