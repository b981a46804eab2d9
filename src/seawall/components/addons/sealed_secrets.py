"""Sealed Secrets: opens what was sealed for this cluster, with a key that never leaves it; it needs nothing of AWS.

Chart: helm/sealed-secrets of bitnami-labs/sealed-secrets at 86671a8851be (2026-04-22).
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
        # What people seal asks for the controller by this name.
        "fullnameOverride": "sealed-secrets-controller",
        "serviceAccount": {"create": True, "name": "sealed-secrets-controller"},
        "podSecurityContext": {"enabled": True, "fsGroup": 65534, "seccompProfile": {"type": "RuntimeDefault"}},
        "containerSecurityContext": {"enabled": True, "runAsNonRoot": True, "runAsUser": 1001, **values.CONFINED},
        "resources": values.resources("20m", "64Mi", "128Mi"),
        "metrics": {"serviceMonitor": {"enabled": values.monitored(scope)}},
        **values.placed(scope),
    }


ADDON = Addon(
    name="sealed-secrets",
    namespace="sealed-secrets",
    account="sealed-secrets-controller",
    purpose="makes Secrets of what was sealed for this cluster",
    rights=None,
    pod_security="restricted",
    chart=Chart(
        repository="https://bitnami-labs.github.io/sealed-secrets",
        name="sealed-secrets",
        version="2.18.5",
        app_version="0.36.6",
        source="bitnami-labs/sealed-secrets@86671a8851be",
        values=_values,
        defines=("bitnami.com",),
    ),
)
