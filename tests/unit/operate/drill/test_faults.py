"""Faults do to processes what they say."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from seawall.kernel.errors import OutsideError
from seawall.operate.drill.faults import FAULTS, LOSSES, fill_disk, lose, slow_disk
from seawall.operate.drill.stage import stage, until


class Between:
    """A network that remembers."""

    parted = False

    def freeze(self):
        self.parted = True


def test_a_kill_ends_them_all():
    """Nothing that was lost runs on."""
    with stage() as made:
        processes = [made.start(name, ["sleep", "60"], folder=made.folder(name)) for name in ("one", "two")]
        lose("kill", processes)
        assert not any(process.runs for process in processes)


def test_a_freeze_leaves_them_there_and_silent():
    """They are stopped and can be thawed."""
    with stage() as made:
        process = made.start("one", ["sleep", "60"], folder=made.folder("one"))
        lose("freeze", [process])
        until(lambda: _state(process.pid) == "T", what="it stops")
        process.thaw()
        until(lambda: _state(process.pid) != "T", what="it goes on")
        assert process.runs


def test_a_partition_parts_the_network_and_ends_nothing():
    """Both sides go on."""
    with stage() as made:
        process, between = made.start("one", ["sleep", "60"], folder=made.folder("one")), Between()
        lose("partition", [process], [between])
        assert between.parted
        assert process.runs


def test_a_full_disk_stops_files_from_growing():
    """A server that writes finds that it cannot, and what was written stays."""
    program = (
        "import pathlib, signal, time\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "while True:\n"
        "    try:\n"
        "        with open('data', 'ab') as file: file.write(b'x' * 1000)\n"
        "    except OSError as error:\n"
        "        print(error, flush=True); break\n"
        "    time.sleep(0.01)\n"
    )
    with stage() as made:
        folder = made.folder("one")
        process = made.start("one", [sys.executable, "-c", program], folder=folder)
        until(lambda: (folder / "data").exists(), process, what="it writes")
        fill_disk(process, room=4096)
        time.sleep(0.2)
        until(lambda: not process.runs, what="it finds the disk full")
        assert (folder / "data").stat().st_size <= 4096 + 1000


def test_a_slow_disk_slows_what_is_written_and_leaves_no_group_behind():
    """What took no time takes as long as the rate says; where the system does not allow it, it says why."""
    lacks = FAULTS["slow-disk"].lacks()
    if lacks:
        with stage() as made:
            process = made.start("one", ["sleep", "60"], folder=made.folder("one"))
            with pytest.raises(OutsideError), slow_disk(process, 1.0):
                pass
        return
    program = (
        "import os, time\n"
        "time.sleep(0.3)\n"
        "with open('data', 'wb') as file:\n"
        "    for _ in range(4):\n"
        "        file.write(b'x' * 250_000); file.flush(); os.fsync(file.fileno())\n"
    )
    with stage() as made:
        process = made.start("one", [sys.executable, "-c", program], folder=made.folder("one"))
        began = time.monotonic()
        with slow_disk(process, 1.0):
            process.wait(30.0)
        assert time.monotonic() - began > 0.9
    assert not list(Path("/sys/fs/cgroup").glob(f"**/seawall-drill-{os.getpid()}-*"))


def test_every_fault_says_what_it_is_and_whether_it_can_be_played():
    """Those that take things away are among them, and a fault that cannot be played here says why."""
    assert set(LOSSES) < set(FAULTS)
    for name, fault in FAULTS.items():
        assert fault.name == name
        assert fault.says
        assert isinstance(fault.lacks(), str)


def test_a_fault_that_takes_nothing_away_is_no_loss():
    """A scenario cannot play one for the other."""
    with pytest.raises(ValueError, match="full-disk"):
        lose("full-disk", [])


def _state(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
