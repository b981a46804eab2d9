"""Prometheus: asks pods, nodes and exporters for their metrics, and answers whoever asks what they were.

With it come the exporters of every node and of Kubernetes' own objects, and Grafana; none needs anything of AWS.

Charts: charts/kube-prometheus-stack and charts/prometheus-operator-crds of prometheus-community/helm-charts at
cf408a290aec (2026-08-22). What Prometheus, Alertmanager and Grafana are told is the section `monitoring`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seawall.components.addons.addon import Addon
from seawall.components.addons.chart import DEFINED, SERVED, Chart
from seawall.components.addons.policies import ANY
from seawall.components.offer import Pods
from seawall.components.scope import Scope
from seawall.kernel.address import Address

NAMESPACE = "monitoring"
PORT = 9090
# The headless service that Prometheus' operator makes for every Prometheus of a namespace, whatever its name.
URL = f"http://prometheus-operated.{NAMESPACE}.svc.cluster.local:{PORT}"
"""Where it answers."""


def pods(scope: Scope) -> Pods:
    """Its own pods, as the operator labels them."""
    workload = Address.kubernetes(scope.cluster_name, "StatefulSet", NAMESPACE, "prometheus")
    return Pods(NAMESPACE, (("app.kubernetes.io/name", "prometheus"),), workload)


def _values(scope: Scope) -> Mapping[str, Any]:
    from seawall.components.monitoring import stack  # it needs the cluster, which finds this module

    return {**stack.values(scope), "crds": {"enabled": False}}


_CHARTS = "https://prometheus-community.github.io/helm-charts"
_SOURCE = "prometheus-community/helm-charts@cf408a290aec"
_OPERATOR = "v0.93.1"
ADDON = Addon(
    name="prometheus",
    namespace=NAMESPACE,
    account="prometheus",
    purpose="asks pods, nodes and exporters for their metrics",
    rights=None,
    # The exporter of a node's own metrics looks at the node.
    pod_security="privileged",
    # Grafana, KEDA and releases ask it; it asks every pod, and every node's kubelet and exporter.
    asked_on=(PORT,),
    asks=((ANY, None),),
    # Other charts bring monitors, so that the kinds must be there before every one of them.
    definitions=Chart(
        repository=_CHARTS,
        name="prometheus-operator-crds",
        version="31.0.1",
        app_version=_OPERATOR,
        source=_SOURCE,
        wave=DEFINED,
        defines=("monitoring.coreos.com",),
    ),
    chart=Chart(
        repository=_CHARTS,
        name="kube-prometheus-stack",
        version="88.5.3",
        app_version=_OPERATOR,
        source=_SOURCE,
        values=_values,
        wave=SERVED,
    ),
)
