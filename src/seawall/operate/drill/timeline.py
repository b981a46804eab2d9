"""The picture of a run: the load over time, the marks that are measured between, and a lane for each who took part.

Plain SVG, written by hand, so that it opens anywhere and needs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from math import ceil
from textwrap import wrap
from typing import Final

from seawall.operate.drill.events import Event
from seawall.operate.drill.scenario import Slice

_WIDTH: Final = 1200
_LEFT: Final = 150
_RIGHT: Final = 30
_LETTER: Final = 5.8
"""Pixels that a letter of the small print needs on average."""
_ROW: Final = 15
_LOAD: Final = 130
_LONGEST: Final = 44
_LANE: Final = 23
_LINE: Final = 195
"""Letters of a line below the picture."""
_STYLE: Final = (
    "text{font:11px system-ui,sans-serif;fill:#222}.title{font-size:15px;font-weight:600}.quiet{fill:#666}"
    ".lane{stroke:#ddd}.drop{stroke:#c9d3dd}.tick{stroke:#4a5a6a}.mark{stroke:#b03030;stroke-dasharray:3 3}"
    ".marked{fill:#b03030}.answered{fill:#5b9a68}.failed{fill:#d0574b}.dot{fill:#34495e}"
)


def timeline(
    title: str,
    events: Sequence[Event],
    course: Sequence[Slice],
    marks: Mapping[str, float],
    notes: Sequence[str] = (),
) -> str:
    """Draw a run as SVG; ``notes`` are lines below the picture, such as settings and stand-ins."""
    ends = [event.at for event in events] + [slice.at for slice in course] + list(marks.values())
    # What comes before the first request is setting up; what happened then stands at the left edge.
    first = max(0.0, min([slice.at for slice in course] + list(marks.values())) - 0.5) if course else 0.0
    scale = _Scale(first, first + ((max(ends, default=1.0) - first) * 1.02 or 1.0))
    body: list[str] = []
    top = 34
    marked = _rows([(scale.x(at), f"{name} {at:.2f} s") for name, at in sorted(marks.items(), key=lambda one: one[1])])
    marks_height = (max((row for _, _, row in marked), default=-1) + 1) * _ROW
    load_top = top + marks_height + 8
    body += _load(course, scale, load_top)
    y: float = load_top + _LOAD + 26
    for lane in dict.fromkeys(event.lane for event in events):
        drawn, height = _lane(lane, [event for event in events if event.lane == lane], scale, y)
        body += drawn
        y += height
    body += _axis(scale, y)
    for x, words, row in marked:
        body.append(f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{top + row * _ROW + 4}" y2="{y}"/>')
        body.append(_text(_begins(x, words), top + row * _ROW + 12, words, "marked"))
    y += 40
    notes = [line for note in notes for line in wrap(note, _LINE)]
    for number, note in enumerate(notes):
        body.append(_text(16, y + number * _ROW, note, "quiet"))
    height = y + len(notes) * _ROW + 8
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
            f'viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{_escaped(title)}">',
            f"<style>{_STYLE}</style>",
            f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
            _text(16, 22, title, "title"),
            *body,
            "</svg>\n",
        ]
    )


class _Scale:
    """Seconds to pixels; whatever is before the first second is at the left edge."""

    def __init__(self, first: float, last: float) -> None:
        self.first, self.last = first, last

    @property
    def seconds(self) -> float:
        return self.last - self.first

    def x(self, at: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * max(0.0, at - self.first) / self.seconds


def _load(course: Sequence[Slice], scale: _Scale, top: float) -> Iterator[str]:
    """The requests of each slice of time: what was answered, and on top of it what failed."""
    yield _text(16, top + 12, "requests")
    if not course:
        yield _text(_LEFT, top + 12, "no load was driven", "quiet")
        return
    most = max(slice.answered + slice.failed for slice in course) or 1
    ordered = sorted(course, key=lambda slice: slice.at)
    gaps = [later.at - earlier.at for earlier, later in pairwise(ordered)]
    each = min((gap for gap in gaps if gap > 0), default=1.0)
    yield _text(16, top + 28, f"at most {most} in {each:.2g} s", "quiet")
    for word, row in (("answered", 0), ("failed", 1)):
        yield f'<rect class="{word}" x="16" y="{top + 38 + row * 16}" width="9" height="9"/>'
        yield _text(30, top + 46 + row * 16, word, "quiet")
    floor = top + _LOAD
    for slice in ordered:
        left, right = scale.x(slice.at), scale.x(slice.at + each)
        y = floor
        for word, number in (("answered", slice.answered), ("failed", slice.failed)):
            if number:
                high = _LOAD * number / most
                y -= high
                width = max(0.5, right - left - 0.3)
                yield f'<rect class="{word}" x="{left:.1f}" y="{y:.1f}" width="{width:.1f}" height="{high:.1f}"/>'
    yield f'<line class="lane" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{floor}" y2="{floor}"/>'


def _lane(lane: str, events: Sequence[Event], scale: _Scale, top: float) -> tuple[list[str], float]:
    placed = _rows([(scale.x(event.at), _short(event.what)) for event in events])
    rows = max((row for _, _, row in placed), default=0) + 1
    height = rows * _ROW + 14
    line = top + 6
    body = [
        f'<line class="lane" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{line}" y2="{line}"/>',
        _text(16, line + 4, lane if len(lane) <= _LANE else f"{lane[: _LANE - 1]}…"),
    ]
    for x, _, row in placed:
        body.append(f'<line class="drop" x1="{x:.1f}" x2="{x:.1f}" y1="{line}" y2="{line + 12 + row * _ROW}"/>')
    for (x, words, row), event in zip(placed, events, strict=True):
        y = line + 14 + row * _ROW
        said = _escaped(f"{event.at:.3f} s: {event.what}")
        body.append(f'<circle class="dot" cx="{x:.1f}" cy="{line}" r="2.5"><title>{said}</title></circle>')
        body.append(_text(_begins(x, words), y, words))
    return body, height


def _begins(x: float, words: str) -> float:
    """Where a label begins: right of its moment, or left of it where there is no room."""
    wide = len(words) * _LETTER
    return x + 3 if x + 3 + wide <= _WIDTH - 4 else x - 3 - wide


def _rows(placed: Sequence[tuple[float, str]]) -> list[tuple[float, str, int]]:
    """Each label with the first row in which it does not run into the one before it."""
    ends: list[float] = []
    found: list[tuple[float, str, int]] = []
    for x, words in placed:
        begins = _begins(x, words)
        row = next((number for number, end in enumerate(ends) if end <= begins), len(ends))
        if row == len(ends):
            ends.append(0.0)
        ends[row] = begins + len(words) * _LETTER + 10
        found.append((x, words, row))
    return found


def _axis(scale: _Scale, y: float) -> Iterator[str]:
    step = next((step for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120, 300) if scale.seconds / step <= 16), 600)
    for number in range(ceil(scale.first / step), int(scale.last / step) + 1):
        x = scale.x(number * step)
        yield f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="{y}" y2="{y + 5}"/>'
        yield _text(x - 8, y + 18, f"{number * step:g} s", "quiet")


def _short(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


def _text(x: float, y: float, words: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{named}>{_escaped(words)}</text>'


def _escaped(words: str) -> str:
    """As text and nothing else: XML cannot hold most control characters, escaped or not."""
    return escape("".join(letter if letter.isprintable() else " " for letter in words))
