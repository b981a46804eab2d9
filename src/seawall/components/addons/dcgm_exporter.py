"""NVIDIA's DCGM exporter: says how busy, hot and full every graphics processor is; it needs nothing of AWS.

Chart: deployment of NVIDIA/dcgm-exporter at d5e5f510a1b6 (2026-05-12).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seawall.components.addons import values
from seawall.components.addons.addon import Addon
from seawall.components.addons.chart import SERVED, Chart
from seawall.components.scope import Scope


def _values(scope: Scope) -> Mapping[str, Any]:
    return {
        "fullnameOverride": "dcgm-exporter",
        "serviceAccount": {"create": True, "name": "dcgm-exporter"},
        "resources": values.resources("50m", "128Mi", "512Mi"),
        "serviceMonitor": {"enabled": values.monitored(scope), "interval": "15s"},
        **values.on_gpus(scope),
    }


ADDON = Addon(
    name="dcgm-exporter",
    namespace="dcgm-exporter",
    account="dcgm-exporter",
    purpose="says how busy, hot and full every graphics processor is",
    rights=None,
    # It asks the node's driver, and the kubelet which pod has which processor.
    pod_security="privileged",
    follows="prometheus",
    use=values.has_gpus,
    chart=Chart(
        repository="https://nvidia.github.io/dcgm-exporter/helm-charts",
        name="dcgm-exporter",
        version="4.8.2",
        app_version="4.8.2",
        source="NVIDIA/dcgm-exporter@d5e5f510a1b6",
        values=_values,
        wave=SERVED,
    ),
)
