"""The faults of a drill: how a thing is lost, and where this machine lets that be played.

A kill alone understates what is lost: on one machine the kernel still delivers what lay in the sockets. A partition
cuts the connections instead, and what was acknowledged on the wrong side of it is gone.
"""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from seawall.kernel.errors import OutsideError
from seawall.operate.drill.stage import Process


class Losable(Protocol):
    """A server, or several that are lost as one."""

    def kill(self) -> None:
        """End it at once."""

    def freeze(self) -> None:
        """Stop it without ending it."""


class Partable(Protocol):
    """What lies between servers and can be parted: nothing passes any more, and nobody is told."""

    def freeze(self) -> None:
        """Let nothing pass."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A way of losing something; ``lacks`` says why this machine cannot play it, or nothing."""

    name: str
    says: str
    lacks: Callable[[], str] = lambda: ""


LOSSES: Final = ("kill", "freeze", "partition")
"""Those that take away whatever they are done to; the others make something fail that goes on running."""


def _slow_disk() -> str:
    if os.geteuid() != 0:
        return "only root can slow a disk down"
    try:
        with _group(os.getpid(), Path(tempfile.gettempdir()), 1.0, join=False):
            return ""
    except OutsideError as error:
        return error.detail or error.what


FAULTS: Final[Mapping[str, Fault]] = {
    fault.name: fault
    for fault in (
        Fault("kill", "processes end at once, as in a power cut"),
        Fault("freeze", "processes stop and keep their connections: nobody is told, everything hangs"),
        Fault("partition", "the network between is cut: both sides go on, apart from each other"),
        Fault("full-disk", "nothing more can be written: files cannot grow"),
        Fault("slow-disk", "what is written takes long", _slow_disk),
        Fault("corrupt-backup", "the newest copy was damaged where it is kept"),
        Fault("expired-secret", "the password that copies are made by is no longer taken"),
    )
}


def lose(fault: str, servers: Iterable[Losable], between: Iterable[Partable] = ()) -> None:
    """Take these away in one of the ways of LOSSES. A partition parts what is between and leaves the servers alone."""
    match fault:
        case "kill":
            all_of_them = list(servers)
            # A region goes at one moment: none of them outlives another by the time that ending one takes.
            for server in all_of_them:
                server.freeze()
            for server in all_of_them:
                server.kill()
        case "freeze":
            for server in servers:
                server.freeze()
        case "partition":
            for network in between:
                network.freeze()
        case _:
            raise ValueError(f"{fault} takes nothing away")


def fill_disk(process: Process, room: int = 0) -> None:
    """Let no file of this process grow beyond ``room`` bytes, as if its disk were full.

    Raises OutsideError where the system does not let us.
    """
    try:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (room, room))
    except (PermissionError, ProcessLookupError) as error:
        raise OutsideError(f"the disk of {process.name} cannot be filled", str(error)) from error


@contextmanager
def slow_disk(process: Process, megabytes: float) -> Iterator[None]:
    """Let a process and what it starts write no more than so many megabytes a second to the disk of its folder.

    Raises OutsideError where the system does not let us: it takes root, and a kernel with groups for disks.
    """
    with _group(process.pid, process.folder, megabytes):
        yield


_FIRST_VERSION, _SECOND_VERSION = Path("/sys/fs/cgroup/blkio"), Path("/sys/fs/cgroup")


@contextmanager
def _group(pid: int, folder: Path, megabytes: float, *, join: bool = True) -> Iterator[None]:
    """A group of processes that shares so much of the disk on which the folder lies; ``pid`` joins it."""
    device = folder.stat().st_dev
    disk, rate = f"{os.major(device)}:{os.minor(device)}", round(megabytes * 1e6)
    first = (_FIRST_VERSION / "cgroup.procs").exists()
    root = _FIRST_VERSION if first else _SECOND_VERSION
    made = root / f"seawall-drill-{os.getpid()}-{pid}"
    try:
        if not first:
            (root / "cgroup.subtree_control").write_text("+io")
        made.mkdir()
    except OSError as error:
        raise OutsideError("this disk cannot be slowed down", f"no group of processes can be made: {error}") from error
    try:
        limit = made / ("blkio.throttle.write_bps_device" if first else "io.max")
        try:
            limit.write_text(f"{disk} {rate}" if first else f"{disk} wbps={rate}")
            if join:
                (made / "cgroup.procs").write_text(str(pid))
        except OSError as error:
            why = f"the kernel does not bound writes to {disk}: {error.strerror}"
            raise OutsideError("this disk cannot be slowed down", why) from error
        yield
    finally:
        for member in (made / "cgroup.procs").read_text().split():
            with suppress(OSError):
                (root / "cgroup.procs").write_text(member)
        made.rmdir()
