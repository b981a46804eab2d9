"""Who reaches whom as a grid in SVG: a row a source, a column a target, and in each square what gets through."""

from __future__ import annotations

from typing import Final
from xml.sax import saxutils

from seawall.analyze.reachability.traffic import EVERYTHING
from seawall.render.reachability.table import Cell, Table

_WIDE, _HIGH, _MARGIN = 56, 22, 12
_CHARACTER: Final = 6.7
"""Width of a character of 12 px in a system font, the widest ones excepted."""
_SLANT: Final = 0.5
_EDGE, _LINE = "#5b6b7d", "#d9dfe6"
_CERTAIN, _PERHAPS, _ALL = "#bfe3cd", "#fbe7bd", "#f3c1b8"
_LONGEST: Final = 8
"""Characters that fit into a square; the whole of it is its tooltip."""


def svg(table: Table) -> str:
    """The text of one SVG file on a ground of its own; hovering over a square tells all of it."""
    left = _MARGIN + max((len(name) for name in table.rows), default=0) * _CHARACTER + 10
    slope = max((len(name) for name in table.columns), default=0) * _CHARACTER
    top = _MARGIN + 24 + slope * _SLANT + 10
    # Names of columns lean to the right, so the last one needs room beyond its square.
    width = left + len(table.columns) * _WIDE + slope * 0.87 + _MARGIN
    height = top + len(table.rows) * _HIGH + 34 + _MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" font-family="system-ui, sans-serif" font-size="12">',
        f"<title>{_escaped(table.title)}</title>",
        f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>',
        f'<text x="{_MARGIN}" y="{_MARGIN + 12}" font-weight="600">{_escaped(table.title)}</text>',
    ]
    for number, name in enumerate(table.columns):
        x = left + number * _WIDE + _WIDE / 2
        lines.append(
            f'<text x="{x:g}" y="{top - 8:g}" transform="rotate(-30 {x:g} {top - 8:g})">{_escaped(name)}</text>'
        )
    for number, name in enumerate(table.rows):
        y = top + number * _HIGH + _HIGH / 2 + 4
        lines.append(f'<text x="{left - 8:g}" y="{y:g}" text-anchor="end">{_escaped(name)}</text>')
    lines += _grid(table, left, top)
    rows = {name: number for number, name in enumerate(table.rows)}
    columns = {name: number for number, name in enumerate(table.columns)}
    for cell in table.cells:
        lines += _square(cell, left + columns[cell.target] * _WIDE, top + rows[cell.source] * _HIGH)
    lines += _legend(left, top + len(table.rows) * _HIGH + 16)
    return "\n".join([*lines, "</svg>", ""])


def _escaped(text: str) -> str:
    """Text as XML takes it, which has no control characters however they are escaped."""
    return saxutils.escape("".join(each if each.isprintable() else "?" for each in text))


def _grid(table: Table, left: float, top: float) -> list[str]:
    right, bottom = left + len(table.columns) * _WIDE, top + len(table.rows) * _HIGH
    across = [f"M{left:g} {top + number * _HIGH:g}H{right:g}" for number in range(len(table.rows) + 1)]
    down = [f"M{left + number * _WIDE:g} {top:g}V{bottom:g}" for number in range(len(table.columns) + 1)]
    return [f'<path d="{"".join([*across, *down])}" stroke="{_LINE}" fill="none"/>']


def _square(cell: Cell, x: float, y: float) -> list[str]:
    return [
        "<g>",
        f"<title>{_escaped(f'{cell.source} to {cell.target}: {cell.says}')}</title>",
        f'<rect x="{x + 1:g}" y="{y + 1:g}" width="{_WIDE - 2}" height="{_HIGH - 2}" fill="{_fill(cell)}"/>',
        f'<text x="{x + _WIDE / 2:g}" y="{y + _HIGH / 2 + 4:g}" text-anchor="middle" font-size="11">'
        f"{_escaped(_short(cell))}</text>",
        "</g>",
    ]


def _fill(cell: Cell) -> str:
    if not cell.certain:
        return _PERHAPS
    return _ALL if cell.may.spans == EVERYTHING.spans else _CERTAIN


def _short(cell: Cell) -> str:
    """As much of it as a square holds: one port, or how it begins."""
    if cell.may.spans == EVERYTHING.spans:
        return "all"
    ports = [part if protocol == "tcp" else f"{protocol} {part}" for protocol, part in _parts(cell)]
    whole = ",".join(ports)
    return whole if len(whole) <= _LONGEST else f"{ports[0][: _LONGEST - 1]}…"


def _parts(cell: Cell) -> list[tuple[str, str]]:
    return [(protocol, "any" if str(ports) == "any port" else str(ports)) for protocol, ports in cell.may.parts()]


def _legend(x: float, y: float) -> list[str]:
    lines: list[str] = []
    for fill, says in ((_CERTAIN, "gets through"), (_ALL, "everything gets through"), (_PERHAPS, "in part or perhaps")):
        lines.append(f'<rect x="{x:g}" y="{y:g}" width="14" height="14" fill="{fill}" stroke="{_EDGE}"/>')
        lines.append(f'<text x="{x + 20:g}" y="{y + 11:g}">{says}</text>')
        x += 40 + len(says) * _CHARACTER
    return lines
