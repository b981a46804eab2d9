"""OpenCost: works out of Prometheus' metrics and AWS's public prices what every workload costs.

Chart: charts/opencost of opencost/opencost-helm-chart at 725bb939d6a6 (2026-04-28). It needs nothing of AWS: prices are
public, and what spot nodes really cost lies in a feed that the platform does not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seawall.components.addons import prometheus, values
from seawall.components.addons.addon import Addon
from seawall.components.addons.chart import SERVED, Chart
from seawall.components.scope import Scope

_PRICES = "/var/configs"


def _values(scope: Scope) -> Mapping[str, Any]:
    metrics = {
        # Those of kube-state-metrics are there already; only what its newer releases have left out is added.
        "kubeStateMetrics": {"emitKsmV1Metrics": False, "emitKsmV1MetricsOnly": True},
        "serviceMonitor": {"enabled": values.monitored(scope)},
    }
    return {
        "fullnameOverride": "opencost",
        "serviceAccount": {"create": True, "name": "opencost"},
        "podSecurityContext": {**values.CONFINED_POD, "runAsUser": 1001, "runAsGroup": 1001, "fsGroup": 1001},
        "extraVolumes": [{"name": "prices", "emptyDir": {"sizeLimit": "64Mi"}}],
        "opencost": {
            "exporter": {
                "defaultClusterId": scope.cluster_name,
                "securityContext": dict(values.CONFINED),
                "resources": values.resources("20m", "128Mi", "512Mi"),
                "extraEnv": {"CONFIG_PATH": f"{_PRICES}/"},
                "extraVolumeMounts": [{"name": "prices", "mountPath": _PRICES}],
            },
            "prometheus": {
                "internal": {
                    "serviceName": "prometheus-operated",
                    "namespaceName": prometheus.NAMESPACE,
                    "port": prometheus.PORT,
                }
            },
            "metrics": metrics,
            # Grafana shows it.
            "ui": {"enabled": False},
            "mcp": {"enabled": False},
            **values.placed(scope, {"app.kubernetes.io/name": "opencost"}),
        },
    }


ADDON = Addon(
    name="opencost",
    namespace="opencost",
    account="opencost",
    purpose="works out what every workload costs",
    rights=None,
    pod_security="restricted",
    asks=((prometheus.NAMESPACE, prometheus.PORT),),
    chart=Chart(
        repository="https://opencost.github.io/opencost-helm-chart",
        name="opencost",
        version="2.5.17",
        app_version="1.120.1",
        source="opencost/opencost-helm-chart@725bb939d6a6",
        values=_values,
        wave=SERVED,
    ),
)
