"""What Grafana asks: Prometheus, Alertmanager, Loki where logs lie there, and CloudWatch.

Fields: docs/sources/administration/provisioning and docs/sources/datasources of grafana/grafana.
"""

from __future__ import annotations

from typing import Any

from seawall.components.addons import prometheus
from seawall.components.cluster import Cluster
from seawall.components.logs import loki
from seawall.components.monitoring.alertmanager import spelled
from seawall.components.monitoring.monitoring import monitoring_of
from seawall.components.scope import Scope

ALERTMANAGER = f"http://alertmanager-operated.{prometheus.NAMESPACE}.svc.cluster.local:9093"
"""The headless service that Prometheus' operator makes for every Alertmanager of a namespace."""
# Grafana shows alerts and silences there; it raises none of its own.
_SHOWN = {"implementation": "prometheus", "handleGrafanaManagedAlerts": False}


def datasources(scope: Scope) -> list[dict[str, Any]]:
    """The sources, the first of which is asked where none is named; their uids are what dashboards name them by."""
    every = spelled(monitoring_of(scope).every)
    found = [
        _source("prometheus", "Prometheus", prometheus.URL, {"httpMethod": "POST", "timeInterval": every}),
        _source("alertmanager", "Alertmanager", ALERTMANAGER, _SHOWN),
    ]
    if "loki" in scope.the(Cluster).chosen_addons(scope):
        found.append(_source("loki", "Loki", loki.URL, {"maxLines": 1000}))
    # As its pod's own role; the default region is only where a question begins.
    found.append(_source("cloudwatch", "CloudWatch", None, {"authType": "default", "defaultRegion": scope.region}))
    return [{**source, "isDefault": not place} for place, source in enumerate(found)]


def _source(type: str, name: str, url: str | None, more: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "uid": type,
        "type": type,
        "access": "proxy",
        **({"url": url} if url is not None else {}),
        # They are code, and what somebody changes in the browser would be gone with the pod.
        "editable": False,
        "jsonData": more,
    }
