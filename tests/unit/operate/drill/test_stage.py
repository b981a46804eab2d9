"""What a drill starts and writes goes with it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seawall.operate.drill.stage import LackingError, program, stage

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


def test_two_stages_never_hand_out_the_same_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drills beside each other put places on the same addresses of the loopback, so their ports tell them apart."""
    with stage() as first, stage() as second:
        taken, free = first.free_port(), first.free_port()
        first._ports.pop(free).close()
        offered = iter([taken, taken, free])
        monkeypatch.setattr("seawall.operate.drill.stage.socket.socket.getsockname", lambda own: ("", next(offered)))
        assert second.free_port() == free
        assert not list(offered)


def test_who_has_ended_is_signalled_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its id may be another's by then, which nothing of a drill's may end."""
    with stage() as made:
        process = made.start("server", ["sleep", "600"], folder=made.folder("server"))
        process.kill()
        monkeypatch.setattr(os, "killpg", lambda *arguments: pytest.fail("somebody was signalled"))
        process.kill()
        process.stop()
        process.freeze()


def test_a_program_of_npm_is_found_beside_the_virtual_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever works in another folder needs no second copy; where it is nowhere, its package is named."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    with pytest.raises(LackingError, match="of-npm is not on this machine"):
        program("of-npm", "npm:package")
    for path in (tmp_path / "path" / "node", tmp_path / ".tools/package/node_modules/.bin/of-npm"):
        path.parent.mkdir(parents=True)
        path.touch(mode=0o755)
    assert program("of-npm", "npm:package") == str(path)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    # Whoever started it is gone, so it may wait to be reaped by the system for a moment.
    return state != "Z"
