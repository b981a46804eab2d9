"""What is worth an alarm: each component says it of itself, and the alarms section makes it so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from seawall.kernel.address import Address
from seawall.kernel.value import Textual

Layer = Literal["", "nodes", "pods", "load-balancer", "database", "health", "cache", "stream"]
"""What a watch belongs to across components; the empty one is its component by itself."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A CloudWatch metric that is bad above or below a threshold.

    ``name`` is unique within its component; ``says`` is what a person woken by it reads: what is wrong and where to
    look first.  ``statistic`` is one of CloudWatch's or a percentile such as ``p99``.  It is bad when ``bad`` of the
    last ``of`` periods of ``period`` seconds are.  ``missing`` says what silence means: ``notBreaching`` for a metric
    that is only sent when there is something to count, ``breaching`` for one whose silence is itself the trouble.
    ``critical`` is what users feel now.  ``region`` is where the metric is kept, if not in the component's own.
    ``query`` is a Metrics Insights query that takes the place of namespace, dimensions and statistic where a
    dimension's value is not known beforehand.  ``first`` is what to do about it, in order, each step with the command
    that does it; it becomes the runbook's page.  ``layer`` is the part of the platform that is ill: its section of the
    dashboard, and what its alarms are put together by.  ``about`` is the thing that is watched where no dimension
    names it.
    """

    name: str
    says: str
    metric: str
    namespace: str
    dimensions: tuple[tuple[str, Textual], ...]
    statistic: str
    is_bad: Literal[">", ">=", "<", "<="]
    threshold: float
    missing: Literal["breaching", "notBreaching", "ignore", "missing"]
    period: int = 60
    bad: int = 3
    of: int = 3
    critical: bool = False
    region: str = ""
    query: Textual | None = None
    first: tuple[str, ...] = ()
    layer: Layer = ""
    about: tuple[Address, ...] = ()
