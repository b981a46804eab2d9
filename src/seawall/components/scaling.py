"""How many pods there are: a fixed number, or one that a single autoscaler owns.

Where processor and memory alone count it is Kubernetes' own autoscaler; where another signal counts too it is KEDA,
which then follows all of them: two autoscalers on one number undo each other's work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from seawall.components.addons.prometheus import URL
from seawall.components.offer import Pods
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.model.fields import Frame, Line, Name, Range, Replicas, Share

_Dimension = Annotated[Line, Field(pattern=r"^[^;]{1,255}$")]
Positive = Annotated[float, Field(gt=0, le=1e12)]

# Up at once, down only when it has stayed quiet.
_BEHAVIOR = {
    "scaleUp": {
        "stabilizationWindowSeconds": 0,
        # Twice as many or four more, whichever is more: from one pod doubling alone takes its time.
        "policies": [
            {"type": "Percent", "value": 100, "periodSeconds": 30},
            {"type": "Pods", "value": 4, "periodSeconds": 30},
        ],
    },
    "scaleDown": {
        "stabilizationWindowSeconds": 300,
        "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}],
    },
}


# Statistics as Metrics Insights, CloudWatch's language of queries, calls them.
_FUNCTIONS = {"Average": "AVG", "Sum": "SUM", "Minimum": "MIN", "Maximum": "MAX", "SampleCount": "COUNT"}


class Signal(Frame):
    """A metric that a number of pods follows: a query of Prometheus, or a metric of CloudWatch."""

    query: Line | None = None
    """In Prometheus' language; one number."""
    namespace: Annotated[Line, Field(pattern=r"^[A-Za-z0-9._/#:-]{1,255}$")] | None = None
    """Of CloudWatch."""
    metric: Annotated[Line, Field(pattern=r'^[^;"]{1,255}$')] | None = None
    dimensions: Mapping[_Dimension, _Dimension] = {}
    """Where silent, the metric is taken over all of them."""
    statistic: Literal["Average", "Sum", "Minimum", "Maximum", "SampleCount"] = "Average"
    per_pod: Positive | None = None
    """How much of it one pod is to answer for: of jobs that wait, of requests a second."""
    target: Positive | None = None
    """Where it is to stay, if it is the same whatever the number of pods: a share, a time."""

    @model_validator(mode="after")
    def _one_of_each(self) -> Signal:
        cloudwatch = self.namespace is not None and self.metric is not None
        if (self.query is not None) == cloudwatch or (self.query is not None and (self.namespace or self.metric)):
            raise ValueError("a signal is a `query` of Prometheus, or `namespace` and `metric` of CloudWatch")
        if (self.per_pod is None) == (self.target is None):
            raise ValueError("a signal has `per_pod` if pods share it, or `target` if it is the same for all")
        return self

    def trigger(self, scope: Scope, name: str) -> dict[str, Any]:
        """The signal as KEDA words it."""
        kind = "AverageValue" if self.target is None else "Value"
        value = _number(self.per_pod if self.target is None else self.target)
        # A metric that nobody tells is not a metric of nought: who has work waiting must not be stopped for it.
        known = {"ignoreNullValues": "false"}
        if self.query is not None:
            metadata = {"serverAddress": URL, "query": self.query, "threshold": value, **known}
            return {"type": "prometheus", "name": name, "metricType": kind, "metadata": metadata}
        metadata = {
            "awsRegion": scope.region,
            **self._measure(),
            "metricStatPeriod": "60",
            "metricCollectionTime": "300",
            "minMetricValue": "0",
            "targetMetricValue": value,
            **known,
        }
        reference = {"name": scope.name}
        return {
            "type": "aws-cloudwatch",
            "name": name,
            "metricType": kind,
            "metadata": metadata,
            "authenticationRef": reference,
        }

    def _measure(self) -> dict[str, str]:
        """One metric of CloudWatch by its dimensions; where none is named, over all that there are."""
        if self.dimensions:
            return {
                "namespace": self.namespace or "",
                "metricName": self.metric or "",
                "dimensionName": ";".join(self.dimensions),
                "dimensionValue": ";".join(self.dimensions.values()),
                "metricStat": self.statistic,
            }
        return {"expression": f'SELECT {_FUNCTIONS[self.statistic]}("{self.metric}") FROM "{self.namespace}"'}


