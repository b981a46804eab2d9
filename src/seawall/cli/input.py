"""What an INPUT is: a path if it exists, else a reference platform's name."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from seawall.kernel.errors import InputError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence

    from seawall.graph.graph import Graph
    from seawall.ingest.token_plan import Run
    from seawall.model.document import Document
    from seawall.model.platform import Platform

DESCRIPTION = "platform.yaml"
AS_DOCUMENTED = "as_documented"
"""The folder of a reference platform that holds the state which its documents describe."""


def reference_platforms() -> dict[str, Path]:
    """The folder of each shipped platform, by name."""
    folder = Path(str(files("seawall.platforms")))
    return {found.parent.name: found.parent for found in sorted(folder.glob(f"*/{DESCRIPTION}"))}


def description_of(spelling: str) -> Path | None:
    """The platform.yaml that an INPUT means, or None if it is part of an existing estate.

    Raises InputError if it is neither a path nor a reference platform.
    """
    path = Path(spelling)
    if path.is_dir():
        return path / DESCRIPTION if (path / DESCRIPTION).is_file() else None
    if path.exists():
        return path if path.name == DESCRIPTION or _is_description(path) else None
    platforms = reference_platforms()
    if spelling in platforms:
        return platforms[spelling] / DESCRIPTION
    if _documented(spelling) is not None:
        return None
    import difflib

    close = difflib.get_close_matches(spelling, platforms, n=1)
    raise InputError(
        f"{spelling} is neither a file nor a reference platform",
        fix=f"did you mean {close[0]}?" if close else f"the reference platforms are {', '.join(platforms)}",
    )


def here() -> str:
    """The INPUT of who names none: the working folder, if a description lies in it; else InputError."""
    if Path(DESCRIPTION).is_file():
        return "."
    raise InputError(
        f"no INPUT is given, and no {DESCRIPTION} lies in the working folder",
        fix=f"name a {DESCRIPTION}, a reference platform such as {next(iter(reference_platforms()))}, or files",
    )


def _documented(spelling: str) -> Path | None:
    """The folder that ``NAME/as_documented`` means, or None if it means none."""
    name, _, part = spelling.rstrip("/").partition("/")
    platform = reference_platforms().get(name) if part == AS_DOCUMENTED else None
    folder = None if platform is None else platform / AS_DOCUMENTED
    if folder is None or not folder.is_dir():
        return None
    # Messages name files as somebody in the working folder would, where it lies below.
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder


def folder_of(spelling: str) -> Path:
    """The folder below which the files of an INPUT lie, as messages name it."""
    path = Path(spelling)
    if path.exists():
        return path if path.is_dir() else path.parent
    return _documented(spelling) or Path(spelling.partition("/")[0])


def _is_description(path: Path) -> bool:
    if path.suffix not in (".yaml", ".yml"):
        return False
    with path.open("rb") as file:
        start = file.read(65536)
    return any(line.startswith(b"platform:") for line in start.splitlines())


def load_platform(spelling: str, environment: str | None) -> Platform:
    """The platform that an INPUT describes; InputError if it describes none."""
    from seawall.components.kinds import kinds
    from seawall.model.loader import load

    return load(read_description(spelling), kinds(), environment)


def read_description(spelling: str) -> Document:
    """The document of the description that an INPUT means; InputError if it means none."""
    from seawall.model.document import read_document

    path = description_of(spelling)
    if path is None:
        raise InputError(f"{spelling} holds no description", fix=f"name a {DESCRIPTION} or a reference platform")
    return read_document(path, _shown(path, spelling))


def _shown(path: Path, spelling: str) -> str:
    # Messages name the file as the person did; a shipped platform by its own short path.
    return str(path) if Path(spelling).exists() else f"{path.parent.name}/{path.name}"


def load_graph(
    spellings: list[str], environment: str | None, cluster: str | None = None
) -> tuple[Platform | None, Graph]:
    """The graph of one platform, or of everything in an existing estate together.

    Raises InputError if a platform and other inputs are mixed, or nothing readable is found.
    """
    descriptions = [spelling for spelling in spellings if description_of(spelling) is not None]
    if len(descriptions) > 1 or (descriptions and len(spellings) > 1):
        raise InputError(
            f"{descriptions[0]} is a description and stands alone", fix="give one description, or an existing estate"
        )
    if descriptions:
        from seawall.components.expand import expand

        platform = load_platform(descriptions[0], environment)
        return platform, expand(platform)
    from seawall.ingest.estate import ingest

    paths = [Path(spelling) for spelling in spellings]
    paths = [path if path.exists() else _documented(str(path)) or path for path in paths]
    graph = ingest(paths, environment=environment, cluster=cluster, run=_terraform())
    _tell_unread(graph)
    return None, graph


def _tell_unread(graph: Graph) -> None:
    """One line on stderr naming the modules that were called and not read, for much may be in them."""
    from seawall.ingest.static_module import MODULE

    unread = graph.of_type(MODULE)
    if unread:
        listed = ", ".join(f"{module.address} ({module.origin})" for module in unread)
        print(
            f"seawall: not read, so that what it makes is unknown: {listed}; to have it read, give the plan "
            f"(`terraform show -json PLANFILE`)",
            file=sys.stderr,
        )


def _terraform() -> Run | None:
    """What runs Terraform for a plan that lies beside its source; None where there is no Terraform."""
    import os
    import shutil
    import subprocess

    program = shutil.which("terraform")
    if program is None:
        return None

    def run(arguments: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
        # Its providers are mocked, so nothing of the user's AWS settings has a use.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return subprocess.run(
            [program, *arguments],
            cwd=folder,
            env=environment | {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run
