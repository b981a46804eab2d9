"""Argo Rollouts: lets a new version in step by step, and asks the load balancer whether each step took.

Actions: docs/features/traffic-management/alb.md of argoproj/argo-rollouts at 9f8d111d8f8e; none of them can be
narrowed to a resource.

Chart: charts/argo-rollouts of argoproj/argo-helm at af0a9310bacb (2026-07-02).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seawall.components.addons import prometheus, values
from seawall.components.addons.addon import Addon
from seawall.components.addons.chart import Chart
from seawall.components.offer import Right
from seawall.components.scope import Scope

_ROUTER = "awsLoadBalancerController"
_ROUTERS = (
    _ROUTER, "istio", "smi", "ambassador", "awsAppMesh", "traefik", "apisix", "contour", "glooPlatform", "gatewayAPI",
)  # fmt: skip


def _rights(scope: Scope) -> Iterator[Right]:
    things = ("TargetGroups", "LoadBalancers", "Listeners", "Rules", "Tags", "TargetHealth")
    yield Right(tuple(f"elasticloadbalancing:Describe{thing}" for thing in things), ("*",))


def _values(scope: Scope) -> Mapping[str, Any]:
    metrics = {"enabled": True, "serviceMonitor": {"enabled": True}} if values.monitored(scope) else {"enabled": False}
    return {
        "serviceAccount": {"name": "argo-rollouts"},
        "podSecurityContext": dict(values.CONFINED_POD),
        "containerSecurityContext": dict(values.CONFINED),
        # Of the traffic routers that there are it may only do what ours needs.
        "providerRBAC": {"providers": {name: name == _ROUTER for name in _ROUTERS}},
        "controller": {
            "replicas": 2,
            # It asks AWS whether the load balancer sends what it was told to, before it goes on.
            "awsVerifyTargetGroup": True,
            "extraEnv": [{"name": "AWS_REGION", "value": scope.region}],
            "resources": values.resources("50m", "128Mi", "256Mi"),
            "pdb": {"enabled": True, "maxUnavailable": 1},
            "metrics": metrics,
            **values.placed(scope, {"app.kubernetes.io/component": "rollouts-controller"}),
        },
    }


ADDON = Addon(
    name="argo-rollouts",
    namespace="argo-rollouts",
    account="argo-rollouts",
    purpose="lets a new version in step by step",
    rights=_rights,
    pod_security="restricted",
    # An analysis of a release asks it how the new version does.
    asks=((prometheus.NAMESPACE, prometheus.PORT),),
    chart=Chart(
        repository="https://argoproj.github.io/argo-helm",
        name="argo-rollouts",
        version="2.41.0",
        app_version="v1.9.0",
        source="argoproj/argo-helm@af0a9310bacb",
        values=_values,
        defines=("argoproj.io",),
    ),
)
