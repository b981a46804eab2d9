"""What a drill starts and writes goes with it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from seawall.operate.drill.stage import stage

_DRILL = """
import sys, time
from seawall.operate.drill.stage import stage
with stage() as made:
    folder = made.folder("server")
    (folder / "secret").write_text(made.secret("password"))
    process = made.start("server", ["sleep", "600"], folder=folder)
    print(made.root, process.pid, flush=True)
    time.sleep(600)
"""


def test_processes_end_and_folders_go_with_the_stage() -> None:
    """Nothing is left when a drill ends by itself, and only its owner could open its folders."""
    with stage() as made:
        process = made.start("server", ["sleep", "600"], folder=made.folder("server"))
        apart = made.folder("refuses-root", unprivileged=True)
        assert [path.stat().st_mode & 0o777 for path in (made.root, apart)] == [0o700, 0o700]
        assert process.runs
    assert not process.runs
    assert not made.root.exists()
    assert not apart.exists()


def test_not_even_sigkill_leaves_servers_or_secrets_behind() -> None:
    """A drill that is killed cannot clean up; the process beside it does."""
    drill = subprocess.Popen([sys.executable, "-c", _DRILL], stdout=subprocess.PIPE, text=True)
    assert drill.stdout is not None
    root, pid = drill.stdout.readline().split()
    drill.send_signal(signal.SIGKILL)
    drill.wait()
    deadline = time.monotonic() + 20
    while (Path(root).exists() or _runs(int(pid))) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(root).exists()
    assert not _runs(int(pid))
    drill.stdout.close()


def test_secrets_are_made_for_the_run_and_stay_the_same_within_it() -> None:
    """Two servers agree on a password; two runs never do."""
    with stage() as first, stage() as second:
        assert first.secret("database") == first.secret("database")
        assert first.secret("database") != second.secret("database")
        assert first.secrets == (first.secret("database"),)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Whoever started it is gone, so it may wait to be reaped by the system for a moment.
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:1]
