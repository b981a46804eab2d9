"""A waiver that no finding matches; stated by ``check.waivers``."""

from __future__ import annotations

from seawall.check.rule import Rule
from seawall.kernel.finding import Severity

RULE = Rule(
    id="WAIVER-001",
    severity=Severity.LOW,
    summary="A waiver waives nothing",
    why="what it excused has been repaired or renamed; left in place it would silently excuse the next one",
    fix="remove the waiver, or correct its rule or address",
    layers=("waivers",),
    source="https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html",
    read=None,
)
