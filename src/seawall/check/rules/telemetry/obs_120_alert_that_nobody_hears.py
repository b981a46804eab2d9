"""Alerts that Alertmanager tells nobody."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.alert_routes import ALERT, labels_of, told
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.telemetry import Alarm, Route, Routes
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="OBS-120",
    severity=Severity.HIGH,
    summary="An alert that nobody hears",
    why="Alertmanager takes it, and the route at which it ends leads to a receiver that sends nothing: it is seen "
    "where somebody happens to look",
    fix="give its severity a receiver with a channel, a mailbox or a pager; what is not worth that is no alert",
    layers=("kubernetes",),
    source="https://prometheus.io/docs/alerting/latest/configuration/#route",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each alert of a cluster, by the routes of its Alertmanager; what a route names itself is meant to be unheard."""
    for routes in facts.all(Routes):
        cluster = _cluster(routes.of)
        means = dict(routes.means)
        unheard: set[str] = set()
        for alarm in facts.all(Alarm):
            if not alarm.metric.startswith(ALERT) or _cluster(alarm.of) != cluster:
                continue
            name = alarm.metric.removeprefix(ALERT)
            ends = told(routes.root, labels_of(alarm))
            if isinstance(ends, Unknown):
                yield RULE.unknown(f"who is told of {name} is not known", [ends], alarm.of)
            elif not any(means.get(end.receiver) or _named(end) for end in ends):
                unheard.add(name)
        if unheard:
            names = sorted(unheard)
            shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
            yield RULE.refuted(f"{routes.of} tells nobody of {shown}", routes.of)


def _named(route: Route) -> bool:
    return any(label == "alertname" and operator == "=" for label, operator, _ in route.matchers)


def _cluster(address: Address) -> str:
    name = address.as_kubernetes()
    return name.cluster if name is not None else ""
