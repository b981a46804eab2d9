"""A child that must not die of us: its output in files, one interrupt, and an interrupt when we are gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from seawall.deploy import child
from seawall.deploy.emulator.process import birth_mark

COUNT = """
import signal, sys, time
seen = []
signal.signal(signal.SIGINT, lambda *_: seen.append(1))
print("ready", flush=True)
while not seen:
    time.sleep(0.01)
time.sleep(0.3)
open(sys.argv[1], "w").write(str(len(seen)))
"""
PARENT = """
import os, sys
from pathlib import Path
from seawall.deploy import child
folder = Path(sys.argv[1])
child.run(
    [sys.executable, "-c", sys.argv[2], str(folder / "count")],
    folder=folder, environment=os.environ, output=folder / "out", errors=folder / "err",
    on_start=lambda pid, birth: print(pid, flush=True), on_line=lambda line: print(line, flush=True),
)
"""


def _run(folder: Path, *arguments: str, stop: threading.Event | None = None) -> tuple[int, list[str]]:
    lines: list[str] = []

    def on_line(line: str) -> None:
        lines.append(line)
        if stop is not None:
            stop.set()

    status = child.run(
        [sys.executable, *arguments],
        folder=folder,
        environment=os.environ,
        output=folder / "out",
        errors=folder / "err",
        on_line=on_line,
        stop=stop,
    )
    return status, lines


def test_every_line_is_seen_and_kept(tmp_path: Path) -> None:
    """Lines come in order, the last one though it has no end, and stay in a file that only the owner reads."""
    status, lines = _run(tmp_path, "-c", "print('one'); print('two', end=''); raise SystemExit(4)")
    assert (status, lines) == (4, ["one", "two"])
    assert (tmp_path / "out").read_text() == "one\ntwo"
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0


def test_a_stop_is_one_interrupt(tmp_path: Path) -> None:
    """Terraform gives up its state on the second interrupt, so it gets exactly one."""
    status, _ = _run(tmp_path, "-c", COUNT, str(tmp_path / "count"), stop=threading.Event())
    assert status == 0
    assert (tmp_path / "count").read_text() == "1"


@pytest.mark.skipif(sys.platform != "linux", reason="needs linux: elsewhere the next run interrupts what it finds")
def test_the_death_of_its_parent_is_an_interrupt(tmp_path: Path) -> None:
    """When Seawall is killed by -9 its child gets one SIGINT, ends by itself, and is not ended by a closed pipe."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path), COUNT], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert parent.stdout.readline() == "ready\n"
        birth = birth_mark(pid) or ""
        parent.kill()
    deadline = time.monotonic() + 10
    while child.group_is_alive(pid, birth):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert (tmp_path / "count").read_text() == "1"


def test_what_a_killed_child_started_is_ended(tmp_path: Path) -> None:
    """A Terraform that is killed leaves its providers; they are ended with it."""
    orphan = "import os, subprocess, sys; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); "
    status, lines = _run(tmp_path, "-c", orphan + f"os.kill(os.getpid(), {int(signal.SIGKILL)})")
    assert status == -signal.SIGKILL
    assert birth_mark(int(lines[0])) is None
