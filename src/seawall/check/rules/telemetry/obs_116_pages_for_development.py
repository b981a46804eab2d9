"""An alert that pages somebody for development as for production."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.alert_routes import labels_of, told
from seawall.analyze.environments import environment_of
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.telemetry import Alarm, Compares, Emits, Exports, Routes, Scraped
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.knowledge.exporters.catalogue import exporter

RULE = Rule(
    id="OBS-116",
    severity=Severity.MEDIUM,
    summary="An alert wakes somebody for development as for production",
    why="what is tried out fails often and hurts nobody; whoever is woken for it a third time puts the pager away, and "
    "misses production",
    fix='choose production in the alert\'s query (namespace="prod"), and let a rule of its own warn of the others',
    layers=("kubernetes",),
    source="https://sre.google/sre-book/monitoring-distributed-systems/",
    read=None,
)

_PAGERS = frozenset({"pagerduty", "opsgenie", "victorops"})
_TELL = frozenset({"namespace", "exported_namespace", "environment", "env", "stage", "job", "service", "pod"})
"""Labels by which a query may have chosen an environment's series."""


def check(facts: Facts) -> Iterator[Finding]:
    """Alerts on one metric that reach a pager, against the environments of the namespaces that it comes from."""
    paging = _paging(facts)
    if not paging:
        return
    for one in facts.all(Compares):
        cluster = _cluster(one.of)
        if one.of not in paging or _TELL & set(one.chosen):
            continue
        namespaces = {
            namespace
            for scraped in facts.all(Scraped)
            if _cluster(scraped.of) == cluster and _exports(facts, scraped.of, one.metric)
            for namespace in scraped.namespaces
        }
        stated = {namespace: environment_of(facts, namespace) for namespace in sorted(namespaces)}
        others = {environment for environment in stated.values() if environment not in (None, "production")}
        if "production" in stated.values() and others:
            yield RULE.refuted(
                f"{one.of} pages for {one.metric} of {', '.join(sorted(str(each) for each in others))} as for that of "
                "production",
                one.of,
                evidence=(one.query, *(f"{namespace}: {environment}" for namespace, environment in stated.items())),
            )


def _paging(facts: Facts) -> frozenset[Address]:
    """The alerts of which Alertmanager surely tells a pager."""
    found: set[Address] = set()
    for routes in facts.all(Routes):
        means = dict(routes.means)
        for alarm in facts.all(Alarm):
            if not alarm.metric.startswith("prometheus/") or _cluster(alarm.of) != _cluster(routes.of):
                continue
            ends = told(routes.root, labels_of(alarm))
            receivers = () if isinstance(ends, Unknown) else tuple(end.receiver for end in ends)
            if any(name in _PAGERS for receiver in receivers for name, _ in means.get(receiver, ())):
                found.add(alarm.of)
    return frozenset(found)


def _exports(facts: Facts, monitor: Address, metric: str) -> bool:
    return any(each.metric == metric for each in facts.where(Emits, of=monitor)) or any(
        metric in (exporter(each.exporter) or {}) for each in facts.where(Exports, of=monitor)
    )


def _cluster(address: Address) -> str:
    parts = address.owner.as_kubernetes()
    return parts.cluster if parts is not None else ""
