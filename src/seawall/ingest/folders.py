"""Walking a folder of an existing estate: what is looked at, and what is passed over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin

LEFT_OUT: Final = frozenset({"node_modules", "vendor", "as_documented"})
"""Folders that are somebody else's code, or a document's own version of a platform, which must be asked for."""


def entries(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files and the folders directly within a folder, sorted; hidden and linked folders are passed over.

    InputError if the folder cannot be read.
    """
    try:
        found = sorted(folder.iterdir())
        files = [entry for entry in found if entry.is_file()]
        folders = [
            entry
            for entry in found
            if entry.is_dir()
            and not entry.is_symlink()
            and not entry.name.startswith(".")
            and entry.name not in LEFT_OUT
        ]
    except OSError as error:
        raise InputError(f"cannot read {folder}: {error.strerror}", origin=Origin(str(folder))) from None
    return files, folders


def files_below(folder: Path) -> Iterator[Path]:
    """Every file at any depth, those of one folder before those of the folders within it."""
    files, folders = entries(folder)
    yield from files
    for inner in folders:
        yield from files_below(inner)
