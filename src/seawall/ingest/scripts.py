"""Shell scripts and Jenkinsfiles as resources: what is run, line by line, and never by us."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from seawall.graph.resource import Resource
from seawall.ingest.folders import files_below
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin

MAX_BYTES: Final = 1_000_000
"""Scripts are written by hand; what is larger carries something else within it."""
_NAME: Final = re.compile(r".+\.(?:sh|bash)|(?:.+\.)?[Jj]enkinsfile(?:\..+)?")


def is_script(path: Path) -> bool:
    """Whether a file's name says that it is a shell script or a Jenkinsfile."""
    return _NAME.fullmatch(path.name) is not None


def scripts(path: Path, *, among: bool = False) -> Iterator[Resource]:
    """The scripts of a folder, at any depth, or the file itself; of a folder none that is too large.

    They are named from the folder given; by its own name too where it is one ``among`` several.
    """
    if not path.is_dir():
        if is_script(path):
            yield script_file(path)
        return
    for file in files_below(path):
        if is_script(file) and file.stat().st_size <= MAX_BYTES:
            yield script_file(file, file if among else file.relative_to(path))


def script_file(path: Path, named: Path | None = None) -> Resource:
    """One file as a resource of type ``file/script`` or ``file/jenkinsfile``; InputError if it cannot be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"the file is larger than {MAX_BYTES:,} bytes", origin=Origin(str(path)))
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", origin=Origin(str(path))) from None
    format = "script" if path.suffix in (".sh", ".bash") else "jenkinsfile"
    return Resource(Address.file((named or path).as_posix()), f"file/{format}", {"text": text}, Origin(str(path), 1))
