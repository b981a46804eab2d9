"""KEDA: follows signals of any sort with the number of pods, down to none.

Actions: 2.17/scalers/aws-cloudwatch.md of kedacore/keda-docs at a55c5d345e2c, which cannot be narrowed to a metric;
only where somebody follows one, and in the cluster's region.
"""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.addons import prometheus
from seawall.components.addons.addon import Addon
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
)
