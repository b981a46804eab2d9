"""Trivy and checkov as a team would run them: offline, with the checks they bring along."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import prerequisites


@dataclass(frozen=True, slots=True)
class Failure:
    """A check that failed: on a resource of a plan, by its address there, or on whatever `file` holds.

    ``severity`` is in lower case, and empty where the scanner gives none.
    """

    check: str
    title: str
    severity: str
    resource: str
    file: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scanner found, and how many checks passed."""

    failures: tuple[Failure, ...]
    passed: int


def trivy(folder: Path) -> Scan:
    """What trivy finds below a folder; the test fails if there is something that trivy could not read."""
    options = ["--skip-check-update", "--skip-version-check", "--disable-telemetry", "--format", "json"]
    run = _run(["trivy", "config", *options, str(folder)])
    # Trivy goes on where it cannot read a plan, and finds nothing in it.
    assert "Error parsing" not in run.stderr, run.stderr
    results = json.loads(run.stdout)["Results"]
    failures = [_of_trivy(failed, result) for result in results for failed in result.get("Misconfigurations", ())]
    return Scan(tuple(failures), sum(result["MisconfSummary"]["Successes"] for result in results))


def _of_trivy(failed: dict[str, Any], result: dict[str, Any]) -> Failure:
    resource = failed["CauseMetadata"].get("Resource", "")
    return Failure(failed["ID"], failed["Title"], failed["Severity"].lower(), resource, result["Target"])


def checkov(folder: Path) -> Scan:
    """What checkov finds below a folder, in plans and manifests; the test fails if it could not read something."""
    frameworks = ["terraform_plan", "kubernetes"]
    options = ["--framework", *frameworks, "--skip-download", "--quiet", "--compact", "--output", "json"]
    run = _run(["checkov", "--directory", str(folder), *options], statuses=(0, 1))
    reports: list[dict[str, Any]] = json.loads(run.stdout)
    assert sorted(report["check_type"] for report in reports) == sorted(frameworks), run.stderr
    assert not any(report["summary"]["parsing_errors"] for report in reports), run.stderr
    failures = tuple(failure for report in reports for failure in _of_checkov(report))
    return Scan(failures, sum(report["summary"]["passed"] for report in reports))


def _of_checkov(report: dict[str, Any]) -> Iterator[Failure]:
    for failed in report["results"]["failed_checks"]:
        resource = failed["resource"] if report["check_type"] == "terraform_plan" else ""
        file = str(failed["file_path"]).lstrip("/")
        yield Failure(failed["check_id"], failed["check_name"], "", resource, file)


def _run(command: Sequence[str], statuses: Sequence[int] = (0,)) -> subprocess.CompletedProcess[str]:
    program = prerequisites.program(command[0])
    assert program is not None
    run = subprocess.run([program, *command[1:]], capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode in statuses, run.stderr
    return run
