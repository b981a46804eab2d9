"""KEDA: follows signals of any sort with the number of pods, down to none.

Actions: 2.17/scalers/aws-cloudwatch.md of kedacore/keda-docs at a55c5d345e2c, which cannot be narrowed to a metric;
only where somebody follows one, and in the cluster's region.

Chart: keda of kedacore/charts at 1444d00d90d7 (2026-08-13).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seawall.components.addons import prometheus, values
from seawall.components.addons.addon import Addon
from seawall.components.addons.chart import HOOKED, Chart
from seawall.components.offer import Right
from seawall.components.scope import Scope


def _rights(scope: Scope) -> Iterator[Right]:
    from seawall.components.workload import Workload  # it needs the cluster, which finds this module

    follows = (
        signal.metric
        for component in scope.platform.components.values()
        if isinstance(component, Workload)
        for signal in component.scaled.signals.values()
    )
    if any(follows):
        here = ("StringEquals", "aws:RequestedRegion", (scope.region,))
        yield Right(("cloudwatch:GetMetricData",), ("*",), (here,))


def _values(scope: Scope) -> Mapping[str, Any]:
    parts = {"operator": "keda-operator", "metricServer": "keda-operator-metrics-apiserver", "webhooks": _HOOK}
    watched = {"enabled": True, "serviceMonitor": {"enabled": True}} if values.monitored(scope) else {"enabled": False}
    placed = values.placed(scope, {"app.kubernetes.io/part-of": "keda-operator"})
    spread = {part: values.spread({"app": name}) for part, name in parts.items()}
    spread["metricsServer"] = spread.pop("metricServer")
    return {
        "clusterName": scope.cluster_name,
        "serviceAccount": {"operator": {"create": True, "name": "keda-operator"}},
        # Kubernetes' autoscaler asks through the one, and learns nothing while that is away.
        "operator": {"replicaCount": 2},
        "metricsServer": {"replicaCount": 2},
        "podDisruptionBudget": {"operator": {"maxUnavailable": 1}, "metricServer": {"maxUnavailable": 1}},
        "podSecurityContext": {part: dict(values.CONFINED_POD) for part in parts},
        "resources": {
            "operator": values.resources("50m", "128Mi", "512Mi"),
            "metricServer": values.resources("20m", "96Mi", "256Mi"),
            "webhooks": values.resources("10m", "48Mi", "96Mi"),
        },
        "env": [{"name": "AWS_REGION", "value": scope.region}],
        "prometheus": dict.fromkeys(parts, watched),
        **placed,
        "topologySpreadConstraints": spread,
    }


_HOOK = "keda-admission-webhooks"
ADDON = Addon(
    name="keda",
    namespace="keda",
    account="keda-operator",
    purpose="follows signals with the number of pods, down to none",
    rights=_rights,
    pod_security="restricted",
    # Its metrics for Kubernetes' autoscaler, and its webhook.
    called_on=(6443, 9443),
    asks=((prometheus.NAMESPACE, prometheus.PORT),),
    chart=Chart(
        repository="https://kedacore.github.io/charts",
        name="keda",
        version="2.20.2",
        app_version="2.20.2",
        source="kedacore/charts@1444d00d90d7",
        values=_values,
        defines=("keda.sh", "eventing.keda.sh"),
        # The operator makes the certificates of its three parts.
        ignores=(
            *HOOKED,
            {"group": "apiregistration.k8s.io", "kind": "APIService", "jsonPointers": ["/spec/caBundle"]},
        ),
    ),
)
