"""A database whose version is no longer supported as a matter of course."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.stores import of_aws, setting, standing_alone
from seawall.check.rule import Rule
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.resilience import Today
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.knowledge.engine_support import support

RULE = Rule(
    id="DATA-125",
    severity=Severity.HIGH,
    summary="A database's major version is out of standard support",
    why="extended support is charged by vCPU and hour on top, and where there is none, or it ends, the major version "
    "is changed whether or not anybody is ready",
    fix="upgrade the major version, first on a copy that was restored for it",
    layers=("terraform", "cost"),
    source="https://github.com/endoflife-date/endoflife.date/tree/c86378a1f38e/products",
    read=date(2026, 8, 16),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Databases and caches of AWS against the calendar, on the day of the check."""
    for today in facts.all(Today):
        for store in standing_alone(facts, "database", "cache"):
            found = support(store.engine, store.version) if isinstance(store.version, str) else None
            if found is None or not of_aws(store) or store.of.as_terraform() is None:
                continue
            major, ends = found
            if ends.extended is not None and ends.standard < today.day <= ends.extended:
                yield RULE.refuted(
                    f"{store.of} runs {store.engine} {major}, whose standard support ended on {ends.standard}; "
                    + _what_follows(facts, store, ends.extended),
                    store.of,
                )
            elif today.day > (ends.extended or ends.standard):
                yield RULE.refuted(
                    f"{store.of} runs {store.engine} {major}, whose support ended on {ends.extended or ends.standard}",
                    store.of,
                    severity=Severity.CRITICAL,
                )


def _what_follows(facts: Facts, store: Store, ends: date) -> str:
    kept = setting(facts, store.of, "extended-support")
    if kept is None or kept.value is True:
        return f"AWS enrols it in extended support, which ends on {ends}"
    if isinstance(kept.value, Unknown):
        return f"extended support, if it is wanted, ends on {ends}"
    return "extended support is declined, so AWS upgrades it in a maintenance window"
