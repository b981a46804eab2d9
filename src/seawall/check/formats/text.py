"""For people: grouped by severity, with place, why, fix and the path that proves it."""

from __future__ import annotations

from itertools import groupby

from seawall.check.engine import Report
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.verdict import Answer

_COLOURS = {
    Severity.CRITICAL: "1;31",
    Severity.HIGH: "31",
    Severity.MEDIUM: "33",
    Severity.LOW: "36",
}


def render(report: Report, *, colour: bool = False) -> str:
    """Write the findings for a person; ``colour`` is for a terminal only."""
    lines: list[str] = []
    counted = [finding for finding in report.findings if finding.waived is None]
    waived = [finding for finding in report.findings if finding.waived is not None]
    for severity, found in groupby(counted, key=lambda finding: finding.severity):
        group = list(found)
        lines += [_paint(f"{severity} ({len(group)})", _COLOURS[severity], colour), ""]
        for finding in group:
            lines += [*_finding(finding, colour), ""]
    if waived:
        lines += [f"waived ({len(waived)})", ""]
        for finding in waived:
            assert finding.waived is not None
            where = f"  {finding.addresses[0]}" if finding.addresses else ""
            lines.append(f"  {finding.rule}{where}")
            lines.append(f"      until {finding.waived.until.isoformat()}: {finding.waived.reason}")
        lines.append("")
    lines.append(_summary(report, len(waived)))
    return "\n".join(lines) + "\n"


def _finding(finding: Finding, colour: bool) -> list[str]:
    mark = "?" if finding.answer is Answer.UNKNOWN else "✗"
    head = f"{mark} {finding.rule}  {finding.summary}"
    if finding.answer is Answer.UNKNOWN:
        head += "  (unknown)"
    lines = [f"  {_paint(head, _COLOURS[finding.severity], colour)}"]
    for address in finding.addresses[:1]:
        place = f"  ({finding.origin})" if finding.origin.file else ""
        lines.append(f"      {address}{place}")
    if not finding.addresses and finding.origin.file:
        lines.append(f"      {finding.origin}")
    lines += [f"      {line}" for line in finding.detail.splitlines()]
    lines += [f"        {_paint('·', '2', colour)} {step}" for step in finding.evidence]
    return lines


def _summary(report: Report, waived: int) -> str:
    refuted, unknown = report.count(Answer.REFUTED), report.count(Answer.UNKNOWN)
    parts = [
        f"{len(report.rules)} rules",
        f"{refuted} finding{'' if refuted == 1 else 's'}",
        f"{unknown} unknown",
    ]
    if waived:
        parts.append(f"{waived} waived")
    return ", ".join(parts) + f" (as of {report.as_of.isoformat()})"


def _paint(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text


def timings(report: Report) -> str:
    """The time each rule took, longest first: what ``--timings`` prints."""
    slowest = sorted(report.timings.items(), key=lambda item: (-item[1], item[0]))
    lines = [f"  {seconds * 1000:8.2f} ms  {id}" for id, seconds in slowest]
    total = sum(report.timings.values()) * 1000
    return "\n".join([*lines, f"  {total:8.2f} ms  all {len(slowest)} rules"]) + "\n"
