"""Work that waits in queues, or takes long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seawall.components import steps
from seawall.components.alert import Alert, Series
from seawall.components.alerting.promql import any_of, series
from seawall.components.offer import Pods

LONG = 100
"""Jobs that wait."""


@dataclass(frozen=True, slots=True)
class Working:
    """Pods that work off a queue: their name, the metric of its length, what it is called, how many pods at most.

    ``timed`` is the histogram, without ``_bucket``, of how many seconds its jobs take; empty where nobody tells.
    """

    name: str
    pods: Pods
    metric: str
    queue: str
    most: int
    timed: str = ""


def alerts(working: list[Working]) -> Iterator[Alert]:
    """What is worth an alert of all queues."""
    first = working[0]
    parts = [f"max by (namespace, queue) ({each.metric}{{{_of(each)}}})" for each in _one_a_queue(working)]
    yield Alert(
        name="QueueTooLong",
        severity="warning",
        expr=f"({' or '.join(parts)}) > {LONG}",
        lasts=900,
        says="{{ $value | printf `%.0f` }} jobs wait in {{ $labels.queue }} of {{ $labels.namespace }}, for 15 "
        "minutes: it takes in more than is worked off.",
        first=(
            f"Whether there are as many pods as there may be ({first.most} of {first.name}): `kubectl get hpa -A`, and "
            f"whether they run: {steps.look(first.pods)}.",
            "Pods without a node: the alert PodUnschedulable, then NodesNotToBeHad; where no spot node is to be had, "
            "add types to the pool or let it buy on demand.",
            f"Pods that run and do nothing: {steps.logs(first.pods)}.",
            "It is the load itself: raise `scale.replicas`, the namespace's quota and the pool's limits together.",
        ),
        labels=_QUEUE,
        fires=(_length(first, "150x60"),),
        # Long for ten minutes, and worked off then.
        quiet=(_length(first, "150x10 20x50"),),
        after=40,
    )
    if timed := [each for each in working if each.timed]:
        yield _slow(timed)


def _slow(timed: list[Working]) -> Alert:
    first = timed[0]
    selector = ",".join(
        (any_of("namespace", (each.pods.namespace for each in timed)), any_of("job", (each.name for each in timed)))
    )
    within = f"{first.timed}_bucket{{{selector}}}"
    return Alert(
        name="GenerationSlow",
        severity="warning",
        expr=f"histogram_quantile(0.99, sum by (namespace, job, le) (rate({within}[15m]))) > 60",
        lasts=600,
        says="One job in a hundred of {{ $labels.job }} takes {{ $value | printf `%.0f` }} s and more.",
        first=(
            "Whether the processors are hot or shared: the dashboard of the GPUs, GpuHot.",
            "Whether models are read anew for each job: throughput of the shared files, in Grafana.",
            "Whether it began with a release of the worker or a model: "
            + ", ".join(dict.fromkeys(steps.undo(each.pods) for each in timed))
            + ".",
        ),
        labels={"service": "{{ $labels.job }}"},
        fires=tuple(_took(first, 90)),
        quiet=tuple(_took(first, 15)),
    )


def _of(each: Working) -> str:
    return f'namespace="{each.pods.namespace}",queue="{each.queue}"'


def _one_a_queue(working: list[Working]) -> list[Working]:
    """Each queue once, whoever works it off."""
    return list({(each.metric, each.pods.namespace, each.queue): each for each in working}.values())


_QUEUE = {"service": "{{ $labels.queue }}"}


def _length(each: Working, values: str) -> Series:
    labels = {"namespace": each.pods.namespace, "job": "generation", "pod": "generation-1", "queue": each.queue}
    return series(each.metric, values, labels)


def _took(each: Working, seconds: float) -> Iterator[Series]:
    for bound in ("10", "30", "60", "120", "+Inf"):
        values = "0+6x60" if float(bound) >= seconds else "0x60"
        labels = {"namespace": each.pods.namespace, "job": each.name, "pod": f"{each.name}-1", "le": bound}
        yield series(f"{each.timed}_bucket", values, labels)
