"""Workflows of GitHub Actions as resources: the one hidden folder of an estate that is looked into."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from seawall.graph.resource import Resource
from seawall.ingest.folders import entries
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin

MAX_BYTES: Final = 1_000_000
"""GitHub refuses a workflow long before that."""
_FOLDER: Final = (".github", "workflows")
_SUFFIXES: Final = frozenset({".yml", ".yaml"})


def is_workflow(path: Path) -> bool:
    """Whether a file lies where GitHub looks for workflows."""
    return path.suffix in _SUFFIXES and path.parent.parts[-2:] == _FOLDER


def workflows(path: Path, *, among: bool = False) -> Iterator[Resource]:
    """The workflows of a folder, of any folder within it, or the file itself.

    They are named from the folder given; by its own name too where it is one ``among`` several. Raises InputError if
    one cannot be read or is larger than a workflow may be.
    """
    if not path.is_dir():
        if is_workflow(path.absolute()):
            yield _workflow(path, str(path))
        return
    for there in _folders(path):
        for file in entries(there)[0]:
            if file.suffix in _SUFFIXES:
                yield _workflow(file, (file if among else file.relative_to(path)).as_posix())


def _folders(path: Path) -> Iterator[Path]:
    whole = path.absolute()
    if whole.parts[-2:] == _FOLDER:
        yield path
    elif whole.name == _FOLDER[0] and (path / _FOLDER[1]).is_dir():
        yield path / _FOLDER[1]
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        waiting += entries(folder)[1]
        there = folder.joinpath(*_FOLDER)
        if there.is_dir():
            yield there


def _workflow(file: Path, name: str) -> Resource:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise InputError(f"the file is larger than {MAX_BYTES:,} bytes", origin=Origin(str(file)))
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}", origin=Origin(str(file))) from None
    except UnicodeDecodeError as error:
        raise InputError(f"this is not UTF-8 text (byte {error.start})", origin=Origin(str(file))) from None
    return Resource(Address.file(name), "file/github-workflow", {"text": text}, Origin(str(file), 1))
