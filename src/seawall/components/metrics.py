"""What pods export for Prometheus: on which port, under which path, which metrics, and who may ask for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field, model_validator

from seawall.components.addons import prometheus
from seawall.components.addons.values import monitored
from seawall.components.offer import Pods
from seawall.components.paths import pods_peer
from seawall.components.scope import Scope
from seawall.components.scrape import Scrape
from seawall.knowledge.exporters.catalogue import exporter, names
from seawall.model.fields import Frame, Name, Port, UrlPath

MetricName = Annotated[str, Field(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$")]
LabelName = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]
Labels = Annotated[tuple[LabelName, ...], Field(max_length=20)]

PORT = "metrics"
"""What the port is called on which nothing but metrics is asked for."""
REVISION = "rollouts-pod-template-hash"
"""The label by which Argo Rollouts tells the pods of a new version from those of the old."""


class Metrics(Frame):
    """Where pods answer Prometheus, and what they are known to export: a known exporter's metrics, and their own."""

    port: Port | None = None
    """Where silent the port that it serves on."""
    path: UrlPath | None = None
    """Where silent `/metrics`; of a spring application that is asked where it serves, its own."""
    exporter: Name | None = None
    """Whose metrics it exports, of those that Seawall knows: `http` is a Python service as it is commonly made."""
    exports: Annotated[Mapping[MetricName, Labels], Field(max_length=500)] = {}
    """Its own metrics, and which labels each has."""
    histograms: Annotated[Mapping[MetricName, Labels], Field(max_length=200)] = {}
    """Its own histograms without their `_bucket`, `_sum` and `_count`, and which labels each has beside `le`."""

    @model_validator(mode="after")
    def _known(self) -> Metrics:
        if self.exporter is not None and exporter(self.exporter) is None:
            raise ValueError(f"exporter {self.exporter} is not known; known are {', '.join(names())}")
        if self.port is not None and not 1024 <= self.port <= 65535:
            raise ValueError(f"port is {self.port}; choose one between 1024 and 65535")
        return self

    @property
    def own(self) -> dict[str, tuple[str, ...]]:
        """Each series of its own by the name that a query uses, with its labels."""
        found = {name: tuple(labels) for name, labels in self.exports.items()}
        for name, labels in self.histograms.items():
            found[f"{name}_bucket"] = (*labels, "le")
            found[f"{name}_sum"] = found[f"{name}_count"] = tuple(labels)
        return found

    def scrape(self, served: Scrape) -> Scrape:
        """Where Prometheus asks; ``served`` is what there is anyhow on the port that it serves on."""
        known = (self.exporter,) if self.exporter is not None else ()
        if self.port is not None:
            return replace(served, port=PORT, path=self.path or "/metrics", exporters=known, own=self.own)
        exporters = tuple(dict.fromkeys((*served.exporters, *known)))
        return replace(served, path=self.path or served.path, exporters=exporters, own=self.own)


def asked(scope: Scope, pods: Pods, ports: Iterable[int]) -> list[dict[str, Any]]:
    """The rules by which pods let Prometheus ask on these ports; none where there is no Prometheus."""
    found = [{"protocol": "TCP", "port": port} for port in sorted(set(ports))]
    if not found or not monitored(scope):
        return []
    return [{"from": [pods_peer(pods.namespace, prometheus.pods(scope))], "ports": found}]
