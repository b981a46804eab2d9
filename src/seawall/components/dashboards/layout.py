"""From a dashboard to Grafana's own JSON: places and numbers are computed, so that nothing overlaps.

The shape is that of Grafana 11's dashboards, schema version 40: DashboardMigrator.ts of
grafana/grafana at v11.4.0. Later releases take it, too, and bring it up to their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from seawall.components.dashboards.panel import COLUMNS, Dashboard, Panel, Query, Threshold, Variable

SCHEMA = 40
PROMETHEUS = {"type": "prometheus", "uid": "prometheus"}
"""The source that every panel asks; its uid is ours, so a dashboard finds it wherever it is loaded."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def document(dashboard: Dashboard) -> dict[str, Any]:
    """The dashboard as Grafana loads it.

    Raises ValueError where a panel has no query, more than letters name, or is wider than the grid.
    """
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": list(dashboard.tags),
        "schemaVersion": SCHEMA,
        "version": 1,
        "timezone": "browser",
        # It is code: what somebody changes in the browser would be gone with the pod.
        "editable": False,
        "graphTooltip": 1,
        "refresh": "1m",
        "time": {"from": dashboard.since, "to": "now"},
        "timepicker": {},
        "fiscalYearStartMonth": 0,
        "links": [],
        "annotations": {"list": [_ANNOTATIONS]},
        "templating": {"list": [_variable(variable) for variable in dashboard.variables]},
        "panels": list(_panels(dashboard)),
    }


_ANNOTATIONS = {
    "builtIn": 1,
    "datasource": {"type": "grafana", "uid": "-- Grafana --"},
    "enable": True,
    "hide": True,
    "iconColor": "rgba(0, 211, 255, 1)",
    "name": "Annotations & Alerts",
    "type": "dashboard",
}


