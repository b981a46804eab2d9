"""What a dashboard is made of, before anybody lays it out: rows of panels, each with its queries and unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["timeseries", "stat", "gauge", "table", "bargauge", "heatmap"]
COLUMNS = 24
"""Of Grafana's grid."""
_WIDTHS: dict[Kind, int] = {"timeseries": 12, "stat": 6, "gauge": 6, "table": 12, "bargauge": 12, "heatmap": 12}
_HEIGHTS: dict[Kind, int] = {"timeseries": 8, "stat": 5, "gauge": 7, "table": 8, "bargauge": 8, "heatmap": 8}


@dataclass(frozen=True, slots=True)
class Query:
    """An expression of PromQL, with no macro of Grafana's in it, and what each of its series is called.

    ``legend`` is text with ``{{label}}`` in it.
    """

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Threshold:
    """From this value on, in the panel's unit, it has this colour; below the first one it is green."""

    at: float
    colour: Literal["green", "yellow", "orange", "red", "blue"]


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture: ``unit`` is Grafana's name of a unit, such as ``reqps``, ``bytes``, ``percentunit`` or ``s``.

    ``base`` is the colour below the first threshold.  ``least`` and ``most`` are the ends of its axis, where they are
    known.  A table has the ``columns`` (label, title) of its one query, and says what its ``value`` is called.
    """

    title: str
    unit: str
    queries: tuple[Query, ...]
    kind: Kind = "timeseries"
    thresholds: tuple[Threshold, ...] = ()
    description: str = ""
    width: int | None = None
    base: Literal["green", "red", "text", "yellow"] = "green"
    least: float | None = None
    most: float | None = None
    stacked: bool = False
    decimals: int | None = None
    columns: tuple[tuple[str, str], ...] = ()
    value: str = "value"

    @property
    def columns_wide(self) -> int:
        """How many columns of the grid it takes, before what is left of its line is given out."""
        return self.width if self.width is not None else _WIDTHS[self.kind]

    @property
    def rows_high(self) -> int:
        """How many rows of the grid it takes."""
        return _HEIGHTS[self.kind]


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under a heading."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """What people choose from at the top: every value that ``label`` has on a series of ``metric``.

    A query uses it as a matcher of that label: ``namespace=~"$namespace"``. ``chosen`` is what is chosen at first,
    all of them where it is empty.
    """

    name: str
    label: str
    metric: str
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard: its ``uid`` is a part of its address and unique in the platform."""

    uid: str
    title: str
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...] = ()
    tags: tuple[str, ...] = ()
    description: str = ""
    since: str = "now-6h"
