"""Running a program that must not die of us, and must not outlive us unnoticed.

Its output goes to files, never to a pipe: when Seawall is killed, Terraform would otherwise be ended by its
next line (SIGPIPE) before it has saved its state. It has a process group of its own, so that Ctrl-C at the
terminal does not reach it a second time beside the one interrupt Seawall passes on; two interrupts make
Terraform give up its state.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from seawall.deploy.emulator.process import birth_mark

# Asked for in a process of its own between fork and exec: what Python runs between them in a process with
# threads may deadlock. The signal comes when the thread that started the child ends (prctl(2)), which here
# always waits for the child. Where the system has no such call the next run interrupts what it finds.
_WRAPPER = """
import ctypes, os, signal, sys
parent = int(sys.argv[1])
if sys.platform == "linux":
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
if os.getppid() != parent:
    sys.exit(130)
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[2], sys.argv[2:])
"""
_POLL_SECONDS = 0.05


def run(
    arguments: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    output: Path,
    errors: Path,
    on_start: Callable[[int, str], None] = lambda pid, birth: None,
    on_line: Callable[[str], None] = lambda line: None,
    stop: threading.Event | None = None,
) -> int:
    """Run a program to its end and return its exit status, negative for the signal that killed it.

    ``on_start`` receives the process id and its birth mark, ``on_line`` each line of output as it appears.
    When ``stop`` is set the program gets one SIGINT and is waited for.
    """
    for path in (output, errors):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    with output.open("wb") as out, errors.open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _WRAPPER, str(os.getpid()), *arguments],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    try:
        on_start(process.pid, birth_mark(process.pid) or "")
        with output.open(encoding="utf-8", errors="replace") as lines:
            _follow(process, lines.readline, on_line, stop)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait()
        if process.returncode < 0:
            # Killed, not ended: its own children (the providers) have nobody left who ends them.
            end_group(process.pid, "")
    return process.returncode


def group_is_alive(pid: int, birth: str) -> bool:
    """Whether a child of an earlier run, or anything it started, still runs.

    A process id is not given out again while a group of that number lives, so a live process of that id and
    another birth means that nothing is left of the group.
    """
    if pid <= 0 or birth_mark(pid) not in (None, birth):
        return False
    processes = Path("/proc")
    if (processes / "self" / "stat").exists():
        return any(_is_member(entry, pid) for entry in processes.iterdir() if entry.name.isdigit())
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _is_member(entry: Path, group: int) -> bool:
    try:
        stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    # Fields 3 and 5 of proc(5). A process that has ended may stay listed where nobody reaps it.
    fields = stat.rpartition(")")[2].split()
    return fields[0] != "Z" and int(fields[2]) == group


def end_group(pid: int, birth: str, patience: float = 5.0) -> None:
    """End what is left of a child's process group; ``patience`` is in seconds between asking and forcing."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + patience
        with contextlib.suppress(ProcessLookupError):
            if group_is_alive(pid, birth):
                os.killpg(pid, number)
        while group_is_alive(pid, birth):
            if time.monotonic() > deadline:
                break
            time.sleep(_POLL_SECONDS)
        else:
            return


def _follow(
    process: subprocess.Popen[bytes],
    read_line: Callable[[], str],
    on_line: Callable[[str], None],
    stop: threading.Event | None,
) -> None:
    interrupted = False
    held = ""
    while True:
        ended = process.poll() is not None
        # Read after asking whether it ended, so that its last lines are not missed.
        while piece := read_line():
            held += piece
            if held.endswith("\n"):
                on_line(held.rstrip("\n"))
                held = ""
        if ended:
            if held:
                on_line(held)
            return
        if stop is not None and stop.is_set() and not interrupted:
            interrupted = True
            process.send_signal(signal.SIGINT)
        time.sleep(_POLL_SECONDS)
