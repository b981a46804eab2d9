"""For code scanning: SARIF 2.1.0.

An unknown finding is of the kind ``open``, which the standard defines as "evaluated, but there was not enough
information to decide" and which must have the level ``none``; its severity is among its properties.
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

import seawall
from seawall.check import page
from seawall.check.engine import Report
from seawall.check.registry import rule
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.verdict import Answer

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}


def document(report: Report) -> dict[str, Any]:
    """The report as one SARIF run."""
    index = {id: number for number, id in enumerate(report.rules)}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "seawall",
                        "semanticVersion": seawall.__version__,
                        "rules": [_rule(id) for id in report.rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, index) for finding in report.findings],
            }
        ],
    }


def _rule(id: str) -> dict[str, Any]:
    about = rule(id)
    return {
        "id": id,
        "shortDescription": {"text": about.summary},
        "fullDescription": {"text": about.why},
        "helpUri": about.source,
        "help": {"text": about.fix, "markdown": page.text(id)},
        "defaultConfiguration": {"level": _LEVELS[about.severity]},
        "properties": {"tags": list(about.layers), "severity": str(about.severity)},
    }


def _result(finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    unknown = finding.answer is Answer.UNKNOWN
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "kind": "open" if unknown else "fail",
        "level": "none" if unknown else _LEVELS[finding.severity],
        "message": {"text": "\n".join([finding.summary, finding.detail, *finding.evidence])},
        "partialFingerprints": {"seawall/v1": _fingerprint(finding)},
        "properties": {"severity": str(finding.severity), "verdict": str(finding.answer)},
    }
    location: dict[str, Any] = {}
    if finding.origin.file:
        location["physicalLocation"] = {"artifactLocation": {"uri": quote(finding.origin.file)}}
        if finding.origin.line:
            region = {"startLine": finding.origin.line}
            if finding.origin.column:
                region["startColumn"] = finding.origin.column
            location["physicalLocation"]["region"] = region
    if finding.addresses:
        location["logicalLocations"] = [
            {"fullyQualifiedName": str(address), "kind": "resource"} for address in finding.addresses
        ]
    if location:
        result["locations"] = [location]
    if finding.waived is not None:
        until = finding.waived.until.isoformat()
        result["suppressions"] = [{"kind": "external", "justification": f"{finding.waived.reason} (until {until})"}]
    return result


def _fingerprint(finding: Finding) -> str:
    """The same for the same finding after the file above it has grown: neither line nor wording takes part."""
    named = "\n".join([finding.rule, *finding.addresses])
    return hashlib.sha256(named.encode()).hexdigest()[:32]


def render(report: Report) -> str:
    """Write the report as SARIF, indented by two."""
    import orjson

    return orjson.dumps(document(report), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