def _panels(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    number, top = 1, 0
    for row in dashboard.rows:
        place = {"x": 0, "y": top, "w": COLUMNS, "h": 1}
        yield {"id": number, "type": "row", "title": row.title, "collapsed": False, "gridPos": place, "panels": []}
        number, top = number + 1, top + 1
        for line in _lines(row.panels):
            high = max(panel.rows_high for panel, _ in line)
            left = 0
            for panel, wide in line:
                yield _panel(panel, number, {"x": left, "y": top, "w": wide, "h": high})
                number, left = number + 1, left + wide
            top += high


def _lines(panels: Sequence[Panel]) -> Iterator[list[tuple[Panel, int]]]:
    """Panels with their widths, line by line, each as wide as the grid."""
    lines: list[list[Panel]] = [[]]
    for panel in panels:
        if not 1 <= panel.columns_wide <= COLUMNS:
            raise ValueError(f"{panel.title} is {panel.columns_wide} columns wide, and the grid has {COLUMNS}")
        if sum(other.columns_wide for other in lines[-1]) + panel.columns_wide > COLUMNS:
            lines.append([])
        lines[-1].append(panel)
    if len(lines) > 1 and len(lines[-1]) == 1 and all(panel.width is None for line in lines[-2:] for panel in line):
        # One that would stand alone moves up to the others.
        lines[-2:] = [lines[-2] + lines[-1]]
    for line in lines:
        wide = [panel.columns_wide for panel in line]
        if sum(wide) > COLUMNS:
            wide = [COLUMNS // len(line) + (place < COLUMNS % len(line)) for place in range(len(line))]
        # What is left of a line goes to its last panel.
        yield list(zip(line, [*wide[:-1], COLUMNS - sum(wide[:-1])], strict=True))


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    if not 1 <= len(panel.queries) <= len(_LETTERS):
        raise ValueError(f"{panel.title} has {len(panel.queries)} queries")
    body: dict[str, Any] = {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": PROMETHEUS,
        "gridPos": place,
        "targets": [_target(panel, query, letter) for query, letter in zip(panel.queries, _LETTERS, strict=False)],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _options(panel),
    }
    if panel.kind == "table":
        body["transformations"] = [_columns(panel)]
    return body


def _target(panel: Panel, query: Query, letter: str) -> dict[str, Any]:
    # A table and a bar show what is now; a stat and a gauge take the last value of a line.
    now = panel.kind in ("table", "bargauge")
    form = {"table": "table", "heatmap": "heatmap"}.get(panel.kind, "time_series")
    return {
        "refId": letter,
        "datasource": PROMETHEUS,
        "editorMode": "code",
        "expr": query.expr,
        "legendFormat": query.legend or "__auto",
        "format": form,
        "instant": now,
        "range": not now,
    }


def _defaults(panel: Panel) -> dict[str, Any]:
    found: dict[str, Any] = {
        "unit": panel.unit,
        "color": {"mode": "palette-classic" if panel.kind == "timeseries" else "thresholds"},
        "mappings": [],
        "thresholds": {"mode": "absolute", "steps": _steps(panel.base, panel.thresholds)},
        "custom": _custom(panel),
    }
    for name, value in (("min", panel.least), ("max", panel.most), ("decimals", panel.decimals)):
        if value is not None:
            found[name] = value
    return found


def _steps(base: str, thresholds: Sequence[Threshold]) -> list[dict[str, Any]]:
    first: dict[str, Any] = {"color": base, "value": None}
    return [first, *({"color": threshold.colour, "value": threshold.at} for threshold in thresholds)]


def _custom(panel: Panel) -> dict[str, Any]:
    if panel.kind == "timeseries":
        return {
            "drawStyle": "line",
            "lineInterpolation": "linear",
            "lineWidth": 1,
            "fillOpacity": 20 if panel.stacked else 5,
            "gradientMode": "none",
            "showPoints": "never",
            "spanNulls": False,
            "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
            "thresholdsStyle": {"mode": "dashed" if panel.thresholds else "off"},
            "axisPlacement": "auto",
        }
    if panel.kind == "table":
        return {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False}
    if panel.kind == "heatmap":
        return {"hideFrom": {"legend": False, "tooltip": False, "viz": False}, "scaleDistribution": {"type": "linear"}}
    return {}


def _options(panel: Panel) -> dict[str, Any]:
    last = {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "orientation": "auto"}
    match panel.kind:
        case "timeseries":
            several = len(panel.queries) > 1 or "{{" in panel.queries[0].legend
            return {
                "legend": {
                    "displayMode": "table" if several else "list",
                    "placement": "bottom",
                    "showLegend": True,
                    "calcs": ["lastNotNull", "max"] if several else [],
                },
                "tooltip": {"mode": "multi", "sort": "desc"},
            }
        case "stat":
            graph = "area" if len(panel.queries) == 1 else "none"
            return {**last, "colorMode": "value", "graphMode": graph, "justifyMode": "auto", "textMode": "auto"}
        case "gauge":
            return {**last, "showThresholdLabels": False, "showThresholdMarkers": True}
        case "bargauge":
            return {
                **last,
                "orientation": "horizontal",
                "displayMode": "basic",
                "valueMode": "color",
                "showUnfilled": True,
                "minVizHeight": 16,
                "minVizWidth": 8,
                "namePlacement": "left",
                "sizing": "auto",
            }
        case "table":
            footer = {"show": False, "reducer": ["sum"], "countRows": False}
            sort = [{"displayName": panel.value, "desc": True}]
            return {"showHeader": True, "cellHeight": "sm", "footer": footer, "sortBy": sort}
        case "heatmap":
            colour = {"mode": "scheme", "scheme": "Oranges", "steps": 64, "reverse": False, "fill": "dark-orange"}
            return {
                "calculate": False,
                "cellGap": 1,
                "color": {**colour, "exponent": 0.5, "scale": "exponential"},
                "exemplars": {"color": "rgba(255,0,255,0.7)"},
                "filterValues": {"le": 1e-9},
                "legend": {"show": True},
                "rowsFrame": {"layout": "auto"},
                "showValue": "never",
                "tooltip": {"mode": "single", "showColorScale": False, "yHistogram": False},
                "yAxis": {"axisPlacement": "left", "reverse": False, "unit": panel.unit},
            }


def _columns(panel: Panel) -> dict[str, Any]:
    """What a table shows of its query: the labels that it names, in their order, and then the value."""
    names = [label for label, _ in panel.columns]
    return {
        "id": "organize",
        "options": {
            "excludeByName": {"Time": True},
            "includeByName": {},
            "indexByName": {name: place for place, name in enumerate([*names, "Value"])},
            "renameByName": {**dict(panel.columns), "Value": panel.value},
        },
    }


def _variable(variable: Variable) -> dict[str, Any]:
    asked = f"label_values({variable.metric}, {variable.label})"
    current: dict[str, Any] = {"selected": True, "text": ["All"], "value": ["$__all"]}
    if variable.chosen:
        current = {"selected": True, "text": list(variable.chosen), "value": list(variable.chosen)}
    return {
        "name": variable.name,
        "label": variable.name,
        "type": "query",
        "datasource": PROMETHEUS,
        "query": {"query": asked, "refId": f"variable-{variable.name}", "qryType": 1},
        "current": current,
        "options": [],
        "hide": 0,
        "includeAll": True,
        "allValue": ".*",
        "multi": True,
        "refresh": 2,
        "regex": "",
        "skipUrlSync": False,
        "sort": 1,
    }
