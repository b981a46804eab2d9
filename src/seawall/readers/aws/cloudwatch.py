"""CloudWatch: alarms, dashboards and logs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from seawall.facts.data import Store
from seawall.facts.demands import Observe
from seawall.facts.fact import Demand, Fact, Known, Link
from seawall.facts.identity import Identifier
from seawall.facts.telemetry import Alarm, Emits, Retains, Threshold
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Body, Text, Textual, Unknown, Value
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import arn
from seawall.readers.aws.policy import parsed
from seawall.readers.registry import answers, reads


@reads("aws_cloudwatch_metric_alarm")
def metric_alarm(resource: Resource) -> Iterator[Fact | Demand]:
    """Somebody is told when a metric is on the wrong side of a threshold for so many periods; it must be kept."""
    body, address = Arguments(resource), resource.address
    source = body
    for query in body.blocks("metric_query"):
        if query.has("metric"):
            source = query.block("metric")
            break
    metric = f"{source.text('namespace')}/{source.text('metric_name')}"
    yield Alarm(
        address,
        metric if source.has("metric_name") else "expression",
        _dimensions(source),
        _detects_after(body, source),
        resource.region,
        _notifies(body),
        str(body.text("treat_missing_data", "missing")),
    )
    yield Identifier(address, "arn", arn(resource, "cloudwatch", "alarm:", body.text("alarm_name")))
    if body.has("metric_name"):
        yield from _threshold(body)
    yield from dict.fromkeys(_asked(body))


_OPERATORS: Final[dict[str, Literal[">", ">=", "<=", "<"]]] = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": ">=",
    "LessThanOrEqualToThreshold": "<=",
    "LessThanThreshold": "<",
}
"""Comparisons with a number; those with a band of what is usual are left out."""


def _threshold(body: Arguments) -> Iterator[Threshold]:
    operator = _OPERATORS.get(str(body.text("comparison_operator")))
    said = body.raw("threshold")
    if operator is None or said is None:
        return
    name = "extended_statistic" if body.has("extended_statistic") else "statistic"
    try:
        number: Known[float] = float(said)
    except (TypeError, ValueError):
        number = body.unknown("threshold", said)
    yield Threshold(body.address, body.known_text(name), operator, number)


def _asked(body: Arguments) -> Iterator[Observe]:
    """Every metric that an alarm reads, each by its dimensions."""
    if body.has("metric_name"):
        yield _demanded(body)
    for query in body.blocks("metric_query"):
        yield from (_demanded(metric) for metric in query.blocks("metric"))
        yield from _selected(body.address, query.text("expression"))


def _demanded(source: Arguments) -> Observe:
    names = tuple(name for name, _ in _dimensions(source))
    return Observe(source.address, f"{source.text('namespace')}/{source.text('metric_name')}", names)


_SELECT = re.compile(
    r"""^\s*SELECT\s+\w+\(\s*"?(?P<metric>[^")]+?)"?\s*\)\s+FROM\s+
    (?:SCHEMA\(\s*"?(?P<namespace>[^",)]+?)"?\s*(?P<dimensions>(?:,[^,)]+)*)\)|"(?P<all>[^"]+)")""",
    re.IGNORECASE | re.VERBOSE,
)


def _selected(source: Address, expression: Textual) -> Iterator[Observe]:
    """The metric of a query of Metrics Insights; one over a whole namespace takes it by whatever dimensions it has."""
    found = _SELECT.match(str(expression))
    if found is None:
        return
    names = [name.strip().strip('"') for name in (found["dimensions"] or "").split(",")]
    dimensions = tuple(sorted(filter(None, names))) if found["namespace"] else ("*",)
    yield Observe(source, f"{found['namespace'] or found['all']}/{found['metric']}", dimensions)


def _dimensions(source: Arguments) -> tuple[tuple[str, Textual], ...]:
    dimensions = source.raw("dimensions")
    if isinstance(dimensions, Mapping):
        known = {name: value for name, value in sorted(dimensions.items()) if value is not None}
        return tuple((name, source.as_text("dimensions", value)) for name, value in known.items())
    return () if dimensions is None else (("*", source.unknown("dimensions", dimensions)),)


def _detects_after(body: Arguments, source: Arguments) -> Known[int]:
    """Seconds: as many periods as must be bad, at the least."""
    periods = body.count("datapoints_to_alarm" if body.has("datapoints_to_alarm") else "evaluation_periods")
    period = source.count("period")
    if isinstance(periods, Unknown):
        return periods
    return period if isinstance(period, Unknown) else periods * period


def _notifies(body: Arguments) -> Known[tuple[Link | Textual, ...]]:
    enabled = body.flag("actions_enabled", True)
    actions = body.texts("alarm_actions")
    if isinstance(enabled, Unknown) or isinstance(actions, Unknown):
        return enabled if isinstance(enabled, Unknown) else actions
    if not enabled:
        return ()
    return tuple(sorted((body.as_link_or_text("alarm_actions", action) for action in actions), key=str))


@reads("aws_cloudwatch_composite_alarm")
def composite_alarm(resource: Resource) -> Iterator[Fact]:
    """Somebody is told when a rule over other alarms holds; it adds no delay of its own."""
    body = Arguments(resource)
    yield Alarm(
        resource.address,
        "composite",
        (("rule", body.text("alarm_rule")),),
        0,
        resource.region,
        _notifies(body),
    )


@reads("aws_cloudwatch_dashboard")
def dashboard(resource: Resource) -> Iterator[Demand]:
    """Every metric that a dashboard's panels show must be exported by somebody, with those dimensions."""
    body = Arguments(resource)
    document = parsed(body.raw("dashboard_body"), f"{resource.address}.dashboard_body")
    widgets = document.get("widgets") if isinstance(document, Mapping) else None
    shown: dict[Observe, None] = {}
    for widget in widgets if isinstance(widgets, list) else []:
        properties = widget.get("properties") if isinstance(widget, Mapping) else None
        metrics = properties.get("metrics") if isinstance(properties, Mapping) else None
        above: list[Value] = []
        for metric in metrics if isinstance(metrics, list) else []:
            words = _spelled_out(metric, above) if isinstance(metric, list) else []
            for said in metric if isinstance(metric, list) else ():
                if isinstance(said, Mapping) and isinstance(said.get("expression"), str | Text):
                    shown |= dict.fromkeys(_selected(resource.address, said["expression"]))
            if len(words) >= 2 and all(isinstance(word, str) for word in words[:2]):
                names = tuple(sorted(str(word) for word in words[2::2]))
                shown[Observe(resource.address, f"{words[0]}/{words[1]}", names)] = None
                above = words
    yield from shown


def _spelled_out(metric: list[Value], above: list[Value]) -> list[Value]:
    """A line of a panel without its options; a dot repeats the word above it, "..." all words but the last."""
    words = [word for word in metric if not isinstance(word, Mapping)]
    if "..." in words:
        rest = len(words) - words.index("...") - 1
        words = [
            *words[: words.index("...")],
            *above[words.index("...") : len(above) - rest],
            *words[len(words) - rest :],
        ]
    return [above[place] if word == "." and place < len(above) else word for place, word in enumerate(words)]


@reads("aws_cloudwatch_log_metric_filter")
def metric_filter(resource: Resource) -> Iterator[Fact]:
    """A metric is made of a log's lines, by the dimensions that the filter takes from them."""
    body = Arguments(resource)
    for made in body.blocks("metric_transformation"):
        dimensions = made.raw("dimensions")
        labels = tuple(sorted(dimensions)) if isinstance(dimensions, Mapping) else ()
        yield Emits(resource.address, f"{made.text('namespace')}/{made.text('name')}", labels)


@answers("aws_cloudwatch_log_group", "id")
def log_group_id(body: Body, _region: str | Unknown) -> Value:
    """A log group's id is its name."""
    return body.get("name")


@reads("aws_cloudwatch_log_group")
def log_group(resource: Resource) -> Iterator[Fact]:
    """A log that is kept for so many days; for ever, where nothing or 0 is said."""
    body, address = Arguments(resource), resource.address
    key = body.link("kms_key_id")
    yield Store(address, "logs", "cloudwatch", "", resource.region, encrypted=True, key=key)
    days = body.count("retention_in_days")
    yield Retains(address, None if days == 0 else days)
    name = body.text("name") if body.has("name") else body.unknown("name")
    yield Identifier(address, "arn", arn(resource, "logs", "log-group:", name))
    yield Identifier(address, "name", name)
