"""Write a platform.yaml to start from.

Without --from it is a small service with a database, which compiles and checks as it stands. An existing file is
never overwritten.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """The folder and --from."""
    parser.add_argument("folder", nargs="?", type=Path, default=Path("."), metavar="DIR")
    parser.add_argument("--from", dest="start", metavar="NAME", help="copy a reference platform's description")


def run(chosen: argparse.Namespace) -> int:
    """Write the file and say what to do next."""
    from seawall.cli.input import DESCRIPTION, reference_platforms
    from seawall.kernel.errors import InputError

    if chosen.start is None:
        text = (Path(__file__).parent.parent / "start.yaml").read_text(encoding="utf-8")
    else:
        platforms = reference_platforms()
        if chosen.start not in platforms:
            raise InputError(f"there is no reference platform {chosen.start}", fix=f"known: {', '.join(platforms)}")
        text = (platforms[chosen.start] / DESCRIPTION).read_text(encoding="utf-8")
    path: Path = chosen.folder / DESCRIPTION
    try:
        chosen.folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(f"{path} is already there", fix="name another folder") from None
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from None
    print(f"wrote {path}\nnext: seawall check {path}")
    return 0
