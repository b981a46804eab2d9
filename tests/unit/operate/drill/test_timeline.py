"""The picture of a run is valid SVG that shows what happened, whatever the words are."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from seawall.operate.drill.events import Event
from seawall.operate.drill.scenario import Slice
from seawall.operate.drill.timeline import timeline

SVG = "{http://www.w3.org/2000/svg}"


def drawn(**more):
    """A picture, parsed."""
    given = {"events": [], "course": [], "marks": {}} | more
    return ElementTree.fromstring(timeline("a title", **given))


def texts(root):
    """Every word that is shown."""
    return [element.text for element in root.iter(f"{SVG}text")]


def test_lanes_events_and_marks_are_shown():
    """A lane for each who took part, a dot for each event, a line for each mark."""
    events = [Event(0.5, "database", "killed"), Event(1.5, "edge", "switched"), Event(1.6, "database", "restored")]
    root = drawn(events=events, marks={"fault": 0.5, "RTO": 1.6})
    shown = texts(root)
    assert {"database", "edge", "killed", "switched", "restored", "fault 0.50 s", "RTO 1.60 s"} <= set(shown)
    assert len(list(root.iter(f"{SVG}circle"))) == 3
    assert len([line for line in root.iter(f"{SVG}line") if line.get("class") == "mark"]) == 2


def test_answered_and_failed_requests_are_stacked():
    """A slice with both has two bars, one on top of the other."""
    root = drawn(course=[Slice(0.0, 10, 0), Slice(0.5, 4, 6)])
    bars = [
        bar for bar in root.iter(f"{SVG}rect") if bar.get("class") in ("answered", "failed") and bar.get("x") != "16"
    ]
    assert [bar.get("class") for bar in bars] == ["answered", "answered", "failed"]
    below, above = bars[1], bars[2]
    assert float(above.get("y")) + float(above.get("height")) == float(below.get("y"))


def test_labels_of_one_moment_do_not_run_into_each_other():
    """Events at the same time get rows of their own."""
    root = drawn(events=[Event(1.0, "edge", f"event {number}") for number in range(4)])
    rows = [element.get("y") for element in root.iter(f"{SVG}text") if re.match("event", element.text)]
    assert len(set(rows)) == 4


def test_words_cannot_break_the_picture():
    """What servers say is shown as text, and never as markup."""
    root = drawn(events=[Event(1.0, "<b>", '"></svg><script>&\x00\x1b')])
    assert "<b>" in texts(root)
    assert not list(root.iter(f"{SVG}script"))


def test_a_run_in_which_nothing_happened_is_drawn_too():
    """No load, no events."""
    assert "no load was driven" in texts(drawn())
