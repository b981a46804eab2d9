"""Prometheus: asks pods, nodes and exporters for their metrics, and answers whoever asks what they were.

With it come the exporters of every node and of Kubernetes' own objects, and Grafana; none needs anything of AWS.
"""

from __future__ import annotations

from seawall.components.addons.addon import Addon
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
)
