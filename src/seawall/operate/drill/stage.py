"""The stage of a drill: its folders, ports, one-off secrets and processes, all of which go when it ends.

A server that refuses to run as root runs as ``nobody``, in a folder of its own beside the others'.
"""

from __future__ import annotations

import errno
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from seawall.kernel.errors import OutsideError
from seawall.operate.drill import reaper

_SYSTEM = ("/usr/sbin", "/sbin", "/usr/local/sbin")
_UNPRIVILEGED = "nobody"
_NPM = "npm:"
_HELD = "127.255.255.254"


class LackingError(OutsideError):
    """A program that a drill needs is not on this machine; ``what`` names it, ``fix`` says how to get it."""


@contextmanager
def stage() -> Iterator[Stage]:
    """Open a stage; whatever ends it, its processes end and its folders go."""
    root = Path(tempfile.mkdtemp(prefix="seawall-drill-"))
    # A process of its own, so that not even SIGKILL leaves servers or secrets behind.
    watcher = subprocess.Popen(
        [sys.executable, "-I", "-S", str(Path(reaper.__file__))], stdin=subprocess.PIPE, text=True, bufsize=1
    )
    made = Stage(root, watcher)
    try:
        yield made
    finally:
        made.end()


class Stage:
    """Where servers of one drill run; not safe to use from several threads at once but for ``free_port``."""

    def __init__(self, root: Path, watcher: subprocess.Popen[str]) -> None:
        self.root = root
        self._watcher = watcher
        self._folders: list[Path] = []
        self._processes: list[Process] = []
        self._secrets: dict[str, str] = {}
        self._ports: dict[int, socket.socket] = {}
        self._own(root)

    def folder(self, name: str, *, unprivileged: bool = False) -> Path:
        """A new folder that only the server may open; one for a server that refuses root lies beside the others."""
        if unprivileged and os.geteuid() == 0:
            folder = Path(tempfile.mkdtemp(prefix=f"seawall-drill-{name}-"))
            self._own(folder)
            user = pwd.getpwnam(_UNPRIVILEGED)
            os.chown(folder, user.pw_uid, user.pw_gid)
            return folder
        folder = self.root / name
        folder.mkdir(mode=0o700)
        return folder

    def give(self, path: Path) -> None:
        """Make a file of ours readable by a server that refuses root; nothing to do where we are not root."""
        if os.geteuid() == 0:
            user = pwd.getpwnam(_UNPRIVILEGED)
            os.chown(path, user.pw_uid, user.pw_gid)

    def secret(self, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(18)) -> str:
        """The secret of that name, made for this run alone and the same whenever it is asked for."""
        if name not in self._secrets:
            self._secrets[name] = make()
        return self._secrets[name]

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret of the run, for whoever looks whether one got out."""
        return tuple(self._secrets.values())

    @property
    def folders(self) -> tuple[Path, ...]:
        """Every folder of the run that lies by itself; the others are within the first."""
        return tuple(self._folders)

    def free_port(self) -> int:
        """A port that nobody listens on, on any address of the loopback, and that no stage has handed out meanwhile."""
        while True:
            with socket.socket() as found:
                found.bind(("127.0.0.1", 0))
                port = int(found.getsockname()[1])
            taken = socket.socket()
            try:
                # Held to the end on an address that no server has: other stages run beside this one, and two of them
                # would put their places on the same addresses.
                taken.bind((_HELD, port))
            except OSError as error:
                taken.close()
                if error.errno == errno.EADDRINUSE:
                    continue
            if port in self._ports:
                taken.close()
                continue
            self._ports[port] = taken
            return port

    def start(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        unprivileged: bool = False,
    ) -> Process:
        """Start a server; its output goes to ``folder/log``. Secrets come by environment or file, not arguments."""
        log = (folder / "log").open("ab")
        as_user: dict[str, object] = {}
        if unprivileged and os.geteuid() == 0:
            user = pwd.getpwnam(_UNPRIVILEGED)
            as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "TMPDIR")}
        if as_user:
            # Root's home is closed to it, and whatever looks for settings there would fail.
            kept["HOME"] = str(folder)
        with log:
            process = subprocess.Popen(
                list(arguments),
                cwd=folder,
                env=kept | dict(environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **as_user,  # type: ignore[call-overload]
            )
        started = Process(name, process, folder)
        self._tell("pid", process.pid)
        self._processes.append(started)
        return started

    def run(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        unprivileged: bool = False,
        seconds: float = 120.0,
    ) -> None:
        """Run a program to its end, its output in ``folder/log``. Raises OutsideError with its last words if it fails.

        Secrets come by environment or file, not arguments.
        """
        process = self.start(Path(arguments[0]).name, arguments, folder=folder, environment=environment,
                             unprivileged=unprivileged)  # fmt: skip
        status = process.wait(seconds)
        self._processes.remove(process)
        # Another process may get its id, and must not be ended for it.
        self._tell("gone", process.pid)
        if status != 0:
            said = f"took more than {seconds:g} s" if status is None else f"failed with {status}"
            raise OutsideError(f"{process.name} {said}", process.log(80))

    def take(self, pid: int) -> None:
        """Have the process group that a server began go with the stage, too, whatever state it is in."""
        self._tell("pid", pid)

    def leave(self, pid: int) -> None:
        """Undo ``take``: it has ended, or ends by itself with its server."""
        self._tell("gone", pid)

    def end(self) -> None:
        """End every process, last started first, and remove every folder."""
        for process in reversed(self._processes):
            process.kill()
        for held in self._ports.values():
            held.close()
        assert self._watcher.stdin is not None
        with suppress(BrokenPipeError):
            # It has ended whatever they were; another process may have got an id of theirs.
            self._watcher.stdin.writelines(f"gone {process.pid}\n" for process in self._processes)
            self._watcher.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._watcher.wait(timeout=10)
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)

    def _own(self, folder: Path) -> None:
        self._folders.append(folder)
        self._tell("folder", folder)

    def _tell(self, what: str, value: object) -> None:
        assert self._watcher.stdin is not None
        self._watcher.stdin.write(f"{what} {value}\n")
        self._watcher.stdin.flush()


class Process:
    """A server that was started: it can be ended, killed, frozen and thawed; its whole group goes with it."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.name, self._process, self.folder = name, process, folder
        self._killed = False

    @property
    def pid(self) -> int:
        """Its process id, which is its group's too."""
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def wait(self, seconds: float) -> int | None:
        """Its exit status once it has ended, or None after killing it when it has not within ``seconds``."""
        try:
            return self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def stop(self, patience: float = 15.0) -> None:
        """Ask it to end and wait; killed after ``patience`` seconds."""
        if self.runs:
            self._signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=patience)
        self.kill()

    def kill(self) -> None:
        """End it and what it started at once, as a power cut would."""
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._killed = True

    def freeze(self) -> None:
        """Stop it without ending it: it answers nothing, and its connections stay open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def log(self, lines: int = 20) -> str:
        """The last lines of what it said."""
        said = (self.folder / "log").read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(said[-lines:])

    def _signal(self, number: int) -> None:
        # Once its group is gone its id is anybody's.
        if self._killed:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)


def program(name: str, package: str) -> str:
    """The path of a server's program. Raises LackingError that names the system's package which has it.

    ``npm:NAME`` is a package of npm's; it is looked for on PATH, in ``.tools/NAME`` of the working folder, and beside
    the virtual environment.
    """
    if package.startswith(_NPM):
        return _of_npm(name, package.removeprefix(_NPM))
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(_SYSTEM))
    if found is None:
        for versioned in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True):
            return str(versioned)
        raise LackingError(f"{name} is not on this machine", fix=f"apt-get install {package}, or `make system`")
    return found


def _of_npm(name: str, package: str) -> str:
    tools = (folder / ".tools" / package / "node_modules" / ".bin" for folder in (Path(), Path(sys.prefix).parent))
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(map(str, tools)))
    if found is None or shutil.which("node") is None:
        lacking = name if found is None else "node"
        fix = f"install Node.js, then npm install --prefix .tools/{package} {package}, or `make drills`"
        raise LackingError(f"{lacking} is not on this machine", fix=fix)
    return str(Path(found).absolute())


def until(
    holds: Callable[[], bool], process: Process | None = None, *, seconds: float = 30.0, what: str, every: float = 0.02
) -> float:
    """Wait until something holds, and say how many seconds it took.

    Raises OutsideError when it does not within ``seconds``, or when the process that is to make it hold has ended.
    """
    began = time.monotonic()
    while not holds():
        if process is not None and not process.runs:
            raise OutsideError(f"{process.name} ended before {what}", process.log())
        if time.monotonic() - began > seconds:
            raise OutsideError(f"{what} did not come within {seconds:g} s", process.log() if process else "")
        time.sleep(every)
    return time.monotonic() - began


def listens(port: int) -> bool:
    """Whether somebody takes connections on this port of the loopback."""
    with socket.socket() as asked:
        asked.settimeout(0.5)
        return asked.connect_ex(("127.0.0.1", port)) == 0
