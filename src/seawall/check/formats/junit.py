"""For build servers: JUnit XML, one test case a finding and one for each rule that found nothing."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from seawall.check.engine import Report
from seawall.check.registry import area, rule
from seawall.kernel.finding import Finding

# What XML 1.0 cannot hold at all, escaped or not.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """Write the report as one suite; a waived finding is a skipped case, an unknown one a failure of that type."""
    cases: list[str] = []
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(finding.rule, []).append(finding)
    for id in report.rules:
        time = f" time={quoteattr(format(report.timings.get(id, 0.0), '.6f'))}"
        if id not in found:
            cases.append(f"  <testcase classname={_attribute(area(id))} name={_attribute(_name(id))}{time}/>")
        for finding in found.get(id, ()):
            where = f" at {finding.addresses[0]}" if finding.addresses else ""
            cases.append(f"  <testcase classname={_attribute(area(id))} name={_attribute(_name(id) + where)}{time}>")
            cases.append(f"    {_outcome(finding)}")
            cases.append("  </testcase>")
    failures = sum(finding.waived is None for finding in report.findings)
    skipped = len(report.findings) - failures
    tests = sum(max(1, len(found.get(id, ()))) for id in report.rules)
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<testsuite name="seawall check" tests="{tests}" failures="{failures}" errors="0" '
            f'skipped="{skipped}" time="{sum(report.timings.values()):.6f}">',
            *cases,
            "</testsuite>",
            "",
        ]
    )


def _outcome(finding: Finding) -> str:
    if finding.waived is not None:
        until = finding.waived.until.isoformat()
        return f"<skipped message={_attribute(f'waived until {until}: {finding.waived.reason}')}/>"
    place = [str(finding.origin)] if finding.origin.file else []
    text = "\n".join([*place, *finding.addresses, finding.detail, *finding.evidence])
    return (
        f"<failure type={_attribute(f'{finding.severity} {finding.answer}')} "
        f"message={_attribute(finding.summary)}>{escape(_clean(text))}</failure>"
    )


def _name(id: str) -> str:
    return f"{id} {rule(id).summary}"


def _attribute(text: str) -> str:
    return quoteattr(_clean(text), {"\n": "&#10;"})


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("�", text)
