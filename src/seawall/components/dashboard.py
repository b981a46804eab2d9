"""A dashboard of everything that a platform watches: a section a layer, a panel a metric, its threshold in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from seawall.components import burn_rate
from seawall.components.component import Expandable
from seawall.components.plot import Plot
from seawall.components.scope import Scope
from seawall.components.watch import Layer, Watch
from seawall.kernel.errors import InputError
from seawall.kernel.value import Textual

WIDTH, HEIGHT, COLUMNS = 8, 6, 3
"""Of a panel, in the grid of 24 columns; how many stand beside each other."""
ALARMS = 100
"""Alarms that one panel can show (Amazon CloudWatch API, dashboard body structure, alarm widget)."""
MOST = 500
"""Panels that a dashboard can hold (Amazon CloudWatch service quotas)."""
TITLES: Final[dict[Layer, str]] = {
    "nodes": "Cluster overview",
    "pods": "Pods",
    "load-balancer": "Load balancer",
    "database": "Databases",
    "cache": "Caches",
    "stream": "Streams",
    "health": "Route 53 health checks, and what visitors get",
}
"""The sections of what components have in common, in their order; what has no layer stands under its component."""
SERVICE_LEVEL, STATUS = "Service level", "Alarm status"
_RED = "#d13212"


@dataclass(slots=True)
class Section:
    """A heading, and the panels below it in the order in which they came."""

    title: str
    panels: list[dict[str, Any]] = field(default_factory=list)


def sections(scope: Scope, watched: Mapping[str, Watch], names: Mapping[str, str]) -> list[Section]:
    """Every section that has a panel; ``names`` are the components by the key of their watches."""
    level = Section(SERVICE_LEVEL, list(_burning(scope)))
    layers = {layer: Section(title) for layer, title in TITLES.items()}
    others: dict[str, Section] = {}
    grouped: dict[tuple[Layer, str], dict[str, Watch]] = {}
    for key, watch in watched.items():
        # Watches of one layer may share a panel, whosever they are.
        grouped.setdefault((watch.layer, "" if watch.layer else names[key]), {})[key] = watch
    for (layer, name), found in grouped.items():
        section = layers[layer] if layer else others.setdefault(name, Section(name))
        section.panels += _watched(found)
    for name, component in scope.platform.components.items():
        for plot in cast(Expandable, component).plots(scope.at(name)):
            section = layers[plot.layer] if plot.layer else others.setdefault(name, Section(name))
            section.panels.append(_plotted(plot, plot.region or scope.region))
    return [section for section in (level, *layers.values(), *others.values()) if section.panels]


def document(scope: Scope, found: Sequence[Section], alarms: Sequence[Textual] = ()) -> dict[str, Any]:
    """The dashboard's body; ``alarms`` are ARNs, whose states come first. InputError if it holds too many panels."""
    status = [
        {"title": STATUS.lower(), "sortBy": "stateUpdatedTimestamp", "alarms": list(alarms[first : first + ALARMS])}
        for first in range(0, len(alarms), ALARMS)
    ]
    widgets = list(_placed(status, found))
    if len(widgets) > MOST:
        raise InputError(
            f"the dashboard would hold {len(widgets)} panels, and CloudWatch takes {MOST}",
            fix="watch less, or divide the platform",
            origin=scope.origin,
        )
    return {"widgets": widgets}


def _placed(status: Iterable[dict[str, Any]], found: Iterable[Section]) -> Iterator[dict[str, Any]]:
    row = 0
    for number, shown in enumerate(status):
        if not number:
            yield _heading(STATUS, row)
            row += 1
        yield {"type": "alarm", "x": 0, "y": row, "width": 24, "height": HEIGHT, "properties": shown}
        row += HEIGHT
    for section in found:
        yield _heading(section.title, row)
        row += 1
        for number, panel in enumerate(section.panels):
            across, down = number % COLUMNS, number // COLUMNS
            place = {"x": WIDTH * across, "y": row + HEIGHT * down, "width": WIDTH, "height": HEIGHT}
            yield {"type": "metric", **place, "properties": panel}
        row += HEIGHT * -(-len(section.panels) // COLUMNS)


def _heading(title: str, row: int) -> dict[str, Any]:
    return {"type": "text", "x": 0, "y": row, "width": 24, "height": 1, "properties": {"markdown": f"## {title}"}}


def _watched(watched: Mapping[str, Watch]) -> Iterator[dict[str, Any]]:
    """A panel a metric: watches of one metric of several things, such as a stream's brokers, share it."""
    together: dict[tuple[Any, ...], list[Watch]] = {}
    for watch in watched.values():
        keys = tuple(name for name, _ in watch.dimensions)
        alike = (watch.namespace, watch.metric, watch.statistic, watch.region, watch.period, watch.is_bad,
                 watch.threshold, keys, watch.query is not None)  # fmt: skip
        together.setdefault(alike, []).append(watch)
    for (_, metric, statistic, region, period, is_bad, threshold, _, _), watches in together.items():
        yield {
            "title": metric,
            "region": region,
            "stat": statistic,
            "period": period,
            "view": "timeSeries",
            "metrics": [_line(watch) for watch in watches],
            "annotations": {
                "horizontal": [{"label": f"{is_bad} {threshold:g} is bad", "value": threshold, "color": _RED}]
            },
        }


def _line(watch: Watch) -> list[Any]:
    if watch.query is not None:
        return [{"expression": watch.query, "label": watch.metric}]
    return [watch.namespace, watch.metric, *(part for dimension in watch.dimensions for part in dimension)]


def _plotted(plot: Plot, region: str) -> dict[str, Any]:
    lines = [
        [
            line.namespace,
            line.metric,
            *(part for dimension in line.dimensions for part in dimension),
            {"stat": line.statistic, **({"label": line.label} if line.label else {})},
        ]
        for line in plot.lines
    ]
    return {"title": plot.title, "region": region, "period": plot.period, "view": "timeSeries", "metrics": lines}


def _burning(scope: Scope) -> Iterator[dict[str, Any]]:
    """The share of requests that fail, with what each pace of using up the budget takes for bad."""
    claim, balancer = burn_rate.claimed(scope), burn_rate.watched(scope)
    if claim is None or balancer is None:
        return
    for pace in burn_rate.PACES:
        bad = float(100 * burn_rate.threshold(claim, pace))
        if bad >= 100:
            continue
        lines: list[list[Any]] = []
        for query in burn_rate.queries(balancer, pace.short, burn_rate.fewest(claim, pace)):
            if query["return_data"]:
                lines.append([{"id": query["id"], "expression": query["expression"], "label": query["label"]}])
                continue
            [metric] = query["metric"]
            parts = (part for dimension in metric["dimensions"].items() for part in dimension)
            options = {"id": query["id"], "stat": metric["stat"], "visible": False}
            lines.append([metric["namespace"], metric["metric_name"], *parts, options])
        yield {
            "title": f"failed requests, {float(pace.factor):g} times the budget of {claim}",
            "region": scope.region,
            "period": pace.short,
            "view": "timeSeries",
            "metrics": lines,
            "annotations": {
                "horizontal": [
                    {"label": f"> {float(100 * bad):.4g} % is bad", "value": float(100 * bad), "color": _RED}
                ]
            },
        }
