"""Requests that services answer: too many, too slow, too many that fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from seawall.components import steps
from seawall.components.alert import Alert, Series
from seawall.components.alerting.promql import any_of, series
from seawall.components.alerting.urgency import by_urgency, where
from seawall.components.offer import Pods
from seawall.components.requests import Requests
from seawall.components.scope import Scope

MANY = 500
"""Requests a second."""
SLOW = 2
"""Seconds."""
FAILED = 5
"""Percent."""
_FEW = 0.01
"""Failed requests a second, three in five minutes, below which a share of them says nothing."""


@dataclass(frozen=True, slots=True)
class Served:
    """A service: its name, its pods, and how its requests are counted; None of one that does not say how they end.

    ``counter`` is what counts the requests of such a one, empty where nothing does.
    """

    name: str
    pods: Pods
    requests: Requests | None
    counter: str = ""


def alerts(scope: Scope, services: list[Served]) -> Iterator[Alert]:
    """What is worth an alert of all these services together; each is told of by itself."""
    asked = [each for each in services if each.requests is not None or each.counter]
    if asked:
        yield _many(asked)
    counted = [each for each in services if each.requests is not None]
    if not counted:
        return
    if any(each.requests is not None and each.requests.buckets for each in counted):
        yield _slow(counted)
    for urgent, namespaces in by_urgency(scope, (each.pods.namespace for each in counted)).items():
        yield _failing([each for each in counted if each.pods.namespace in namespaces], urgent=urgent)


def _many(services: list[Served]) -> Alert:
    counters = _each(services, lambda requests, selector: requests.all(selector))
    for counter in dict.fromkeys(each.counter for each in services if each.requests is None):
        counters.append(f"{counter}{{{_selector([each for each in services if each.counter == counter])}}}")
    parts = [f"sum by (namespace, job) (rate({asked}[5m]))" for asked in counters]
    first = services[0]
    return Alert(
        name="HighRequestRate",
        severity="warning",
        expr=f"({' or '.join(parts)}) > {MANY}",
        lasts=300,
        says="{{ $labels.job }} in {{ $labels.namespace }} is asked {{ $value | printf `%.0f` }} times a second; "
        f"above {MANY} it is no longer what it was sized for.",
        first=(
            "Whether they are visitors: the firewall's sampled requests, and its logs by address and path. A few "
            "addresses: lower `edge.firewall.rate`.",
            "Whether there are as many pods as there may be: `kubectl get hpa -A`; if so raise `scale.replicas`, and "
            "with it what their stores accept.",
            "Whether answers are still fast and right: the alerts SlowResponse and ApiErrorRate say when they are not.",
        ),
        labels=_SERVICE,
        fires=(_counted(first, "0+36000x40"),),
        # Many once, long ago: a counter's height is no rate.
        quiet=(_counted(first, "9000000+6000x40"),),
    )


def _slow(services: list[Served]) -> Alert:
    parts = [
        f"histogram_quantile(0.95, sum by (namespace, job, le) (rate({within}[5m])))"
        for within in _each(services, lambda requests, selector: requests.within(selector), histograms=True)
    ]
    timed = next(each for each in services if each.requests is not None and each.requests.buckets)
    return Alert(
        name="SlowResponse",
        severity="warning",
        expr=f"({' or '.join(parts)}) > {SLOW}",
        lasts=300,
        says="One request in twenty to {{ $labels.job }} in {{ $labels.namespace }} takes more than "
        f"{SLOW} s: {{{{ $value | printf `%.1f` }}}} s.",
        first=(
            "Since when: a release at that time is the likeliest cause; take it back.",
            *_looks(services),
            "What they wait for: the database's slow statements and connections, the cache, a service that they ask.",
            "Pods near their limits: the alerts HighCPUUsage and AutoscalerAtItsMost.",
        ),
        labels=_SERVICE,
        fires=tuple(_took(timed, 3)),
        quiet=tuple(_took(timed, 0.4)),
    )


def _failing(services: list[Served], *, urgent: bool) -> Alert:
    by = "sum by (namespace, job)"
    parts = []
    for failed, asked in zip(
        _each(services, lambda requests, selector: requests.failed(selector)),
        _each(services, lambda requests, selector: requests.all(selector)),
        strict=True,
    ):
        share = f"100 * {by} (rate({failed}[5m])) / {by} (rate({asked}[5m]))"
        parts.append(f"({share} and {by} (rate({failed}[5m])) >= {_FEW})")
    first = services[0]
    place = "" if urgent else where(each.pods.namespace for each in services)
    return Alert(
        name=f"ApiErrorRate{place}",
        severity="critical" if urgent else "warning",
        expr=f"({' or '.join(parts)}) > {FAILED}",
        lasts=180,
        says="{{ $value | printf `%.1f` }} % of the requests to {{ $labels.job }} in {{ $labels.namespace }} end "
        "in an error of ours.",
        first=(
            *(step for each in services[:1] for step in (f"What it says: {steps.logs(each.pods)}.",)),
            "Whether it began with a release: take that back, "
            + ", ".join(dict.fromkeys(steps.undo(each.pods) for each in services))
            + ".",
            "What it needs is away: the alerts of its database, cache and other services; their pages come first.",
            "Only some paths: the rate of failed requests by path, in Grafana.",
        ),
        labels=_SERVICE,
        fires=(_counted(first, "0+60x40"), _failed(first, "0+6x40")),
        # As many failures a second, of a hundred times as many requests.
        quiet=(_counted(first, "0+6000x40"), _failed(first, "0+6x40")),
    )


def _looks(services: list[Served]) -> tuple[str, ...]:
    return (f"What they say: {', '.join(steps.logs(each.pods) for each in services[:3])}.",)


_SERVICE = {"service": "{{ $labels.job }}"}


def _each(services: list[Served], written: Callable[[Requests, str], str], *, histograms: bool = False) -> list[str]:
    """What is written for each way of counting, over all services that count so: their namespaces and containers."""
    ways: dict[Requests, list[Served]] = {}
    for each in services:
        if each.requests is not None and (each.requests.buckets or not histograms):
            ways.setdefault(each.requests, []).append(each)
    return [written(way, _selector(using)) for way, using in ways.items()]


def _selector(services: list[Served]) -> str:
    namespaces = any_of("namespace", (each.pods.namespace for each in services))
    return f"{namespaces},{any_of('job', (each.name for each in services))}"


# -- series of tests -----------------------------------------------------------------------------------------------


def _counted(each: Served, values: str, status: str = "200") -> Series:
    if each.requests is None:
        return series(each.counter, values, _labels(each))
    return series(each.requests.counted, values, {**_labels(each), "status": status})


def _failed(each: Served, values: str) -> Series:
    return _counted(each, values, "500")


def _took(each: Served, seconds: float) -> Iterator[Series]:
    assert each.requests is not None
    for bound in ("0.1", "0.5", "1", "2", "5", "+Inf"):
        values = "0+60x40" if float(bound) >= seconds else "0x40"
        yield series(each.requests.buckets, values, {**_labels(each), "le": bound})


def _labels(each: Served) -> dict[str, str]:
    return {"namespace": each.pods.namespace, "pod": f"{each.name}-7c9d8-x1", "job": each.name}