class Scale(Frame):
    """How many pods there are, and what their number follows: what they use of what they request, and signals."""

    replicas: Replicas = Range(2, 2)
    cpu: Share | None = units.Share(Decimal(70))
    memory: Share | None = None
    signals: Mapping[Name, Signal] = {}

    @model_validator(mode="after")
    def _follows(self) -> Scale:
        if self.varies and self.cpu is None and self.memory is None and not self.signals:
            raise ValueError(
                f"replicas is {self.replicas}, and nothing says what it follows; give cpu, memory or signals"
            )
        if self.signals and not self.varies:
            raise ValueError(f"replicas is {self.replicas}, so nothing follows the signals {', '.join(self.signals)}")
        return self

    @property
    def varies(self) -> bool:
        """Whether an autoscaler owns the number."""
        return bool(self.replicas.least != self.replicas.most)

    @property
    def relies_on(self) -> tuple[str, ...]:
        """The add-ons that measure and scale by signals."""
        asks = any(signal.query is not None for signal in self.signals.values())
        return (*(("keda",) if self.signals else ()), *(("prometheus",) if asks else ()))

    @property
    def shares(self) -> dict[str, units.Share]:
        """What a pod uses of what it requests, and where that is to stay."""
        return {name: share for name, share in (("cpu", self.cpu), ("memory", self.memory)) if share is not None}


def autoscaler(scope: Scope, scale: Scale, pods: Pods, controlled: tuple[str, str]) -> Iterator[Resource]:
    """The one autoscaler of these pods, if their number varies; ``controlled`` is what runs them: version, kind."""
    target = {"apiVersion": controlled[0], "kind": controlled[1], "name": scope.name}
    if not scale.varies:
        return
    if scale.signals:
        yield from _keda(scope, scale, pods.namespace, target)
        return
    spec = {
        "scaleTargetRef": target,
        "minReplicas": scale.replicas.least,
        "maxReplicas": scale.replicas.most,
        "metrics": [
            {
                "type": "Resource",
                "resource": {
                    "name": name,
                    "target": {"type": "Utilization", "averageUtilization": int(share.percent)},
                },
            }
            for name, share in scale.shares.items()
        ],
        "behavior": _BEHAVIOR,
    }
    yield scope.object(
        "autoscaling/v2", "HorizontalPodAutoscaler", scope.name, {"spec": spec}, namespace=pods.namespace
    )


def _keda(scope: Scope, scale: Scale, namespace: str, target: Mapping[str, str]) -> Iterator[Resource]:
    triggers: list[dict[str, Any]] = [
        {"type": name, "name": name, "metricType": "Utilization", "metadata": {"value": str(int(share.percent))}}
        for name, share in scale.shares.items()
    ]
    triggers += [signal.trigger(scope, name) for name, signal in scale.signals.items()]
    spec = {
        "scaleTargetRef": dict(target),
        "minReplicaCount": scale.replicas.least,
        "maxReplicaCount": scale.replicas.most,
        "pollingInterval": 15,
        "cooldownPeriod": 300,
        "advanced": {"horizontalPodAutoscalerConfig": {"name": scope.name, "behavior": _BEHAVIOR}},
        "fallback": _fallback(scale, triggers),
        "triggers": triggers,
    }
    body = {"spec": {key: value for key, value in spec.items() if value is not None}}
    yield scope.object("keda.sh/v1alpha1", "ScaledObject", scope.name, body, namespace=namespace)
    if any("authenticationRef" in trigger for trigger in triggers):
        # KEDA asks CloudWatch as itself; the right to is its role's.
        identity = {"spec": {"podIdentity": {"provider": "aws"}}}
        yield scope.object("keda.sh/v1alpha1", "TriggerAuthentication", scope.name, identity, namespace=namespace)


def _fallback(scale: Scale, triggers: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """What the number is while nobody answers what is asked; KEDA has it for amounts that pods share alone."""
    if not any(trigger["metricType"] == "AverageValue" for trigger in triggers):
        return None
    return {"failureThreshold": 3, "replicas": max(1, scale.replicas.least), "behavior": "currentReplicasIfHigher"}


def _number(value: float | None) -> str:
    return f"{value or 0:g}"
