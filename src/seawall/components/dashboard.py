"""A dashboard of everything that a platform watches: a row a component, a panel a metric, its threshold in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from seawall.components.watch import Watch
from seawall.kernel.value import Textual

WIDTH, HEIGHT, COLUMNS = 8, 6, 3
"""Of a panel, in the grid of 24 columns; how many stand beside each other."""
ALARMS = 100
"""Alarms that one panel can show (Amazon CloudWatch API, dashboard body structure, alarm widget)."""
MOST = 500
"""Panels that a dashboard can hold (Amazon CloudWatch service quotas)."""


def document(watched: Mapping[str, Watch], names: Mapping[str, str], alarms: Sequence[Textual] = ()) -> dict[str, Any]:
    """The dashboard's body; ``names`` are the components by the key of their watches, ``alarms`` ARNs.

    Watches of one metric of several things, such as a stream's brokers, share a panel; the alarms' states come first.
    """
    widgets: list[dict[str, Any]] = []
    row = 0
    for first in range(0, len(alarms), ALARMS):
        place = {"x": 0, "y": row, "width": 24, "height": HEIGHT}
        shown = {"title": "alarms", "sortBy": "stateUpdatedTimestamp", "alarms": list(alarms[first : first + ALARMS])}
        widgets.append({"type": "alarm", **place, "properties": shown})
        row += HEIGHT
    for name, keys in groupby(watched, key=lambda key: names[key]):
        panels = list(_panels({key: watched[key] for key in keys}))
        widgets.append(
            {"type": "text", "x": 0, "y": row, "width": 24, "height": 1, "properties": {"markdown": f"## {name}"}}
        )
        row += 1
        for number, panel in enumerate(panels):
            place = {
                "x": WIDTH * (number % COLUMNS),
                "y": row + HEIGHT * (number // COLUMNS),
                "width": WIDTH,
                "height": HEIGHT,
            }
            widgets.append({"type": "metric", **place, "properties": panel})
        row += HEIGHT * -(-len(panels) // COLUMNS)
    return {"widgets": widgets[:MOST]}


def _panels(watched: Mapping[str, Watch]) -> Iterator[dict[str, Any]]:
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
                "horizontal": [{"label": f"{is_bad} {threshold:g} is bad", "value": threshold, "color": "#d13212"}]
            },
        }


def _line(watch: Watch) -> list[Any]:
    if watch.query is not None:
        return [{"expression": watch.query, "label": watch.metric}]
    return [watch.namespace, watch.metric, *(part for dimension in watch.dimensions for part in dimension)]
