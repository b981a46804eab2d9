"""A query that is not understood, or whose result lacks what is read of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.telemetry import Misread
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="OBS-112",
    severity=Severity.HIGH,
    summary="A query does not say what is read of it",
    why="Prometheus loads no group of rules in which one is no PromQL; a label that the expression has summed away is "
    "empty in every message that names it",
    fix="write it as Prometheus takes it, and keep the labels that are read: `sum by (pod) (...)`",
    layers=("kubernetes",),
    source="https://prometheus.io/docs/prometheus/latest/querying/basics/",
    read=date(2026, 8, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each query that could not be read, or of which more is read than is left."""
    for misread in facts.all(Misread):
        yield RULE.refuted(f"{misread.of}: {misread.why}", misread.of, evidence=(misread.query,))
