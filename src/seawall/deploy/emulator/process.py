"""The life of the emulator's process: one per working folder, detached, known by its ``emulator.json``."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from seawall.kernel.errors import OutsideError

STATE_FILE = "emulator.json"
LOG_FILE = "emulator.log"
_LOCK_FILE = "emulator.lock"
_LOG_TAIL_LINES = 20


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator: its process id, its port on 127.0.0.1, and when it began to answer (ISO 8601,
    UTC)."""

    pid: int
    port: int
    started: str

    @property
    def url(self) -> str:
        """The one endpoint of all services and regions."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True)
class _State:
    """What ``emulator.json`` says: the emulator, and the birth mark that proves its process id is still its
    own."""

    emulator: Emulator
    birth: str


def start(folder: Path, *, timeout: float = 60.0, plain: bool = False) -> Emulator:
    """Return the folder's emulator, starting it where there is none.

    ``timeout`` is in seconds. ``plain`` leaves our patches out, for tests. Raises OutsideError with the end
    of the log when the process dies or does not answer in time.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with _only_one_starts(folder):
        running = find(folder)
        if running is not None:
            return running
        (folder / STATE_FILE).unlink(missing_ok=True)
        pid = _spawn(folder, plain)
        return _wait_until_ready(folder, pid, timeout)


def find(folder: Path) -> Emulator | None:
    """Return the folder's emulator, or None where its process is gone (or another one has taken its id).

    Raises OutsideError when the process is alive and does not answer.
    """
    state = _read_state(folder)
    if state is None or birth_mark(state.emulator.pid) != state.birth:
        return None
    emulator = state.emulator
    if not _answers(emulator, patience=10.0):
        raise OutsideError(
            f"the emulator (process {emulator.pid}) does not answer on {emulator.url}",
            detail=_log_tail(folder),
            fix="end it with `seawall emulator stop`; what was up in it is lost with it",
        )
    return emulator


def stop(folder: Path, *, timeout: float = 10.0) -> bool:
    """End the folder's emulator and everything in it; return whether there was one. ``timeout`` is in
    seconds."""
    state = _read_state(folder)
    if state is None:
        return False
    pid = state.emulator.pid
    is_ours = birth_mark(pid) == state.birth
    if is_ours:
        _end(pid, state.birth, timeout)
    (folder / STATE_FILE).unlink(missing_ok=True)
    return is_ours


def birth_mark(pid: int) -> str | None:
    """Return what tells a process from a later one with the same id: its start time as the system reports it.

    None where no such process runs; a process that has ended and waits to be reaped does not run.
    """
    if Path("/proc/self/stat").exists():
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return None
        # The second field is the command's name in parentheses and may hold anything, so count from its end:
        # then field 3 is the state and field 22 the start time in clock ticks since boot (proc(5)).
        fields = stat.rpartition(")")[2].split()
        return None if fields[0] == "Z" else fields[19]
    listing = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split(maxsplit=1)
    return None if len(listing) < 2 or listing[0].startswith("Z") else listing[1].strip()


@contextmanager
def _only_one_starts(folder: Path) -> Iterator[None]:
    with (folder / _LOCK_FILE).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _spawn(folder: Path, plain: bool) -> int:
    # -P: a file of the user's working folder that is called moto.py or json.py must not be imported.
    arguments = [
        sys.executable,
        "-P",
        "-m",
        "seawall.deploy.emulator",
        "--state-file",
        str(folder / STATE_FILE),
    ]
    if plain:
        arguments.append("--plain")
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    # A session of its own: Ctrl-C at the terminal that ran `up` must not take the emulator away.
    return os.posix_spawn(
        sys.executable,
        arguments,
        _child_environment(),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(folder / LOG_FILE), write, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )


def _child_environment() -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.upper().startswith(("AWS_", "MOTO_"))}
    # This process may have found the package on a path that a new interpreter does not search.
    package_root = str(Path(__file__).resolve().parents[3])
    own["PYTHONPATH"] = os.pathsep.join(filter(None, [package_root, own.get("PYTHONPATH")]))
    own["PYTHONUNBUFFERED"] = "1"
    return own


def _wait_until_ready(folder: Path, pid: int, timeout: float) -> Emulator:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        state = _read_state(folder)
        if state is not None and _answers(state.emulator, patience=0.0):
            return state.emulator
        if birth_mark(pid) is None:
            _reap(pid)
            raise OutsideError(
                "the emulator ended before it answered",
                detail=_log_tail(folder),
                fix='install its parts with: pip install "seawall[emulator]"',
            )
        time.sleep(0.05)
    birth = birth_mark(pid)
    if birth is not None:
        _end(pid, birth, timeout=5.0)
    raise OutsideError(f"the emulator did not answer within {timeout:.0f} s", detail=_log_tail(folder))


def _end(pid: int, birth: str, timeout: float) -> None:
    for number, patience in ((signal.SIGTERM, timeout), (signal.SIGKILL, 5.0)):
        deadline = time.monotonic() + patience
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        while time.monotonic() < deadline:
            _reap(pid)
            if birth_mark(pid) != birth:
                return
            time.sleep(0.02)
    raise OutsideError(f"the emulator (process {pid}) cannot be ended")


def _reap(pid: int) -> None:
    # A process that another one started is that one's to reap.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _read_state(folder: Path) -> _State | None:
    path = folder / STATE_FILE
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        emulator = Emulator(pid=int(state["pid"]), port=int(state["port"]), started=str(state["started"]))
        return _State(emulator, str(state["birth"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise OutsideError(
            f"{path} is not the state of an emulator: {error!r}",
            fix="remove it; if an emulator of this folder still runs, end it by its process id",
        ) from None


def _answers(emulator: Emulator, patience: float) -> bool:
    """Ask once, and again until ``patience`` seconds are over: a busy machine is slow, not dead."""
    import http.client

    deadline = time.monotonic() + patience
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=5)
        try:
            connection.request("GET", "/moto-api/config")
            if connection.getresponse().status < 300:
                return True
        except (OSError, http.client.HTTPException):
            pass  # not yet, or no longer; the deadline decides
        finally:
            connection.close()
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.1)


def _log_tail(folder: Path) -> str:
    try:
        lines = (folder / LOG_FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return "it left no log"
    return "\n".join(lines[-_LOG_TAIL_LINES:])
