"""Writing a compiled platform into a folder without harming what anybody else put there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from seawall.kernel.errors import InputError

LIST = ".seawall-files.json"
"""Names the files of the last compile, so that the next one may remove those that are gone."""


def write(folder: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Make the folder hold these files (relative path, content) and say how many.

    Raises InputError, and writes nothing, if the folder holds a file that an earlier compile did not write.
    """
    wanted = {PurePosixPath(name): content for name, content in files}
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is not a folder", fix="name another with -o")
    ours = _listed(folder)
    present = {PurePosixPath(found.relative_to(folder).as_posix()) for found in folder.rglob("*") if found.is_file()}
    strange = sorted(present - ours - {PurePosixPath(LIST)} - _left_by_terraform(present))
    if strange:
        raise InputError(
            f"{folder} holds files that Seawall did not write, such as {strange[0]}",
            fix="name an empty folder with -o, or move them away",
        )
    for name, content in wanted.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for name in ours - set(wanted):
        (folder / name).unlink(missing_ok=True)
        _remove_if_empty((folder / name).parent, folder)
    (folder / LIST).write_text(json.dumps(sorted(str(name) for name in wanted), indent=1) + "\n", encoding="utf-8")
    return len(wanted)


def _listed(folder: Path) -> set[PurePosixPath]:
    try:
        names = json.loads((folder / LIST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return set()
    except ValueError:
        raise InputError(f"{folder / LIST} is damaged", fix="remove the folder and compile again") from None
    return {PurePosixPath(name) for name in names if ".." not in PurePosixPath(name).parts}


def _left_by_terraform(present: set[PurePosixPath]) -> set[PurePosixPath]:
    # Somebody who ran Terraform in the folder has its working files there; they are theirs to keep.
    return {path for path in present if ".terraform" in path.parts or path.name == ".terraform.lock.hcl"}


def _remove_if_empty(folder: Path, top: Path) -> None:
    while folder != top and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
