"""Grafana's dashboards in ConfigMaps: every panel asks for metrics."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from seawall.facts.fact import Demand, Fact
from seawall.facts.telemetry import Misread
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref, Text, render_text
from seawall.readers.kubernetes.objects import Manifest
from seawall.readers.kubernetes.promql import of_grafana
from seawall.readers.kubernetes.queries import labels_shown, observed
from seawall.readers.registry import reads

LABEL: Final = "grafana_dashboard"
"""The label by which Grafana's sidecar finds dashboards."""


@reads("v1/ConfigMap")
def dashboards(resource: Resource) -> Iterator[Fact | Demand]:
    """Each dashboard's queries of Prometheus; those of Loki, CloudWatch and others are not in its language."""
    body = Manifest(resource)
    if LABEL not in dict(body.labels_of_object):
        return
    told: dict[Any, None] = {}
    for name, content in sorted(body.block("data").body.items()):
        if not name.endswith(".json") or not isinstance(content, str | Text | Ref):
            continue
        try:
            dashboard = json.loads(render_text(content, str))
        except ValueError as error:
            yield Misread(resource.address, name, f"it is no JSON: {error}")
            continue
        for panel in _panels(dashboard):
            for query, legend in _queries(panel):
                shown = labels_shown(legend)
                filled = of_grafana(query)
                found = observed(resource.address, filled, shown, filled=filled != query)
                told |= dict.fromkeys(found)
    yield from told


def _panels(dashboard: Any) -> Iterator[Mapping[str, Any]]:
    """The panels of a dashboard, those within closed rows as well."""
    for panel in dashboard.get("panels", ()) if isinstance(dashboard, Mapping) else ():
        if isinstance(panel, Mapping):
            yield panel
            yield from _panels(panel)


def _queries(panel: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Query and legend of each of a panel's targets that Prometheus answers."""
    common = _source(panel)
    for target in panel.get("targets", ()):
        query = target.get("expr") if isinstance(target, Mapping) else None
        if isinstance(query, str) and query and (_source(target) or common or "prometheus") == "prometheus":
            yield query, str(target.get("legendFormat", ""))


def _source(part: Mapping[str, Any]) -> str:
    source = part.get("datasource")
    return str(source.get("type", "")) if isinstance(source, Mapping) else ""
