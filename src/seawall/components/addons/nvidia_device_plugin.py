"""NVIDIA's device plugin: tells Kubernetes how many graphics processors a node has; it needs nothing of AWS.

Chart: deployments/helm/nvidia-device-plugin of NVIDIA/k8s-device-plugin at 1b826acc6af3 (2026-08-19).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seawall.components.addons import values
from seawall.components.addons.addon import Addon
from seawall.components.addons.chart import Chart
from seawall.components.scope import Scope


def _values(scope: Scope) -> Mapping[str, Any]:
    return {
        "resources": values.resources("10m", "64Mi", "128Mi"),
        # The chart would look for labels that only another program puts on nodes.
        **values.on_gpus(scope),
    }


ADDON = Addon(
    name="nvidia-device-plugin",
    namespace="nvidia-device-plugin",
    account="nvidia-device-plugin-service-account",
    purpose="tells Kubernetes how many graphics processors a node has",
    rights=None,
    # It speaks to the kubelet through a folder of the node.
    pod_security="privileged",
    chart=Chart(
        repository="https://nvidia.github.io/k8s-device-plugin",
        name="nvidia-device-plugin",
        version="0.20.0",
        app_version="0.20.0",
        source="NVIDIA/k8s-device-plugin@1b826acc6af3",
        values=_values,
    ),
)
