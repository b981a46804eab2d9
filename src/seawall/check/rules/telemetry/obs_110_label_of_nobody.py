"""A query that reads a label which the metric does not have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.metrics import cluster_of, missing, observed, offered
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="OBS-110",
    severity=Severity.HIGH,
    summary="A query reads a label that the metric does not have, or not with that value",
    why="a matcher on it finds nothing, a grouping by it puts everything into one, and a message that names it says "
    "nothing",
    fix="read a label that the metric has; one that the scrape's own stands in the way of is called exported_NAME, "
    "unless the scrape honours the metric's labels",
    layers=("kubernetes",),
    source="https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config",
    read=date(2026, 8, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each metric's labels in matchers, groupings and messages, against those with which it is exported."""
    for demand in dict.fromkeys(observed(facts)):
        found = offered(facts, cluster_of(demand.source), demand.metric) if demand.metric else ()
        said = (demand.said,) if demand.said else ()
        meant = [each for each in found if each.fits(demand.only)]
        if found and not meant:
            only = ", ".join(f"{label} {value}" for label, value in demand.only)
            others = sorted({f"{label} {value}" for each in found for label, value in each.always})
            yield RULE.refuted(
                f"{demand.source} asks for {demand.metric} of {only}, and it is exported of {', '.join(others)}",
                demand.source,
                evidence=said,
            )
            continue
        lacks = missing(demand.labels, meant)
        if lacks is None or demand.only:
            continue
        labels, nearest = lacks
        what = f"{demand.source} reads {', '.join(sorted(labels))} of {demand.metric}"
        known = f"which has {', '.join(sorted(nearest.labels))}"
        if not labels:
            hidden = sorted(nearest.shadowed & set(demand.labels))
            what = f"{demand.source} reads {', '.join(hidden)} of {demand.metric}"
            known = f"which is the exporter's; its own is {', '.join(f'exported_{label}' for label in hidden)}"
        yield RULE.refuted(f"{what}, {known}", demand.source, nearest.by, evidence=said)
