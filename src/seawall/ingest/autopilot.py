"""What iam-policy-autopilot finds in code of other languages: actions and resources, as policies that it writes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

COMMAND: Final = "iam-policy-autopilot"
SECONDS: Final = 120.0
"""How long it may take; it reads a large application in a few seconds."""

_SUFFIXES: Final = frozenset({".java", ".go", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"})
_SDKS: Final = (b"software.amazon.awssdk", b"aws-sdk-go-v2", b"@aws-sdk/")


@dataclass(slots=True)
class Found:
    """``granted`` are pairs of an action and a resource with what wrote them; ``unread`` says what was not read."""

    granted: list[dict[str, str]] = field(default_factory=list)
    unread: list[dict[str, str]] = field(default_factory=list)


def understands(file: Path) -> bool:
    """Whether a file is of a language that it reads and this package does not."""
    return file.suffix in _SUFFIXES


def autopilot(files: Sequence[Path], root: Path) -> Found:
    """Its answer for files of other languages that name an SDK of AWS; what it cannot say is in ``unread``.

    It asks AWS's service reference over the network and sends nothing: its telemetry is switched off.
    """
    found = Found()
    using = [file for file in files if _uses_sdk(file)]
    if not using:
        return found
    program = shutil.which(COMMAND)
    names = sorted(file.relative_to(root).as_posix() for file in using)
    shown = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    if program is None:
        found.unread.append({"service": "", "why": f"{COMMAND}, which reads it, is not installed", "where": shown})
        return found
    by_language: dict[str, list[Path]] = {}
    for file in using:
        by_language.setdefault(file.suffix, []).append(file)
    for of_language in by_language.values():
        _run(program, of_language, root, found)
    return found


def _run(program: str, files: Sequence[Path], root: Path, found: Found) -> None:
    where = files[0].relative_to(root).as_posix()
    environment = {**os.environ, "DISABLE_IAM_POLICY_AUTOPILOT_TELEMETRY": "true"}
    command = [program, "generate-policies", "--disable-cache", *(str(file.absolute()) for file in files)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, env=environment, check=False)
    except subprocess.TimeoutExpired:
        why = f"{COMMAND} did not end within {SECONDS:.0f} s"
        found.unread.append({"service": "", "why": why, "where": where})
        return
    except OSError as error:
        found.unread.append({"service": "", "why": f"{COMMAND} cannot be run: {error.strerror}", "where": where})
        return
    if done.returncode != 0:
        lines = [line for line in done.stderr.decode(errors="replace").splitlines() if line.startswith("Error")]
        why = f"{COMMAND} says: {lines[-1][:300]}" if lines else f"{COMMAND} ended with status {done.returncode}"
        found.unread.append({"service": "", "why": why, "where": where})
        return
    try:
        found.granted.extend(granted(orjson.loads(done.stdout), where))
    except (orjson.JSONDecodeError, ValueError):
        why = f"{COMMAND} answers in a form that is not known"
        found.unread.append({"service": "", "why": why, "where": where})


def granted(answer: Any, where: str) -> list[dict[str, str]]:
    """The actions and resources of an answer's policies; ValueError for one of another form."""
    if not isinstance(answer, dict) or not isinstance(answer.get("Policies"), list):
        raise ValueError("it has no Policies")
    pairs: dict[tuple[str, str], None] = {}
    for each in answer["Policies"]:
        policy = each.get("Policy") if isinstance(each, dict) else None
        if not isinstance(policy, dict):
            raise ValueError("a policy is no object")
        for statement in _several(policy.get("Statement")):
            if not isinstance(statement, dict) or statement.get("Effect") != "Allow":
                raise ValueError("a statement is no Allow")
            for action in _several(statement.get("Action")):
                for resource in _several(statement.get("Resource")):
                    pairs[str(action), str(resource)] = None
    return [{"action": action, "resource": resource, "where": where} for action, resource in pairs]


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _uses_sdk(file: Path) -> bool:
    try:
        return any(name in file.read_bytes() for name in _SDKS)
    except OSError:
        return False
