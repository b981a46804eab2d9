"""Write a platform.yaml to start from.

Without --from it is a small service with a database, which compiles and checks as it stands; with it a reference
platform's, and the files that it names. An existing file is never overwritten.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """The folder and --from."""
    parser.add_argument("folder", nargs="?", type=Path, default=Path("."), metavar="DIR")
    parser.add_argument("--from", dest="start", metavar="NAME", help="copy a reference platform's description")


def run(chosen: argparse.Namespace) -> int:
    """Write the files and say what to do next."""
    from seawall.cli.input import DESCRIPTION
    from seawall.kernel.errors import InputError

    folder: Path = chosen.folder
    files = _files(chosen.start)
    for name in files:
        if (folder / name).exists():
            raise InputError(f"{folder / name} is already there", fix="name another folder")
    try:
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            with (folder / name).open("xb") as file:
                file.write(content)
    except OSError as error:
        raise InputError(f"cannot write {folder}: {error.strerror}") from None
    print("\n".join([*(f"wrote {folder / name}" for name in files), f"next: seawall check {folder / DESCRIPTION}"]))
    return 0


def _files(start: str | None) -> dict[str, bytes]:
    """What is written, by its path: a description, and whatever lies beside it that is part of it."""
    from seawall.cli.input import DESCRIPTION, reference_platforms
    from seawall.kernel.errors import InputError

    if start is None:
        return {DESCRIPTION: (Path(__file__).parent.parent / "start.yaml").read_bytes()}
    platforms = reference_platforms()
    if start not in platforms:
        raise InputError(f"there is no reference platform {start}", fix=f"known: {', '.join(platforms)}")
    source = platforms[start]
    found = sorted(path for path in source.rglob("*") if path.is_file() and _is_part(path.relative_to(source)))
    return {DESCRIPTION: (source / DESCRIPTION).read_bytes()} | {
        path.relative_to(source).as_posix(): path.read_bytes() for path in found
    }


def _is_part(path: Path) -> bool:
    """Not the page about the platform, nor the document's own version of it."""
    return path.name != "README.md" and path.parts[0] not in ("as_documented", "__pycache__") and path.suffix != ".py"
