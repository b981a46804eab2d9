"""Pages of CloudWatch's alarms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from seawall.components.runbook import path
from seawall.facts.telemetry import Notifies
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import Duration
from seawall.kernel.value import Ref, refs
from seawall.render.runbooks.page import Page, Surroundings
from seawall.render.words import said

METRIC, COMPOSITE = "aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"
_SIGNS: Final = {
    "GreaterThanThreshold": "above",
    "GreaterThanOrEqualToThreshold": "at or above",
    "LessThanThreshold": "below",
    "LessThanOrEqualToThreshold": "at or below",
}
_SILENCE: Final = {
    "breaching": "bad: who says nothing may be gone",
    "notBreaching": "good: there is nothing to count",
    "ignore": "neither: the alarm stays as it was",
    "missing": "not known: the alarm becomes INSUFFICIENT_DATA",
}


def name_of(around: Surroundings, alarm: Resource) -> str:
    """The name of an alarm's page."""
    return str(alarm.body["alarm_name"]).removeprefix(around.prefix)


def pages(around: Surroundings) -> Iterator[Page]:
    """One page an alarm."""
    for alarm in (*around.graph.of_type(METRIC), *around.graph.of_type(COMPOSITE)):
        body = alarm.body
        stated: Mapping[str, Any] = alarm.meta.get("runbook", {})
        name = name_of(around, alarm)
        yield Page(
            name=name,
            title=str(body["alarm_name"]),
            severity=str(body.get("tags", {}).get("severity", "warning")),
            says=_says(str(body.get("alarm_description", "")), name),
            when=tuple(_when(around, alarm)),
            told=tuple(_told(around, alarm)),
            about=tuple(around.about(thing) for thing in _things(alarm, stated.get("about", ()))),
            first=stated.get("first", ()),
            over=tuple(_over(alarm)),
            links=tuple(_links(around, alarm)),
        )


def _says(description: str, name: str) -> str:
    """The description without where its page lies, which is here."""
    text, _, last = description.rpartition(" ")
    return text if last.endswith(path(name)) else description


def _when(around: Surroundings, alarm: Resource) -> Iterator[tuple[str, str]]:
    body = alarm.body
    if alarm.type == COMPOSITE:
        yield "rule", _rule(around, alarm)
        yield "region", str(alarm.region)
        return
    period = body.get("period")
    for query in body.get("metric_query", ()):
        for metric in query.get("metric", ()):
            period = metric["period"]
            yield f"`{query['id']}`", f"{metric['stat']} of {_metric(around, metric)}"
        if query.get("return_data"):
            period = query.get("period", period)
            yield "worked out", f"`{said(query['expression'])}`"
    if "metric_name" in body:
        yield "metric", _metric(around, body)
    statistic = body.get("statistic") or body.get("extended_statistic") or "the result"
    bad, of = body.get("datapoints_to_alarm", body["evaluation_periods"]), body["evaluation_periods"]
    if period is None:
        period = next(query["metric"][0]["period"] for query in body["metric_query"] if query.get("metric"))
    yield "is bad", f"while {statistic} is {_SIGNS[body['comparison_operator']]} {_number(body['threshold'])}"
    yield (
        "is raised",
        f"when {bad} of {of} periods of {Duration(int(period))} were bad: after {Duration(int(period) * bad)}",
    )
    yield "silence is", _SILENCE[body.get("treat_missing_data", "missing")]
    yield "region", str(alarm.region)


def _metric(around: Surroundings, body: Mapping[str, Any]) -> str:
    return f"`{body['namespace']}` `{body['metric_name']}` by {around.joined(body.get('dimensions') or {})}"


def _number(value: float) -> str:
    return f"{value:,.15g}"


def _rule(around: Surroundings, alarm: Resource) -> str:
    members = list(_members(around, alarm))
    between = " and " if " AND " in str(alarm.body["alarm_rule"]) else " or "
    return between.join(f"[{name}]({name}.md)" for name in members)


def _members(around: Surroundings, alarm: Resource) -> Iterator[str]:
    for address in dict.fromkeys(ref.to for ref in refs(alarm.body["alarm_rule"])):
        yield name_of(around, around.graph[address])


def _told(around: Surroundings, alarm: Resource) -> Iterator[str]:
    for action in alarm.body.get("alarm_actions", ()):
        if not isinstance(action, Ref):
            yield f"`{said(action)}`"
            continue
        topic = around.graph[action.to]
        means = sorted({fact.protocol for fact in around.facts.where(Notifies, of=action.to)})
        yield f"`{said(topic.body.get('name'))}` in {topic.region}: {', '.join(means)}"


def _things(alarm: Resource, stated: tuple[Address, ...]) -> tuple[Address, ...]:
    named = tuple(ref.to for ref in refs({key: alarm.body.get(key) for key in ("dimensions", "metric_query")}))
    return tuple(dict.fromkeys((*stated, *named)))


def _over(alarm: Resource) -> Iterator[str]:
    kind = "CompositeAlarm" if alarm.type == COMPOSITE else "MetricAlarm"
    yield (
        f"`aws cloudwatch describe-alarms --region {alarm.region} --alarm-types {kind} --alarm-names "
        f"{alarm.body['alarm_name']} --query '{kind}s[0].[StateValue,StateReason]'` says OK, and whoever was told is "
        "told again."
    )
    if alarm.type == COMPOSITE:
        yield "It ends by itself with the alarms that it is made of."
    else:
        yield "It ends by itself once so many periods are no longer bad; nobody has to reset it."


def _links(around: Surroundings, alarm: Resource) -> Iterator[tuple[str, str]]:
    console = f"https://{alarm.region}.console.aws.amazon.com/cloudwatch/home?region={alarm.region}"
    yield "the alarm in CloudWatch", f"{console}#alarmsV2:alarm/{quote(str(alarm.body['alarm_name']))}"
    dashboards = around.graph.of_type("aws_cloudwatch_dashboard")
    place = alarm.address.as_terraform()
    for dashboard in dashboards:
        other = dashboard.address.as_terraform()
        if place is not None and other is not None and place.region == other.region:
            there = f"https://{dashboard.region}.console.aws.amazon.com/cloudwatch/home?region={dashboard.region}"
            yield "the dashboard", f"{there}#dashboards/dashboard/{quote(str(dashboard.body['dashboard_name']))}"
    yield "every page", "README.md"
