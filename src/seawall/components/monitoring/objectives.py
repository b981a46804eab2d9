"""What is spent of the error budgets that claims of availability and latency leave, and how fast.

Windows and factors: Google, The Site Reliability Workbook, chapter 5 "Alerting on SLOs", "Multiwindow, Multi-Burn-Rate
Alerts": 14.4 times over an hour spends 2 % of a month's budget, 6 times over six hours 5 %, 3 times over a day and once
over three days 10 %. The short window, a twelfth of the long, lets an alert end soon after its cause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from seawall.components.alert import Alert, Series
from seawall.components.alerting.urgency import is_urgent
from seawall.components.monitoring.group import Group, Record
from seawall.components.monitoring.recorded import counted
from seawall.components.requests import Requests
from seawall.components.scope import Scope
from seawall.components.service import Service
from seawall.facts.resilience import Claim
from seawall.kernel.units import Duration, Share


@dataclass(frozen=True, slots=True)
class Burn:
    """A budget that is spent ``factor`` times as fast as it lasts, over a long window and still over a short one."""

    factor: Decimal
    long: str
    short: str
    severity: Literal["critical", "warning"]
    lasts: int


BURNS: Final = (
    Burn(Decimal("14.4"), "1h", "5m", "critical", 120),
    Burn(Decimal(6), "6h", "30m", "critical", 900),
    Burn(Decimal(3), "1d", "2h", "warning", 3600),
    Burn(Decimal(1), "3d", "6h", "warning", 10800),
)
_SLOW: Final = ("2h", "6h", "1d", "3d")
"""Windows that are asked every few minutes only: a sum over days does not change in seconds."""
_EVERY: Final = 120
# Upper bounds of buckets, in seconds, of the histogram by all handlers: latency_highr_buckets in
# src/prometheus_fastapi_instrumentator/metrics.py of trallnag/prometheus-fastapi-instrumentator.
_PLAIN: Final = (
    "0.01", "0.025", "0.05", "0.075", "0.1", "0.25", "0.5", "0.75", "1.0", "1.5", "2.0", "2.5", "3.0", "3.5", "4.0",
    "4.5", "5.0", "7.5", "10.0", "30.0", "60.0",
)  # fmt: skip
_MATCHER: Final = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Objective:
    """A share of requests that may be bad: how it is called, which are bad, and what a person reads of it.

    ``bad`` and ``all`` are expressions over a window ``[W]``; ``of`` are the series of a bad and of a good request.
    """

    alert: str
    record: str
    budget: Decimal
    ratio: str
    says: str
    first: tuple[str, ...]
    total: str
    part: str
    part_is_bad: bool


def groups(scope: Scope) -> list[Group]:
    """Records and alerts of every claim about services that the world reaches; a group or two a service."""
    found: dict[str, list[Objective]] = {}
    for name, objective in objectives(scope):
        found.setdefault(name, []).append(objective)
    return [group for name, each in found.items() for group in _groups(scope, name, each)]


def _groups(scope: Scope, name: str, objectives: list[Objective]) -> Iterator[Group]:
    windows = list(dict.fromkeys(window for burn in BURNS for window in (burn.long, burn.short)))
    fast: list[Record] = []
    slow: list[Record] = []
    alerts: list[Alert] = []
    for objective in objectives:
        for window in windows:
            expr = objective.ratio.replace("[W]", f"[{window}]")
            (slow if window in _SLOW else fast).append(Record(f"{objective.record}{window}", expr, {"service": name}))
        alerts += [_alert(name, objective, burn) for burn in BURNS if burn.factor * objective.budget < 1]
    file = f"objectives-{name}"
    yield Group(f"{file}-slow", scope.name, records=tuple(slow), every=_EVERY, file=file)
    yield Group(file, scope.name, records=tuple(fast), alerts=tuple(alerts), file=file)


def objectives(scope: Scope) -> Iterator[tuple[str, Objective]]:
    """Every claim about every service that counts its requests and that the world reaches: service, objective.

    Nothing is promised of namespaces whose pods give way to others, such as those of developers.
    """
    for name, service, requests, selector in counted(scope):
        if service.expose is None or not is_urgent(scope, service.pods(scope.at(name)).namespace):
            continue
        for claim in scope.platform.claims:
            found = _objective(claim, name, service, requests, selector)
            if found is not None:
                yield name, found


def _objective(claim: Claim, name: str, service: Service, requests: Requests, selector: str) -> Objective | None:
    if (claim.subject, claim.measure) == ("platform", "availability") and isinstance(claim.value, Share):
        good = claim.value.percent
        rate = f"sum(rate({requests.all(selector)}[W]))"
        return Objective(
            "AvailabilityBudgetBurns",
            "service:http_requests_failed:ratio_rate",
            (100 - good) / 100,
            f"sum(rate({requests.failed(selector)}[W])) / {rate}",
            f"So many requests to {name} fail that the {100 - good} % which {good} % of availability leave",
            (
                f"Which requests: in Grafana, the rate of `{requests.failed(selector)}` by path or `uri`.",
                "Since when: a release, a change of the platform or an alert of a store at that time is the cause more "
                "often than not; take the release back first and look afterwards.",
                f"What it says: `kubectl logs -n {_namespace(selector)} -l app.kubernetes.io/name={name} --tail=200`.",
                "A store that it needs is away: its own alert says what to do.",
            ),
            requests.all(selector),
            requests.failed(selector),
            part_is_bad=True,
        )
    if claim.subject == "latency" and requests.buckets and isinstance(claim.value, Duration):
        quantile = Decimal(claim.measure.removeprefix("p"))
        bound = _bound(requests, claim.value)
        if bound is None:
            return None
        within = requests.within(f'{selector},le="{bound}"')
        total = requests.within(f'{selector},le="+Inf"')
        return Objective(
            "LatencyBudgetBurns",
            f"service:http_requests_slow_{claim.measure.replace('.', '_')}:ratio_rate",
            (100 - quantile) / 100,
            f"1 - sum(rate({within}[W])) / sum(rate({total}[W]))",
            f"So many requests to {name} take longer than {bound} s that the {100 - quantile} % which may",
            (
                f"Which requests: in Grafana, `histogram_quantile` of `{requests.within(selector)}` by path or `uri`.",
                f"Whether there are as many pods as there may be: `kubectl get hpa -n {_namespace(selector)} {name}`.",
                "What they wait for: slow statements of the database, a pool without a free connection, a service that "
                "they ask.",
                "Since a release: take it back.",
            ),
            total,
            within,
            part_is_bad=False,
        )
    return None


def _namespace(selector: str) -> str:
    return selector.partition('namespace="')[2].partition('"')[0]


def _bound(requests: Requests, limit: Duration) -> str | None:
    """The largest bound of a bucket that is not above the limit: what is slower never counts as fast."""
    bounds = micrometer() if requests.buckets.startswith("http_server_requests") else _PLAIN
    return max((bound for bound in bounds if float(bound) <= limit.seconds), key=float, default=None)


def micrometer() -> tuple[str, ...]:
    """The bounds of Micrometer's histograms between 1 ms and 30 s, in seconds.

    Between powers of four there are steps of a third (micrometer-core, distribution/PercentileHistogramBuckets.java of
    micrometer-metrics/micrometer); a timer's are in nanoseconds.
    """
    found: list[int] = []
    current = 4
    while current < 30_000_000_000:
        step = current // 3
        end = current * 4 - step
        while current < end:
            found.append(current)
            current += step
        current = end + step
    return tuple(f"{bound / 1e9:.9f}".rstrip("0") for bound in found if 1_000_000 <= bound <= 30_000_000_000)


def _alert(name: str, objective: Objective, burn: Burn) -> Alert:
    most = burn.factor * objective.budget
    asked = f'{objective.record}{{}}{{{{service="{name}"}}}} > {most.normalize():f}'
    times = f"{burn.factor:f} times as fast as they last"
    return Alert(
        name=objective.alert,
        severity=burn.severity,
        expr=f"{asked.format(burn.long)} and {asked.format(burn.short)}",
        lasts=burn.lasts,
        says=f"{objective.says} are spent {times}, over {burn.long} and still over {burn.short}.",
        first=objective.first,
        fires=_series(objective, most * Decimal("1.3")),
        quiet=_series(objective, most * Decimal("0.7")),
        after=burn.lasts // 60 + 30,
        labels={"service": name, "window": burn.long},
    )


def _series(objective: Objective, bad: Decimal) -> tuple[Series, ...]:
    """A hundred thousand requests a minute, of which that share is bad."""
    each, length = 100_000, 300
    share = min(bad, Decimal(1))
    part = round(each * (share if objective.part_is_bad else 1 - share))
    return (
        Series(_one(objective.part), f"0+{part}x{length}"),
        Series(_one(objective.total, good=True), f"0+{each - part if objective.part_is_bad else each}x{length}"),
    )


def _one(selector: str, *, good: bool = False) -> str:
    """A series that the selector finds; ``good`` says that it is not one that failed."""
    metric, _, labels = selector.partition("{")
    found = {label: _value(operator, value) for label, operator, value in _MATCHER.findall(labels)}
    if good and "le" not in found:
        found["status"] = "200"
    return f"{metric}{{{','.join(f'{label}={chr(34)}{value}{chr(34)}' for label, value in found.items())}}}"


def _value(operator: str, value: str) -> str:
    if operator == "=":
        return value
    return value.replace(".", "0") if operator == "=~" else "/api"
