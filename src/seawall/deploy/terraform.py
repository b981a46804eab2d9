"""Running Terraform (or OpenTofu): finding it, telling what it does while it does it, and what it said."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seawall.deploy import child
from seawall.kernel.errors import OutsideError

_LEAST = {"terraform": (1, 11), "tofu": (1, 10)}
_HOW = "install Terraform 1.11 or newer (or OpenTofu 1.10 or newer) and put it on PATH"
# The user's own switches for interactive work would change what we parse, or where it is kept.
_NOT_OURS = re.compile(r"TF_CLI_ARGS.*|TF_WORKSPACE|TF_DATA_DIR|TF_IN_AUTOMATION|TF_INPUT")

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """An error or warning in Terraform's own words; ``resource`` is its address within the stack, or empty."""

    severity: str
    summary: str
    detail: str
    resource: str

    def __str__(self) -> str:
        place = f" ({self.resource})" if self.resource else ""
        return f"{self.severity}{place}: {self.summary}" + (f"\n{self.detail}" if self.detail else "")


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that ended: its exit status (negative: the signal that killed it) and what it said."""

    status: int
    diagnostics: tuple[Diagnostic, ...]
    stray: str

    @property
    def was_killed(self) -> bool:
        """Whether a signal ended it, so that its state may not be saved."""
        return self.status < 0

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """What it calls errors."""
        return tuple(said for said in self.diagnostics if said.severity == "error")

    def describe(self) -> str:
        """What it said, in its own words, for the detail of an error."""
        if self.errors:
            return "\n".join(str(error) for error in self.errors)
        if self.was_killed:
            return f"killed by signal {-self.status}\n{self.stray}".strip()
        return self.stray or f"exit status {self.status} without a word"


@dataclass(frozen=True, slots=True)
class Terraform:
    """A Terraform or OpenTofu program and the whole environment in which it is run."""

    program: str
    version: tuple[int, ...]
    environment: Mapping[str, str] = field(repr=False)

    def run(
        self,
        folder: Path,
        *arguments: str,
        log: str,
        on_start: Callable[[int, str], None] = lambda pid, birth: None,
        on_message: Callable[[Message], None] = lambda message: None,
        stop: threading.Event | None = None,
    ) -> Ran:
        """Run a command that speaks JSON lines; they stay in ``<log>.jsonl`` of the folder.

        ``on_message`` receives each message as it appears; ``stop`` interrupts the command once when it is set.
        """
        output, errors = folder / f"{log}.jsonl", folder / f"{log}.err"
        said: list[Diagnostic] = []
        stray: list[str] = []

        def on_line(line: str) -> None:
            message = parse(line)
            if message is None:
                if line.strip():
                    stray.append(line)
                return
            if message.get("type") == "diagnostic" or message.get("@level") == "error":
                said.append(_diagnostic(message))
            on_message(message)

        status = child.run(
            [self.program, *arguments],
            folder=folder,
            environment=self.environment,
            output=output,
            errors=errors,
            on_start=on_start,
            on_line=on_line,
            stop=stop,
        )
        complaint = errors.read_text(encoding="utf-8", errors="replace").strip()
        return Ran(status, tuple(said), "\n".join(filter(None, [*stray, complaint])))

    def ask(self, folder: Path, *arguments: str) -> str:
        """Run a command that only reads and return its output, kept in memory since it may hold secrets.

        Raises OutsideError with Terraform's own words when it fails.
        """
        ran = subprocess.run(
            [self.program, *arguments],
            cwd=folder,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode != 0:
            words = " ".join(arguments[:2])
            raise OutsideError(f"terraform {words} failed in {folder.name}", ran.stderr or ran.stdout)
        return ran.stdout

    def show(self, folder: Path, plan: str = "") -> Mapping[str, Any]:
        """A saved plan, or the state where no plan is named, as Terraform's documented JSON.

        It holds secrets in clear: take what is needed and let it go.
        """
        text = self.ask(folder, "show", "-json", *([plan] if plan else []))
        # A warning about the user's CLI configuration may stand before the object.
        shown = json.loads(text[max(text.find("{"), 0) :] or "{}")
        return shown if isinstance(shown, dict) else {}


def find(environment: Mapping[str, str]) -> Terraform:
    """Terraform where it is installed, else OpenTofu; raises OutsideError when neither is there or new enough."""
    path = environment.get("PATH")
    old = []
    for name, least in _LEAST.items():
        program = shutil.which(name, path=path)
        if program is None:
            continue
        whole = _environment(environment)
        version = _version(program, whole)
        if version[:2] >= least:
            return Terraform(program, version, whole)
        old.append(f"{program} is version {'.'.join(map(str, version))}")
    if old:
        raise OutsideError("Terraform is too old", "\n".join(old), fix=_HOW)
    raise OutsideError("neither terraform nor tofu is on PATH", fix=_HOW)


def parse(line: str) -> Message | None:
    """A line of Terraform's JSON messages, or None for one that is none (a warning before it begins)."""
    if not line.startswith("{"):
        return None
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def _environment(environment: Mapping[str, str]) -> Mapping[str, str]:
    kept = {name: value for name, value in environment.items() if not _NOT_OURS.fullmatch(name)}
    return kept | {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}


def _version(program: str, environment: Mapping[str, str]) -> tuple[int, ...]:
    ran = subprocess.run(
        [program, "version", "-json"],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r'"terraform_version":\s*"(\d+)\.(\d+)\.(\d+)', ran.stdout)
    if found is None:
        raise OutsideError(f"{program} does not say its version", ran.stderr or ran.stdout, fix=_HOW)
    return tuple(int(part) for part in found.groups())


def _diagnostic(message: Message) -> Diagnostic:
    body = message.get("diagnostic") or {}
    return Diagnostic(
        severity=str(body.get("severity") or message.get("@level") or "error"),
        summary=str(body.get("summary") or message.get("@message") or ""),
        detail=str(body.get("detail") or ""),
        resource=str(body.get("address") or ""),
    )


def action_word(actions: Sequence[str]) -> str:
    """One word for a planned change: create, update, delete, replace, read or no-op."""
    return "replace" if len(actions) > 1 else (actions[0] if actions else "no-op")
