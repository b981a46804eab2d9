"""The diagram as SVG: boxes within boxes, each as large as what it holds.

Things fill rows, holders of things stand side by side or below one another by their level; nothing overlaps, because
every box is measured before it is placed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from xml.sax.saxutils import escape

from seawall.render.architecture.boxes import Box, Level

_GAP, _PADDING, _HEADER, _LINE = 10, 10, 22, 16
_CHARACTER, _BOLD = 6.7, 7.6
"""Width of a character of 12 px in a system font, the widest ones excepted; boxes leave room for them."""
_LEAST, _WIDEST_ROW = 120, 1300
# A subnet's things stand two in a row, so that three zones fit side by side.
_LIMITS: Final[dict[Level, float]] = {"subnet": 300, "namespace": 480}
_SIDE_BY_SIDE: Final = frozenset({"network", "cluster"})
_FILL: Final[dict[Level, str]] = {
    "platform": "#ffffff",
    "region": "#f4f7fb",
    "network": "#e8f1ec",
    "zone": "#dcebe2",
    "subnet": "#f6fbf8",
    "cluster": "#e9ecfa",
    "namespace": "#f5f6fe",
    "group": "#fbf4e6",
    "thing": "#ffffff",
}
_EDGE = "#5b6b7d"


@dataclass(frozen=True, slots=True)
class _Placed:
    box: Box
    x: float
    y: float
    width: float
    height: float
    inside: tuple[_Placed, ...] = ()


def svg(root: Box) -> str:
    """The whole drawing as the text of one SVG file, on a ground of its own so that it reads in the dark too."""
    placed = _place(root)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {placed.width:g} {placed.height:g}" '
        f'width="{placed.width:g}" height="{placed.height:g}" role="img" '
        'font-family="system-ui, sans-serif" font-size="12">',
        f"<title>{escape(root.label)}</title>",
    ]
    _draw(placed, 0, 0, lines)
    return "\n".join([*lines, "</svg>", ""])


def _place(box: Box) -> _Placed:
    """Measure a box and give everything in it a place relative to it."""
    words = max(len(box.label), len(box.detail)) if not box.inside else len(f"{box.label}  {box.detail}")
    least = max(_LEAST, words * (_BOLD if box.inside else _CHARACTER) + 2 * _PADDING)
    if not box.inside:
        return _Placed(box, 0, 0, least, 2 * _PADDING + (2 if box.detail else 1) * _LINE)
    inner = [_place(each) for each in box.inside]
    across = box.level in _SIDE_BY_SIDE or all(not each.box.inside for each in inner)
    limit = _LIMITS.get(box.level, _WIDEST_ROW)
    rows: list[list[_Placed]] = [[]]
    for each in inner:
        taken = sum(one.width + _GAP for one in rows[-1])
        if rows[-1] and (not across or taken + each.width > limit):
            rows.append([])
        rows[-1].append(each)
    placed: list[_Placed] = []
    y, width = float(_PADDING + _HEADER), least
    for row in rows:
        x = float(_PADDING)
        for each in row:
            placed.append(_Placed(each.box, x, y, each.width, each.height, each.inside))
            x += each.width + _GAP
        width = max(width, x - _GAP + _PADDING)
        y += max(each.height for each in row) + _GAP
    if not across:
        placed = [_widened(each, width - 2 * _PADDING) for each in placed]
    return _Placed(box, 0, 0, width, y - _GAP + _PADDING, tuple(placed))


def _widened(placed: _Placed, width: float) -> _Placed:
    """A box made wider, and with it what stands in one column within it."""
    column = len({each.x for each in placed.inside}) == 1 and any(each.inside for each in placed.inside)
    inside = tuple(_widened(each, width - 2 * _PADDING) for each in placed.inside) if column else placed.inside
    return replace(placed, width=width, inside=inside)


def _draw(placed: _Placed, left: float, top: float, lines: list[str]) -> None:
    box, x, y = placed.box, left + placed.x, top + placed.y
    lines.append(
        f'<rect x="{x:g}" y="{y:g}" width="{placed.width:g}" height="{placed.height:g}" rx="6" '
        f'fill="{_FILL[box.level]}" stroke="{_EDGE}" stroke-width="{0.8 if box.inside else 1.1:g}"/>'
    )
    text_y = y + _PADDING + 11
    if box.inside:
        detail = f'  <tspan fill="{_EDGE}">{escape(box.detail)}</tspan>' if box.detail else ""
        lines.append(f'<text x="{x + _PADDING:g}" y="{text_y:g}" font-weight="600">{escape(box.label)}{detail}</text>')
    else:
        lines.append(f'<text x="{x + _PADDING:g}" y="{text_y:g}">{escape(box.label)}</text>')
        if box.detail:
            below = text_y + _LINE
            lines.append(f'<text x="{x + _PADDING:g}" y="{below:g}" fill="{_EDGE}">{escape(box.detail)}</text>')
    for each in placed.inside:
        _draw(each, x, y, lines)
