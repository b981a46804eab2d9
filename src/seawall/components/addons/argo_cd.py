"""Argo CD: keeps the cluster in step with the platform's repository, and installs every chart; it needs nothing of AWS.

Chart: charts/argo-cd of argoproj/argo-helm at af0a9310bacb (2026-07-02). Into an empty cluster `seawall.deploy.charts`
puts the same chart with the same values, so that Argo CD takes over exactly what is there. (The project's own manifests
would not do: their containers have other names, and a merge would leave both.) Resource health: docs/operator-manual/
health.md of argoproj/argo-cd at 37ee0097cf85.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from seawall.components.addons import values
from seawall.components.addons.addon import Addon, addons
from seawall.components.addons.chart import NAMESPACE, Chart, project
from seawall.components.scope import Scope
from seawall.graph.resource import Resource

VERSION: Final = "v3.4.4"
"""What the chart installs, and the tag of the image that installs the chart where nothing is yet."""
_INSTANCE: Final = "argocd"
# Argo CD itself says nothing of whether an application is well, and then the next wave would not wait for it.
_HEALTH: Final = """\
local found = { status = "Progressing", message = "" }
if obj.status ~= nil and obj.status.health ~= nil then
  found.status = obj.status.health.status or found.status
  found.message = obj.status.health.message or found.message
end
return found
"""


def _values(scope: Scope) -> Mapping[str, Any]:
    monitored = values.monitored(scope)
    metrics = {"metrics": {"enabled": monitored, "serviceMonitor": {"enabled": monitored}}}
    never_away = {"pdb": {"enabled": True, "maxUnavailable": 1}}
    return {
        "fullnameOverride": _INSTANCE,
        "global": {
            # The namespace has one policy of ours; the chart's would open more beside it.
            "networkPolicy": {"create": False},
            "tolerations": values.TOLERATIONS,
            "affinity": {"podAntiAffinity": "soft", "nodeAffinity": _preferred(scope)},
        },
        "configs": {"cm": {"resource.customizations.health.argoproj.io_Application": _HEALTH}},
        "controller": {"resources": values.resources("100m", "512Mi", "1536Mi"), **metrics},
        "server": {"replicas": 2, "resources": values.resources("20m", "96Mi", "256Mi"), **never_away, **metrics},
        # It renders every chart there is.
        "repoServer": {"replicas": 2, "resources": values.resources("50m", "256Mi", "1Gi"), **never_away, **metrics},
        "applicationSet": {"resources": values.resources("20m", "64Mi", "256Mi"), **metrics},
        "redis": {"resources": values.resources("20m", "64Mi", "128Mi")},
        "redisSecretInit": {"resources": values.resources("10m", "64Mi", "128Mi")},
        # Nobody signs in through another system, and alerts tell of applications that do not get on.
        "dex": {"enabled": False},
        "notifications": {"enabled": False},
    }


def _preferred(scope: Scope) -> dict[str, Any]:
    return {"type": "soft", "matchExpressions": values.ON_GROUPS if values.affinity(scope) else []}


def _objects(scope: Scope) -> Iterator[Resource]:
    from seawall.components.cluster import Cluster  # the cluster finds this module while it is imported itself

    yield project(scope, {name: addons()[name] for name in scope.the(Cluster).chosen_addons(scope)})


ADDON = Addon(
    name="argo-cd",
    namespace=NAMESPACE,
    account="argocd-application-controller",
    purpose="keeps the cluster in step with the platform's repository",
    rights=None,
    pod_security="restricted",
    objects=_objects,
    release=_INSTANCE,
    chart=Chart(
        repository="https://argoproj.github.io/argo-helm",
        name="argo-cd",
        version="10.1.1",
        app_version=VERSION,
        source="argoproj/argo-helm@af0a9310bacb",
        values=_values,
        defines=("argoproj.io",),
    ),
)
