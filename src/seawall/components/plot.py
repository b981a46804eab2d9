"""What is worth a look beside what is worth an alarm: each component says it of itself, the dashboard shows it."""

from __future__ import annotations

from dataclasses import dataclass

from seawall.components.watch import Layer
from seawall.kernel.value import Textual


@dataclass(frozen=True, slots=True)
class Curve:
    """A metric of CloudWatch by its dimensions, and what the panel calls it; without a label by the metric's name."""

    metric: str
    namespace: str
    dimensions: tuple[tuple[str, Textual], ...]
    statistic: str = "Sum"
    label: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """A panel in the section of a layer; ``region`` is where its metrics are kept, if not in the component's own."""

    title: str
    lines: tuple[Curve, ...]
    layer: Layer = ""
    period: int = 60
    region: str = ""
