"""Prometheus' own programs: where they are, and rules as promtool takes them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

import prerequisites
from seawall.graph.graph import Graph
from seawall.render.written.files import files

ALERTMANAGER = ("alertmanager", "prometheus-alertmanager")
"""What the server is called by its own project, and by Debian."""
_ASKED = re.compile(r'^\s*expr: "((?:[^"\\]|\\.)*)", time: ', re.MULTILINE)


def alertmanager() -> str | None:
    """The path of Alertmanager."""
    return next(filter(None, map(prerequisites.program, ALERTMANAGER)), None)


def written(graph: Graph, folder: Path) -> Path:
    """The folder ``telemetry`` of what a graph compiles to, below this one."""
    for name, content in files(None, graph):
        if name.startswith("telemetry/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    return folder / "telemetry"


def rules(telemetry: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every file of rules with what it holds."""
    for path in sorted((telemetry / "rules").iterdir()):
        yield path, yaml.safe_load(path.read_text())


def promtool(*arguments: object) -> tuple[int, str]:
    """How promtool ends, and all that it says."""
    command = [str(prerequisites.program("promtool")), *map(str, arguments)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    return run.returncode, run.stdout + run.stderr


def failed(said: str) -> set[str]:
    """The expressions of those tests that promtool says have failed."""
    return {found.replace("\\\\", "\\").replace('\\"', '"') for found in _ASKED.findall(said)}
