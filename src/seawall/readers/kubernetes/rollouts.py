"""Argo Rollouts: workloads whose new version is let in step by step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seawall.facts.delivery import Analysis, Shift, Step
from seawall.facts.fact import Demand, Fact, Known, Link
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.readers.kubernetes.durations import seconds
from seawall.readers.kubernetes.objects import Fields, Manifest
from seawall.readers.kubernetes.workloads import pods
from seawall.readers.registry import reads


@reads("argoproj.io/v1alpha1/Rollout")
def rollout(resource: Resource) -> Iterator[Fact | Demand]:
    """A Rollout; one that refers to a Deployment has its pods described there."""
    body = Manifest(resource)
    strategy = body.spec.block("strategy")
    canary, blue_green = strategy.block("canary"), strategy.block("blueGreen")
    if body.spec.mentions("template"):
        kind = "BlueGreen" if blue_green.given else "Canary"
        yield from pods(body, body.spec.block("template"), body.spec.number("replicas"), kind)
    if blue_green.given:
        stable, new = _service(body, blue_green, "activeService"), _service(body, blue_green, "previewService")
        looks = [blue_green.block(f"{when}PromotionAnalysis") for when in ("pre", "post")]
        yield Shift(body.address, (), None, stable, new, _analyses(body, looks))
        return
    stable, new = _service(body, canary, "stableService"), _service(body, canary, "canaryService")
    steps = tuple(_step(step) for step in canary.blocks("steps"))
    looks = [part.block("analysis") for part in (canary, *canary.blocks("steps"))]
    routing = canary.block("trafficRouting")
    named = [*routing.block("alb").strings("ingresses"), *routing.block("nginx").strings("stableIngresses")]
    ingresses = [body.sibling("Ingress", str(name)) for name in named]
    router = ingresses.pop(0) if ingresses else _router(body, routing)
    yield Shift(body.address, steps, router, stable, new, _analyses(body, looks), tuple(ingresses))


@reads("argoproj.io/v1alpha1/AnalysisTemplate", "argoproj.io/v1alpha1/ClusterAnalysisTemplate")
def analysis_template(resource: Resource) -> Iterator[Fact | Demand]:
    """A template; of one that is made of others, whose metrics it has beside its own, it is open what it judges."""
    body = Manifest(resource)
    ignored = {run.string("metricName") for run in body.spec.blocks("dryRun")}
    names, judging = [], []
    for metric in body.spec.blocks("metrics"):
        name = metric.string("name")
        names.append(name)
        tolerant = metric.string("failureLimit") == "-1" and not metric.has("consecutiveSuccessLimit")
        said = metric.has("successCondition") or (
            metric.has("failureCondition") and metric.string("failureCondition").strip() != "false"
        )
        # A provider that judges by itself, such as a job, needs no condition.
        by_itself = not metric.block("provider").block("prometheus").given
        if (said or by_itself) and not tolerant and not ignored & {name, ".*"}:
            judging.append(name)
    known: Known[tuple[str, ...]] = tuple(judging)
    if any(True for _ in body.spec.blocks("templates")):
        known = Unknown(f"{body.address}.spec.templates", why="it has the metrics of other templates, too")
    yield Analysis(body.address, tuple(names), known)


def _analyses(body: Manifest, looks: Iterable[Fields]) -> tuple[Address, ...]:
    found: list[Address] = []
    for look in looks:
        for template in look.blocks("templates"):
            name = template.string("templateName")
            wide = template.flag("clusterScope") is True
            found.append(body.sibling("ClusterAnalysisTemplate" if wide else "AnalysisTemplate", name))
    return tuple(dict.fromkeys(found))


def _service(body: Manifest, part: Fields, name: str) -> Address | None:
    return body.sibling("Service", part.string(name)) if part.has(name) else None


def _step(step: Fields) -> Step:
    """One step; one that sets a weight and pauses as well, which the controller refuses, shows both."""
    weight = step.number("setWeight")
    pause = step.block("pause")
    waits = step.mentions("pause") and not pause.has("duration")
    names = [template.string("templateName") for template in step.block("analysis").blocks("templates")]
    return Step(
        weight if isinstance(weight, int) else None,
        seconds(pause.string("duration")) if pause.has("duration") else None,
        waits,
        ",".join(names),
    )


def _router(body: Manifest, routing: Fields) -> Link | None:
    for name, kind, field in (("alb", "Ingress", "ingress"), ("nginx", "Ingress", "stableIngress")):
        if routing.block(name).has(field):
            return body.sibling(kind, routing.block(name).string(field))
    services = [routing.within("istio", "virtualService"), *routing.block("istio").blocks("virtualServices")]
    for service in services:
        if service.has("name"):
            return body.sibling("VirtualService", service.string("name"))
    if routing.given:
        name = routing.names[0]
        return Unknown(
            f"{body.address}.{routing.path(name)}", why="which object steers the traffic is not read from it"
        )
    return None
