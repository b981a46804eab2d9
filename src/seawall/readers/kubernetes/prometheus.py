"""Prometheus' operator: what it scrapes, which series rules record, which alerts they raise."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from seawall.facts.fact import Demand, Fact, Known
from seawall.facts.pod_network import Labels, Selector
from seawall.facts.telemetry import Alarm, Compares, Emits, Exports, Scraped
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.readers.kubernetes.durations import seconds
from seawall.readers.kubernetes.objects import NOTHING, Fields, Manifest, namespace_address
from seawall.readers.kubernetes.promql import compared, left
from seawall.readers.kubernetes.queries import labels_read, observed
from seawall.readers.registry import reads

EXPORTS: Final = "seawall/exports"
"""The annotation of a monitor that says what is exported: known exporters, and own metrics with their labels."""
POD: Final = ("container", "endpoint", "instance", "job", "namespace", "pod")
"""Labels that the operator has attached to each series of pods.

Source: prometheus-operator/prometheus-operator, pkg/prometheus/promcfg.go, generatePodMonitorConfig.
"""
SERVICE: Final = (*POD, "service")
_ARGUMENT: Final = re.compile(r"\{\{[^}]*\}\}")
_EVALUATED: Final = 30
"""Seconds between two evaluations where neither the group nor anything else says it: the operator's own default."""


@reads("monitoring.coreos.com/v1/PodMonitor")
def pod_monitor(resource: Resource) -> Iterator[Fact]:
    """Pods by their labels; each series gets the pod's name, its namespace and the like, and labels that are named."""
    yield from _monitor(resource, "pods", "podMetricsEndpoints", POD)


@reads("monitoring.coreos.com/v1/ServiceMonitor")
def service_monitor(resource: Resource) -> Iterator[Fact]:
    """Pods behind services by the services' labels."""
    yield from _monitor(resource, "services", "endpoints", SERVICE)


def _monitor(resource: Resource, kind: Any, ends: str, attached: tuple[str, ...]) -> Iterator[Fact]:
    body = Manifest(resource)
    selector = body.spec.selector("selector", NOTHING)
    namespaces = _namespaces(body)
    named = [*body.spec.strings("podTargetLabels"), *body.spec.strings("targetLabels")]
    labels = {*attached, *(_sanitized(name) for name in named)}
    honoured = True
    for end in body.spec.blocks(ends):
        port = end.string("port") or end.string("portNumber") or end.string("targetPort")
        yield Scraped(resource.address, kind, namespaces, selector, port, end.string("path", "/metrics"))
        labels |= {part.string("targetLabel") for part in end.blocks("relabelings") if part.has("targetLabel")}
        honoured = honoured and end.flag("honorLabels") is True
    said = _said(body.annotations)
    always = tuple(sorted(_always(body, selector, namespaces, honoured=honoured)))
    everywhere = tuple(sorted(label for label in labels if not label.startswith("__")))
    for exporter in said.get("exporters", ()):
        yield Exports(resource.address, str(exporter), everywhere, honoured, always=always)
    for metric, own in said.get("own", {}).items():
        yield Emits(resource.address, metric, joined(own, everywhere, honoured=honoured), always=always)


def _always(
    body: Manifest, selector: Selector, namespaces: tuple[Address, ...], *, honoured: bool
) -> Iterator[tuple[str, str]]:
    """Labels that the scrape gives one value: the job by a label that all pods have alike, and their one namespace."""
    if honoured:
        return
    if job := dict(selector.labels).get(body.spec.string("jobLabel")):
        yield "job", job
    if len(namespaces) == 1 and (parts := namespaces[0].as_kubernetes()) is not None:
        yield "namespace", parts.name


def joined(own: Any, attached: tuple[str, ...], *, honoured: bool) -> tuple[str, ...]:
    """All labels of a series: its own, renamed where they stand in the way of those that Prometheus attaches."""
    kept = (str(label) if honoured or label not in attached else f"exported_{label}" for label in own)
    return tuple(sorted({*kept, *attached}))


def _said(annotations: Fields) -> Mapping[str, Any]:
    text = annotations.string(EXPORTS)
    if not text:
        return {}
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, Mapping) else {}


def _namespaces(body: Manifest) -> tuple[Address, ...]:
    chosen = body.spec.block("namespaceSelector")
    if chosen.flag("any") is True:
        return ()
    names = chosen.strings("matchNames")
    return tuple(namespace_address(body.cluster, name) for name in sorted(names)) or (body.in_namespace,)


def _sanitized(label: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_]", "_", label)


@reads("monitoring.coreos.com/v1/PrometheusRule")
def rules(resource: Resource) -> Iterator[Fact | Demand]:
    """Alerts and recorded series; both ask for metrics, and an alert's words read labels of what it finds."""
    body = Manifest(resource)
    for group in body.spec.blocks("groups"):
        every = seconds(group.string("interval")) if group.has("interval") else _EVALUATED
        for rule in group.blocks("rules"):
            expression = rule.string("expr")
            added = dict((*group.labels("labels"), *rule.labels("labels")))
            if rule.has("record"):
                yield from _recorded(resource.address, rule.string("record"), expression, tuple(sorted(added.items())))
            else:
                yield from _alert(resource.address, rule, expression, every or _EVALUATED)


@reads("argoproj.io/v1alpha1/AnalysisTemplate", "argoproj.io/v1alpha1/ClusterAnalysisTemplate")
def analysis(resource: Resource) -> Iterator[Fact | Demand]:
    """The queries by which a release is judged; an argument within one stands for a text."""
    body = Manifest(resource)
    for metric in body.spec.blocks("metrics"):
        provider = metric.within("provider", "prometheus")
        if provider.has("query"):
            query = provider.string("query")
            filled = _ARGUMENT.sub("x", query)
            yield from observed(resource.address, filled, filled=filled != query)


def _recorded(of: Address, name: str, expression: str, added: Labels) -> Iterator[Fact | Demand]:
    yield from observed(of, expression)
    try:
        result = left(expression)
    except ValueError:
        return  # observed has told it
    labels = tuple(sorted({*result.labels, *(label for label, _ in added)}))
    yield Emits(of, name, labels, result.of if result.more else (), added)


def _alert(of: Address, rule: Fields, expression: str, every: int) -> Iterator[Fact | Demand]:
    name = rule.string("alert")
    texts = [value for _, value in (*rule.labels("labels"), *rule.labels("annotations"))]
    yield from observed(of, expression, {label for text in texts for label in labels_read(text)})
    lasts: Known[int] | None = seconds(rule.string("for")) if rule.has("for") else 0
    if lasts is None:
        lasts = Unknown(f"{of}.{rule.path('for')}", why="it is no length of time")
    detected: Known[int] = lasts if isinstance(lasts, Unknown) else lasts + every
    # Who is told of it is the business of Alertmanager's routes, which go by its labels.
    dimensions = (("expr", expression), *rule.labels("labels"))
    yield Alarm(of.implied(name), f"prometheus/{name}", dimensions, detected, "", ("Alertmanager",))
    try:
        one = compared(expression)
    except ValueError:
        return  # observed has told it
    if one is not None:
        words = tuple(value for _, value in rule.labels("annotations"))
        yield Compares(
            of.implied(name), one.metric, one.growth, one.operator, one.number, expression, words, one.chosen
        )
