"""Groups of rules: what is recorded, what is alerted on, and how both are written for Prometheus and promtool.

Annotations of an alert: ``summary`` is one sentence, ``description`` all that ``says`` says, ``runbook_url`` where the
page lies, and ``runbook`` its steps, one a line, from which the page is made. Labels are ``severity``, ``service``
(what messages are grouped by) and those of the alert.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from seawall.components import runbook
from seawall.components.alert import Alert, Series
from seawall.components.monitoring.alertmanager import spelled
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel.units import Duration
from seawall.readers.kubernetes.promql import proved

NAMESPACE: Final = "monitoring"
_FOLDER: Final = "telemetry"


@dataclass(frozen=True, slots=True)
class Record:
    """An expression that is asked often, under a name of its own: level, metric, operation."""

    name: str
    expr: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are judged one after another, those that record first.

    ``component`` is who says so, ``service`` what its alerts' messages are grouped by unless they say otherwise;
    ``every`` is how often they are judged, where not as often as Prometheus asks.
    """

    name: str
    component: str
    records: tuple[Record, ...] = ()
    alerts: tuple[Alert, ...] = ()
    service: str = ""
    every: int | None = None
    file: str = ""
    """Where it is written, if not with the others of its component."""

    def rules(self, scope: Scope) -> dict[str, Any]:
        """The group as Prometheus reads it; InputError where an expression is no PromQL."""
        for expr in (*(record.expr for record in self.records), *(alert.expr for alert in self.alerts)):
            proved(expr, scope.origin)
        every = {} if self.every is None else {"interval": spelled(Duration(self.every))}
        written = [_recorded(record) for record in self.records]
        written += [self._raised(scope, alert) for alert in self.alerts]
        return {"name": self.name, **every, "rules": written}

    def labels(self, alert: Alert) -> dict[str, str]:
        """The labels that the alert is raised with, beside those of its expression."""
        service = {"service": self.service} if self.service else {}
        return {"severity": alert.severity, **service, **alert.labels}

    def _raised(self, scope: Scope, alert: Alert) -> dict[str, Any]:
        return {
            "alert": alert.name,
            "expr": alert.expr,
            **({"for": spelled(Duration(alert.lasts))} if alert.lasts else {}),
            "labels": self.labels(alert),
            "annotations": {
                "summary": alert.says.partition(". ")[0].partition("; ")[0].removesuffix("."),
                "description": alert.says,
                "runbook_url": runbook.link(scope, alert.name),
                "runbook": "\n".join(alert.first),
            },
        }


def _recorded(record: Record) -> dict[str, Any]:
    labels = {"labels": dict(record.labels)} if record.labels else {}
    return {"record": record.name, "expr": record.expr, **labels}


def objects(scope: Scope, name: str, groups: Iterable[Group]) -> Iterator[Resource]:
    """The groups as one PrometheusRule, and beside it the same for promtool, with the tests of their alerts."""
    found = list(groups)
    body = {"groups": [group.rules(scope) for group in found]}
    yield scope.object("monitoring.coreos.com/v1", "PrometheusRule", name, {"spec": body}, namespace=NAMESPACE)
    # Further sites raise the same alerts; their files lie beside those at home.
    file = "-".join(filter(None, (scope.platform.site, name)))
    yield scope.file(f"{_FOLDER}/rules/{file}.rules", "promtool-rules", body)
    tests = [test for group in found for alert in group.alerts for test in _tests(group, alert)]
    # A budget over days need not be looked at every minute to see it burn.
    every = "15m" if any(group.every for group in found) else "1m"
    if tests:
        test = {
            "rule_files": [f"../rules/{file}.rules"],
            "evaluation_interval": every,
            # Otherwise promtool judges an alert before or after what it asks for is recorded, as it happens.
            "group_eval_order": [group.name for group in found],
            "tests": tests,
        }
        yield scope.file(f"{_FOLDER}/tests/{file}.yaml", "promtool-test", test)


def _tests(group: Group, alert: Alert) -> Iterator[dict[str, Any]]:
    fixed = {key: value for key, value in group.labels(alert).items() if "{{" not in value}
    yield _test(alert, "is raised", alert.fires, fixed, raised=True)
    yield _test(alert, "is quiet", alert.quiet, fixed, raised=False)


def _test(
    alert: Alert, what: str, series: tuple[Series, ...], fixed: Mapping[str, str], *, raised: bool
) -> dict[str, Any]:
    selected = ",".join(f'{key}="{value}"' for key, value in {"alertname": alert.name, **fixed}.items())
    sample = {"labels": f'{{alertname="{alert.name}"}}', "value": 1}
    asked = {
        "expr": f'group by (alertname) (ALERTS{{alertstate="firing",{selected}}})',
        "eval_time": f"{alert.after}m",
        "exp_samples": [sample] if raised else [],
    }
    return {
        "name": f"{alert.name} {what}",
        "interval": "1m",
        "input_series": [{"series": one.series, "values": one.values} for one in series],
        "promql_expr_test": [asked],
    }
