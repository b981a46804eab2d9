"""The peers that a comparison runs beside, where they are installed; ``make scanners`` installs checkov."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def scanners(compiled: Path) -> dict[str, list[str]]:
    """Scanner -> the command by which it scans the compiled Terraform of a platform."""
    found: dict[str, list[str]] = {}
    terraform = str(compiled / "terraform")
    if checkov := _program("checkov"):
        found["checkov"] = [checkov, "--quiet", "--compact", "--framework", "terraform_json", "-d", terraform]
    if trivy := _program("trivy"):
        found["trivy"] = [trivy, "config", "--quiet", "--skip-check-update", terraform]
    return found


def _program(name: str) -> str | None:
    for place in (ROOT / ".tools" / "checkov" / "bin", ROOT / ".venv" / "bin"):
        if (place / name).is_file():
            return str(place / name)
    return shutil.which(name)
