"""Write everything a platform needs into a folder: Terraform stacks, Kustomize, documents.

The same description always gives the same bytes. Nothing outside the folder is touched, and a folder that holds
anything which an earlier compile did not write is left alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from seawall.cli import options


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, -o and --environment."""
    options.platform(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="the folder to write")


def run(chosen: argparse.Namespace) -> int:
    """Compile, write, and say what was written."""
    from seawall.cli.input import load_graph
    from seawall.cli.output_folder import write
    from seawall.render.render import render

    platform, graph = load_graph([chosen.input], chosen.environment)
    if platform is None:
        from seawall.kernel.errors import InputError

        raise InputError(f"{chosen.input} holds no description", fix="only a platform can be compiled")
    written = write(chosen.output, render(platform, graph))
    print(
        f"{platform.name}, {platform.environment}: {len(graph)} resources in {written} files under {chosen.output}\n"
        f"next: seawall check {chosen.input} --environment {platform.environment}"
    )
    return 0
