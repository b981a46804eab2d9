"""What the commands that touch the world have in common: the platform rendered, its workplace, and its AWS."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seawall.cli import options
from seawall.kernel.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from seawall.deploy.rendered import Rendered
    from seawall.deploy.target import Cloud
    from seawall.deploy.workplace import Workplace
    from seawall.graph.graph import Graph
    from seawall.kernel.address import Address
    from seawall.model.platform import Platform


@dataclass(frozen=True, slots=True)
class Deployment:
    """A platform ready to be worked on; ``spelling`` is how the person named it, to be said again.

    ``graph`` is the whole; ``rendered`` are the files of what is applied, and ``left_out`` says why a resource is not.
    """

    spelling: str
    platform: Platform
    graph: Graph
    rendered: Rendered
    place: Workplace
    on_aws: bool
    left_out: Mapping[Address, str]

    def cloud(self, *, start: bool, region: str = "") -> Cloud | None:
        """Its AWS, asked in a region that answers; None where the emulator does not run and is not to be started."""
        from seawall.deploy import target

        if self.on_aws:
            target.require_global_names(self.platform.prefix, self.platform.domain)
            return target.aws(region)
        return target.emulator(self.place.root, start=start)

    def running_cloud(self, region: str = "") -> Cloud:
        """Its AWS, where something may be up. Raises InputError where the emulator is not running."""
        found = self.cloud(start=False, region=region)
        if found is None:
            raise InputError(
                "nothing is up: the emulator is not running, and its state went with it",
                fix=f"seawall up {self.spelling}",
            )
        return found


def arguments(parser: argparse.ArgumentParser, *, stacks: bool = False) -> None:
    """INPUT, --environment, --target, --state-dir and, where it makes sense, --stack."""
    options.platform(parser)
    options.target(parser)
    if stacks:
        parser.add_argument(
            "--stack", action="append", default=[], metavar="NAME", help="only this stack; may be said several times"
        )


def deployment(chosen: argparse.Namespace) -> Deployment:
    """Load, expand and render what the arguments name."""
    from seawall.cli.input import load_graph
    from seawall.deploy.emulator.lacking import LeftOut, without_lacking
    from seawall.deploy.rendered import Rendered
    from seawall.deploy.workplace import Workplace
    from seawall.render.render import render

    platform, graph = load_graph([chosen.input], chosen.environment)
    if platform is None:
        raise InputError(f"{chosen.input} holds no description", fix="only a platform can be brought up")
    on_aws = chosen.target == "aws"
    applied = LeftOut(graph, {}) if on_aws else without_lacking(graph)
    rendered = Rendered.of_graph(render(platform, applied.graph), applied.graph)
    place = Workplace(Path(chosen.state_dir), platform.name, platform.environment, chosen.target)
    return Deployment(_spelling(chosen), platform, graph, rendered, place, on_aws, applied.why)


def _spelling(chosen: argparse.Namespace) -> str:
    words = [chosen.input]
    if chosen.environment:
        words += ["--environment", chosen.environment]
    if chosen.target != "emulator":
        words += ["--target", chosen.target]
    return " ".join(words)


def consent(question: str, *, given: bool) -> None:
    """Ask a person, unless ``given``; InputError if there is nobody to ask or the answer is not yes."""
    if given:
        return
    if not sys.stdin.isatty():
        raise InputError("this changes AWS and nobody is there to ask", fix="say --yes, or run it in a terminal")
    print(f"{question} Only `yes` is taken as consent: ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip() != "yes":
        raise InputError("not agreed; nothing was changed")
