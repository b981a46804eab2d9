"""Reloader: starts pods anew when a Secret that they read has changed; it needs nothing of AWS.

Chart: deployments/kubernetes/chart/reloader of stakater/Reloader at 655a2b3814ba (2026-08-10).
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
        "fullnameOverride": "reloader",
        "reloader": {
            # Argo CD leaves annotations of others alone; a variable in a pod's template it might put back.
            "reloadStrategy": "annotations",
            "isArgoRollouts": True,
            "enableHA": True,
            "readOnlyRootFileSystem": True,
            "serviceAccount": {"create": True, "name": "reloader"},
            "podMonitor": {"enabled": values.monitored(scope)},
            "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
            "deployment": {
                "replicas": 2,
                "containerSecurityContext": dict(values.CONFINED),
                "resources": values.resources("20m", "64Mi", "256Mi"),
                **values.placed(scope, {"app.kubernetes.io/name": "reloader"}),
            },
        },
    }


ADDON = Addon(
    name="reloader",
    namespace="reloader",
    account="reloader",
    purpose="starts pods anew when a Secret that they read has changed",
    rights=None,
    pod_security="restricted",
    chart=Chart(
        repository="https://stakater.github.io/stakater-charts",
        name="reloader",
        version="2.2.16",
        app_version="v1.4.21",
        source="stakater/Reloader@655a2b3814ba",
        values=_values,
    ),
)
