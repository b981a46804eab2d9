"""A waiver whose day has passed; stated by ``check.waivers``."""

from __future__ import annotations

from seawall.check.rule import Rule
from seawall.kernel.finding import Severity

RULE = Rule(
    id="WAIVER-002",
    severity=Severity.LOW,
    summary="A waiver has expired and no longer waives",
    why="a waiver is a decision for a time; after its day the finding counts again, and this says why it is back",
    fix="repair what it excused, or decide again: a new day and a reason that is true today",
    layers=("waivers",),
    source="https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html",
    read=None,
)
