"""What Prometheus asks: a PodMonitor for each of the platform's components that says where its pods answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from seawall.components.monitoring.alertmanager import spelled
from seawall.components.scope import Scope
from seawall.components.scrape import Scrape
from seawall.graph.resource import Resource
from seawall.kernel.units import Duration

EXPORTS = "seawall/exports"
"""The annotation that says what the pods export: known exporters, and metrics of their own with the labels of each."""


def monitors(scope: Scope, namespace: str, every: Duration) -> Iterator[Resource]:
    """The monitors of all components, in the namespace in which Prometheus' operator looks for them.

    A series' `job` is the component's name, so that a query says whom it means; labels by which a release tells its
    versions apart are kept.
    """
    for name in scope.platform.components:
        for scrape in scope.component(name).scrapes(scope.at(name)):
            yield _monitor(scope, namespace, every, scrape)


def _monitor(scope: Scope, namespace: str, every: Duration, scrape: Scrape) -> Resource:
    endpoint = {"port": scrape.port, "path": scrape.path, "interval": spelled(every)}
    spec: dict[str, Any] = {
        "jobLabel": "app.kubernetes.io/name",
        "namespaceSelector": {"matchNames": [scrape.pods.namespace]},
        "selector": {"matchLabels": dict(scrape.pods.labels)},
        "podMetricsEndpoints": [endpoint],
    }
    if scrape.labels:
        spec["podTargetLabels"] = list(scrape.labels)
    exports = {
        "exporters": list(scrape.exporters),
        "own": {name: list(labels) for name, labels in scrape.own.items()},
    }
    return scope.object(
        "monitoring.coreos.com/v1",
        "PodMonitor",
        scrape.name,
        {"spec": spec},
        namespace=namespace,
        annotations={EXPORTS: json.dumps(exports, separators=(",", ":"), sort_keys=True)},
    )
