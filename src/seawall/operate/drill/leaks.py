"""Whether a secret of the run got out: into a log, a journal, a copy's manifest, a process's arguments or what is kept.

The files that are to hold a secret, such as a server's configuration, lie in folders that go with the run, and are not
looked into.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from seawall.operate.drill.stage import Stage

_PROCESSES = Path("/proc")
_LARGEST = 64 * 2**20
_EVERY = 0.05
_SAID = ("log", "manifest.json", "audit.jsonl")
_SAID_ENDINGS = (".log", ".jsonl", ".out", ".err")
_BLOBS = "__blobstorage__"


class Arguments:
    """Remembers the arguments of every process that is seen while it is open, several times a second."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="arguments of processes")

    def __enter__(self) -> Arguments:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._thread.join()

    def holding(self, forms: Sequence[bytes]) -> list[str]:
        """The programs that had one of these among their arguments."""
        seen = self._seen.copy()
        return sorted(
            {
                line.partition(b"\0")[0].decode("utf-8", "replace")
                for line in seen
                if any(form in line for form in forms)
            }
        )

    def _watch(self) -> None:
        known: dict[str, int] = {}
        while not self._closed.wait(_EVERY):
            now = {entry.name: known.get(entry.name, 0) for entry in _PROCESSES.iterdir() if entry.name.isdigit()}
            for pid, times in now.items():
                # Twice: what was just forked has its parent's arguments until it becomes a program of its own.
                if times < 2:
                    with suppress(OSError):
                        self._seen.add((_PROCESSES / pid / "cmdline").read_bytes())
                    now[pid] = times + 1
            known = now


def forms(secrets: Iterable[str]) -> tuple[bytes, ...]:
    """What a secret looks like where it is written: as it is, in base64, and as part of an address."""
    found: set[bytes] = set()
    for secret in secrets:
        plain = secret.encode()
        found |= {plain, base64.b64encode(plain).rstrip(b"="), quote(secret, safe="").encode()}
    return tuple(found)


def leaks(stage: Stage, arguments: Arguments, kept: str) -> tuple[str, ...]:
    """Sentences that say where a secret of the stage was found; ``kept`` is what will outlive it. Never the secret."""
    looked_for = forms(stage.secrets)
    if not looked_for:
        return ()
    found = [f"a secret of the run is among the arguments of {program}" for program in arguments.holding(looked_for)]
    for file in _said(stage.folders):
        with suppress(FileNotFoundError):
            if _holds(file, looked_for):
                found.append(f"a secret of the run is in {file.relative_to(_above(file, stage.folders))}")
    if any(form in kept.encode() for form in looked_for):
        found.append("a secret of the run is in what is to be kept as evidence")
    return tuple(found)


def _said(folders: Sequence[Path]) -> Iterator[Path]:
    """The files in which servers, runbooks and copies say something."""
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.name in _SAID or file.name.endswith(_SAID_ENDINGS) or _BLOBS in file.parts:
                with suppress(FileNotFoundError):
                    if file.is_file() and not file.is_symlink() and file.stat().st_size <= _LARGEST:
                        yield file


def _holds(file: Path, looked_for: Sequence[bytes]) -> bool:
    content = file.read_bytes()
    return any(form in content for form in looked_for)


def _above(file: Path, folders: Sequence[Path]) -> Path:
    return next(folder.parent for folder in folders if folder in file.parents)
