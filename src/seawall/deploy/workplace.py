"""The working folder of one platform, environment and target: what is written there, and where."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from seawall.kernel.errors import InputError

STATE_FOLDER = ".seawall"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Workplace:
    """``<root>/<platform>/<environment>/<target>/``; the root is ``.seawall`` unless ``--state-dir`` moves it.

    Raises InputError for a name that could leave the root.
    """

    root: Path
    platform: str
    environment: str
    target: str

    def __post_init__(self) -> None:
        for name in (self.platform, self.environment, self.target):
            if not _NAME.fullmatch(name) or ".." in name:
                raise InputError(
                    f"{name!r} cannot name a folder", fix="use letters, digits, dots, hyphens and underscores"
                )

    @property
    def folder(self) -> Path:
        """The folder itself."""
        return self.root.resolve() / self.platform / self.environment / self.target

    @property
    def out(self) -> Path:
        """The rendered files, the same to the byte as ``seawall compile -o`` writes them."""
        return self.folder / "out"

    @property
    def run(self) -> Path:
        """Where Terraform runs: a copy of each stack, with its providers, lock file, logs and saved plan."""
        return self.folder / "run"

    @property
    def journal(self) -> Path:
        """One file a run: what was intended and what has been done."""
        return self.folder / "journal"

    @property
    def evidence(self) -> Path:
        """What was measured of it."""
        return self.folder / "evidence"

    @property
    def lock(self) -> Path:
        """The file whose lock says that a run is under way."""
        return self.folder / "lock"

    def make(self) -> None:
        """Make the folder; only its owner may look into it, since plans and states can hold secrets."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        for folder in (self.out, self.run, self.journal, self.evidence):
            folder.mkdir(exist_ok=True)


def write_files(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Make a folder hold exactly these files (relative path, content); what is the same is not touched.

    Raises InputError for a path that would leave the folder; then nothing has been written.
    """
    wanted: dict[Path, bytes] = {}
    for name, content in files:
        relative = PurePosixPath(name)
        if relative.is_absolute() or ".." in relative.parts:
            raise InputError(f"{name!r} does not stay in the folder it is written to")
        wanted[folder / relative] = content
    for path, content in wanted.items():
        if path.is_file() and path.read_bytes() == content:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        # A reader, or a run after a crash, sees the old file or the new one and never half of it.
        half_written = path.with_name(f".{path.name}.{os.getpid()}.part")
        half_written.write_bytes(content)
        half_written.replace(path)
    _remove_others(folder, set(wanted))


def _remove_others(folder: Path, wanted: set[Path]) -> None:
    for parent, folders, names in os.walk(folder, topdown=False):
        for name in names:
            if Path(parent, name) not in wanted:
                Path(parent, name).unlink()
        for name in folders:
            below = Path(parent, name)
            if not below.is_symlink() and not any(below.iterdir()):
                below.rmdir()
