"""For programs: one object of schema version 1, described by ``seawall/schemas/check.json``."""

from __future__ import annotations

from typing import Any

from seawall.check.engine import Report
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.verdict import Answer

SCHEMA_VERSION = 1


def document(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "as_of": report.as_of.isoformat(),
        "rules": list(report.rules),
        "summary": {
            "refuted": report.count(Answer.REFUTED),
            "unknown": report.count(Answer.UNKNOWN),
            "waived": sum(finding.waived is not None for finding in report.findings),
            "severities": {
                str(severity): sum(
                    finding.waived is None and finding.severity is severity for finding in report.findings
                )
                for severity in reversed(Severity)
            },
        },
        "findings": [finding_document(finding) for finding in report.findings],
    }


def finding_document(finding: Finding) -> dict[str, Any]:
    """One finding as plain values; a line that is not known is null."""
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "verdict": str(finding.answer),
        "summary": finding.summary,
        "detail": finding.detail,
        "addresses": [str(address) for address in finding.addresses],
        "evidence": list(finding.evidence),
        "origin": finding.origin.document(),
        "waived": {"reason": finding.waived.reason, "until": finding.waived.until.isoformat()}
        if finding.waived
        else None,
    }


def render(report: Report) -> str:
    """Write the report as JSON, indented by two."""
    import orjson

    return orjson.dumps(document(report), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
