"""A query for a metric that nobody exports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.metrics import cluster_of, observed, offered, open_to
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="OBS-003",
    severity=Severity.HIGH,
    summary="A query asks for a metric that nobody exports",
    why="Prometheus answers it with nothing: a panel stays empty, an autoscaler stands still, an alert never fires, "
    "and none of them says why",
    fix="ask for the metric by the name under which it is exported, or have what exports it scraped",
    layers=("kubernetes",),
    source="https://prometheus.io/docs/prometheus/latest/querying/basics/",
    read=date(2026, 8, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each metric of each alert, record, panel, analysis and autoscaler, against what its cluster's Prometheus has."""
    doubtful: dict[Address, tuple[dict[str, None], dict[Unknown, None]]] = {}
    for demand in dict.fromkeys(observed(facts)):
        cluster = cluster_of(demand.source)
        if demand.only or (demand.metric and offered(facts, cluster, demand.metric)):
            continue  # whose metric is meant is asked of one that somebody exports
        if demand.metric:
            reasons = list(open_to(facts, cluster, demand.metric))
        else:
            reasons = [Unknown(f"{demand.source}.query", why="a pattern stands where the metric's name would")]
        if not reasons:
            yield RULE.refuted(
                f"{demand.source} asks for {demand.metric}",
                demand.source,
                evidence=(demand.said,) if demand.said else (),
            )
            continue
        metrics, because = doubtful.setdefault(demand.source, ({}, {}))
        metrics[demand.metric or "any name"] = None
        because |= dict.fromkeys(reasons)
    for source, (metrics, because) in doubtful.items():
        spelled = ", ".join(sorted(metrics))
        yield RULE.unknown(f"whether anybody exports what {source} asks for is not known: {spelled}", because, source)
