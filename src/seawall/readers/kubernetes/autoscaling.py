"""Autoscalers and disruption budgets: how many pods there are, and how many may be away."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.compute import Autoscaler, DisruptionBudget
from seawall.facts.demands import Observe, Schedule
from seawall.facts.fact import Demand, Fact
from seawall.facts.pod_network import Selector
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.readers.kubernetes.objects import NOTHING, Fields, Manifest
from seawall.readers.kubernetes.queries import observed
from seawall.readers.registry import reads

DEFAULT_CPU = ("cpu", "80")
"""What an autoscaler without metrics follows (autoscaling/v2 API reference)."""


@reads("autoscaling/v2/HorizontalPodAutoscaler", "autoscaling/v2beta2/HorizontalPodAutoscaler")
def autoscaler(resource: Resource) -> Iterator[Fact | Demand]:
    """An autoscaler; at least one pod by default. Signals are a percentage of the request, or an amount as written."""
    body = Manifest(resource)
    signals: list[tuple[str, str]] = []
    for metric in body.spec.blocks("metrics"):
        kind = metric.string("type")
        part = metric.block(kind[:1].lower() + kind[1:])
        name = part.string("name") or part.block("metric").string("name")
        target = part.block("target")
        value = target.string("averageUtilization") or target.string("averageValue") or target.string("value")
        signals.append((name, value))
        if kind in ("Pods", "Object", "External") and name:
            # Whoever serves that API gives metrics names of its own.
            interface = "external" if kind == "External" else "custom"
            yield Observe(_target(body), f"{interface}.metrics.k8s.io/{name}")
    yield from _scaled(body, tuple(signals) or (DEFAULT_CPU,))


@reads("autoscaling/v1/HorizontalPodAutoscaler")
def old_autoscaler(resource: Resource) -> Iterator[Fact | Demand]:
    """An autoscaler that knows processor use only."""
    body = Manifest(resource)
    percent = body.spec.string("targetCPUUtilizationPercentage", DEFAULT_CPU[1])
    yield from _scaled(body, (("cpu", percent),))


def _scaled(body: Manifest, signals: tuple[tuple[str, str], ...]) -> Iterator[Fact | Demand]:
    least = body.spec.count("minReplicas", 1)
    most = body.spec.count("maxReplicas") if body.spec.mentions("maxReplicas") else body.spec.unknown("maxReplicas")
    yield Autoscaler(body.address, _target(body), least, most, signals, body.kind)
    yield Schedule(_target(body), least, most)


def _target(body: Manifest) -> Address:
    reference = body.spec.block("scaleTargetRef")
    return body.sibling(reference.string("kind", "Deployment"), reference.string("name"))


@reads("keda.sh/v1alpha1/ScaledObject")
def scaled_object(resource: Resource) -> Iterator[Fact | Demand]:
    """A KEDA ScaledObject; from none to a hundred pods by default."""
    body = Manifest(resource)
    target = _target(body)
    least = 0 if not body.spec.mentions("minReplicaCount") else body.spec.count("minReplicaCount")
    most = body.spec.count("maxReplicaCount", 100)
    signals: list[tuple[str, str]] = []
    for trigger in body.spec.blocks("triggers"):
        kind = trigger.string("type")
        metadata = trigger.block("metadata")
        value = next(
            (
                metadata.string(name)
                for name in ("value", "threshold", "queueLength", "lagThreshold", "targetMetricValue")
                if metadata.has(name)
            ),
            "",
        )
        signals.append((kind, value))
        if kind == "prometheus" and metadata.has("query"):
            yield from observed(target, metadata.string("query"))
        elif kind == "aws-cloudwatch" and metadata.has("expression"):
            yield Observe(target, metadata.string("expression"))
        elif kind == "aws-cloudwatch" and metadata.has("metricName"):
            yield Observe(target, f"{metadata.string('namespace')}/{metadata.string('metricName')}")
    yield Autoscaler(body.address, target, least, most, tuple(signals), body.kind)
    yield Schedule(target, least, most)


@reads("policy/v1/PodDisruptionBudget")
def disruption_budget(resource: Resource) -> Iterator[Fact]:
    """A budget; without a selector it protects nothing, with an empty one every pod of the namespace."""
    yield _budget(Manifest(resource), Selector())


@reads("policy/v1beta1/PodDisruptionBudget")
def old_disruption_budget(resource: Resource) -> Iterator[Fact]:
    """A budget of the old API, where an empty selector meant no pod at all."""
    yield _budget(Manifest(resource), NOTHING)


def _budget(body: Manifest, empty: Selector) -> DisruptionBudget:
    selector = body.spec.selector("selector", NOTHING)

    def amount(part: Fields, name: str) -> str | None:
        return part.string(name) if part.mentions(name) else None

    return DisruptionBudget(
        body.address,
        body.in_namespace,
        empty if selector == Selector() else selector,
        amount(body.spec, "minAvailable"),
        amount(body.spec, "maxUnavailable"),
    )
