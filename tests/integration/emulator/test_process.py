"""The life of the emulator's process: detached, one per folder, known again, and never mistaken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from seawall.deploy.emulator import process
from seawall.kernel.errors import OutsideError

pytestmark = pytest.mark.needs("emulator")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A working folder whose emulator, where one was started, is ended."""
    yield tmp_path
    process.stop(tmp_path)


def test_it_outlives_the_process_that_started_it(folder: Path) -> None:
    """An emulator is found by another process than the one that started it, after that one has ended."""
    script = (
        f"from pathlib import Path; from seawall.deploy.emulator import process; process.start(Path({str(folder)!r}))"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    emulator = process.find(folder)
    assert emulator is not None
    assert os.getsid(emulator.pid) != os.getsid(0)


def test_it_is_started_once(folder: Path) -> None:
    """Whoever asks at the same time gets the same emulator."""
    with ThreadPoolExecutor(4) as threads:
        emulators = set(threads.map(lambda _: process.start(folder), range(4)))
    assert len(emulators) == 1


def test_it_ends_and_leaves_no_state_file(folder: Path) -> None:
    """After stop the process is gone, its file too, and a second stop has nothing to do."""
    emulator = process.start(folder)
    assert process.stop(folder) is True
    assert process.birth_mark(emulator.pid) is None
    assert not (folder / process.STATE_FILE).exists()
    assert process.find(folder) is None
    assert process.stop(folder) is False


def test_a_killed_one_is_not_found(folder: Path) -> None:
    """A state file without its process means that nothing is up; the next start makes a new one."""
    first = process.start(folder)
    os.kill(first.pid, 9)
    os.waitpid(first.pid, 0)
    assert (folder / process.STATE_FILE).exists()
    assert process.find(folder) is None
    assert process.start(folder).pid != first.pid


def test_another_process_with_its_id_is_left_alone(folder: Path) -> None:
    """A process id that the system has given to somebody else is neither taken for an emulator nor ended."""
    somebody = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        state = {"pid": somebody.pid, "birth": "1", "port": 1, "started": "2026-01-01T00:00:00+00:00"}
        (folder / process.STATE_FILE).write_text(json.dumps(state), encoding="utf-8")
        assert process.find(folder) is None
        assert process.stop(folder) is False
        assert somebody.poll() is None
    finally:
        somebody.kill()
        somebody.wait()


def test_one_that_cannot_start_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An emulator that ends before it answers is an error with the end of its log."""
    (folder / "moto").mkdir()
    (folder / "moto" / "__init__.py").write_text("raise ImportError('broken on purpose')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    with pytest.raises(OutsideError, match="broken on purpose"):
        process.start(folder)


def test_a_state_file_that_is_none_is_an_error(folder: Path) -> None:
    """A damaged state file is named, with what to do about it."""
    path = folder / process.STATE_FILE
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(OutsideError, match=process.STATE_FILE):
        process.find(folder)
    path.unlink()


def test_it_listens_on_this_machine_only(folder: Path) -> None:
    """The emulator's port is open on 127.0.0.1 and on no other address."""
    port = process.start(folder).port
    listening = [
        line.split()[1]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text(encoding="utf-8").splitlines()[1:]
        if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A"
    ]
    assert listening == [f"0100007F:{port:04X}"]
