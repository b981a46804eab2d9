"""An alert on what a counter has come to since it was made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.telemetry import Compares
from seawall.kernel.finding import Finding, Severity
from seawall.knowledge.exporters.catalogue import exporter, names

RULE = Rule(
    id="OBS-115",
    severity=Severity.MEDIUM,
    summary="An alert compares a counter as it stands",
    why="a counter only grows: once above the threshold the alert fires until the process is made anew, whatever has "
    "happened since, and people learn to look away",
    fix="ask how much it has grown of late: increase(metric[1h]) > 5",
    layers=("kubernetes",),
    source="https://cloudflare.github.io/pint/checks/promql/counter.html",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Alerts that fire above a number of a counter, by its exporter's own word or by the ending that counters have."""
    for one in facts.all(Compares):
        if not one.growth and one.number >= 0 and _is_counter(one.metric):
            yield RULE.refuted(
                f"{one.of} fires as long as {one.metric} is above {one.number:g}, which it never falls below again",
                one.of,
                evidence=(one.query,),
            )


@cache
def _is_counter(metric: str) -> bool:
    types = {known[metric].type for known in map(exporter, names()) if known and metric in known}
    return types == {"counter"} if types else metric.endswith("_total")
