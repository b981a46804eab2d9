"""Argo Rollouts: lets a new version in step by step, and asks the load balancer whether each step took.

Actions: docs/features/traffic-management/alb.md of argoproj/argo-rollouts at 9f8d111d8f8e; none of them can be
narrowed to a resource.
"""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.addons import prometheus
from seawall.components.addons.addon import Addon
from seawall.components.offer import Right
from seawall.components.scope import Scope


def _rights(scope: Scope) -> Iterator[Right]:
    things = ("TargetGroups", "LoadBalancers", "Listeners", "Rules", "Tags", "TargetHealth")
    yield Right(tuple(f"elasticloadbalancing:Describe{thing}" for thing in things), ("*",))


ADDON = Addon(
    name="argo-rollouts",
    namespace="argo-rollouts",
    account="argo-rollouts",
    purpose="lets a new version in step by step",
    rights=_rights,
    pod_security="restricted",
    # An analysis of a release asks it how the new version does.
    asks=((prometheus.NAMESPACE, prometheus.PORT),),
)
