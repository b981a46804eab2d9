"""The faults of a drill: how a thing is lost, and where this machine lets that be played.

A kill alone understates what is lost: on one machine the kernel still delivers what lay in the sockets. A partition
cuts the connections instead, and what was acknowledged on the wrong side of it is gone.
"""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
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
    if shutil.which("dmsetup") is None:
        return "there is no dmsetup on this machine: apt-get install dmsetup"
    if not os.path.exists("/dev/mapper/control"):
        return "this machine gives no access to the device mapper"
    return ""


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
