"""The journal: one file a run, one JSON object a line, on the disk before the next step begins.

It says what was intended and what has been done, so that the next run knows what a killed one left behind. A
step that was begun and has no end was interrupted. Lines hold names, times and counts; never a value of a
resource.
"""

from __future__ import annotations

import json
import os
import pwd
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol


class Copy(Protocol):
    """Where a copy of a run's journal is kept beside the one on disk, such as the state bucket."""

    def keep(self, name: str, content: bytes) -> None:
        """Replace the copy of that name."""

    def missing(self, known: frozenset[str]) -> Mapping[str, bytes]:
        """The copies whose names are not known here: the runs of other machines."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A Terraform command of an earlier run that was begun and whose end nobody saw.

    ``started`` is ISO 8601 in UTC; ``pid`` and ``birth`` name its process on ``host``; ``log`` is the file of
    its messages.
    """

    run: str
    stack: str
    step: str
    started: datetime
    host: str
    user: str
    pid: int = 0
    birth: str = ""
    log: str = ""


class Journal:
    """Opens the journal of a run and appends to it; safe to use from several threads."""

    def __init__(self, folder: Path, command: str, *, world: str = "", copy: Copy | None = None) -> None:
        """``world`` names what the run changes, so that an emulator's successor inherits nothing from it."""
        now = datetime.now(UTC)
        self.folder = folder
        self.world = world
        self.name = f"{now:%Y%m%dT%H%M%S.%f}Z-{command}-{os.getpid()}.jsonl"
        self.path = folder / self.name
        self._copy = copy
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_EXCL, 0o600)
        self._content = b""
        self.write("run", command=command, world=world, pid=os.getpid(), user=user_name(), host=host_name())

    def write(self, what: str, **fields: Any) -> None:
        """Append one line and see it to the disk; the time is added."""
        line = json.dumps({"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "what": what} | fields)
        with self._lock:
            os.write(self._file, line.encode() + b"\n")
            os.fsync(self._file)
            self._content += line.encode() + b"\n"
            # The copy follows the disk within the same lock, so that an older one never replaces a newer.
            if self._copy is not None:
                self._copy.keep(self.name, self._content)

    def begin(self, stack: str, step: str, **fields: Any) -> None:
        """Say that a step of a stack is about to be done."""
        self.write("begin", stack=stack, step=step, **fields)

    def process(self, stack: str, step: str, pid: int, birth: str, log: str) -> None:
        """Say which process does the step, and where its messages go."""
        self.write("process", stack=stack, step=step, pid=pid, birth=birth, log=log)

    def end(self, stack: str, step: str, result: str, **fields: Any) -> None:
        """Say how a step ended: done, failed, or recovered."""
        self.write("end", stack=stack, step=step, result=result, **fields)

    def close(self, result: str) -> None:
        """End the run: done, failed or interrupted."""
        self.write("closed", result=result)
        os.close(self._file)

    def interrupted(self) -> list[Interrupted]:
        """What earlier runs of the same world left without an end, oldest first, one a stack."""
        if self._copy is not None:
            known = frozenset(path.name for path in self.folder.glob("*.jsonl"))
            for name, content in self._copy.missing(known).items():
                (self.folder / Path(name).name).write_bytes(content)
        open_steps: dict[str, Interrupted] = {}
        for path in sorted(self.folder.glob("*.jsonl")):
            if path.name != self.name:
                _follow(path, self.world, open_steps)
        return sorted(open_steps.values(), key=lambda step: step.started)


def read(path: Path) -> Iterator[Mapping[str, Any]]:
    """The lines of a run's journal; one that was torn by a crash is left out, since what it said never began."""
    for line in path.read_bytes().splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            yield entry


def user_name() -> str:
    """The user's name as Terraform writes it into its lock, or their number where the system has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def host_name() -> str:
    """This machine's name, as Terraform writes it into its lock."""
    return socket.gethostname()


def _follow(path: Path, world: str, open_steps: dict[str, Interrupted]) -> None:
    host = user = ""
    for entry in read(path):
        match entry:
            case {"what": "run", "world": str(where), "host": str(host), "user": str(user)}:
                if where != world:
                    return
            case {"what": "begin", "stack": str(stack), "step": str(step), "at": str(at)}:
                began = datetime.fromisoformat(at)
                # What an earlier run left behind stays open until somebody has looked after it.
                open_steps.setdefault(stack, Interrupted(path.name, stack, step, began, host, user))
            case {"what": "process", "stack": str(stack), "step": step, "pid": int(pid), "birth": str(birth)}:
                begun = open_steps.get(stack)
                if begun is not None:
                    # What looks after an interrupted step runs Terraform too; the step keeps its own log.
                    log = str(entry["log"]) if step == begun.step and not begun.log else begun.log
                    open_steps[stack] = replace(begun, host=host, pid=pid, birth=birth, log=log)
            case {"what": "end", "stack": str(stack)}:
                open_steps.pop(stack, None)
            case _:
                pass
