"""Arguments that several commands share, so that one word means one thing everywhere."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Literal


def inputs(parser: argparse.ArgumentParser, *, least: Literal["+", "*"] = "+") -> None:
    """One or more INPUTs, which may be files and folders of an existing estate; none is enough with ``*``."""
    parser.add_argument(
        "inputs",
        nargs=least,
        metavar="INPUT",
        help="a reference platform's name, a platform.yaml, or files and folders of an existing estate",
    )
    parser.add_argument("--cluster", metavar="NAME", help="the cluster that manifests belong to, if there are several")
    environment(parser)


def platform(parser: argparse.ArgumentParser) -> None:
    """One INPUT that is a platform."""
    parser.add_argument("input", metavar="INPUT", help="a reference platform's name, or a platform.yaml")
    environment(parser)


def environment(parser: argparse.ArgumentParser) -> None:
    """Which environment is meant."""
    parser.add_argument(
        "-e", "--environment", metavar="NAME", help="the environment meant; else the one marked default"
    )


def target(parser: argparse.ArgumentParser) -> None:
    """Where a platform runs, and where the run is written down."""
    parser.add_argument(
        "--target",
        choices=("emulator", "aws"),
        default="emulator",
        help="the embedded emulator on this machine (default), or AWS with your ordinary credentials",
    )
    state_dir(parser)


def state_dir(parser: argparse.ArgumentParser, what: str = "where runs are kept") -> None:
    """The folder that a command keeps things in, or finds them."""
    parser.add_argument(
        "--state-dir",
        type=Path,
        default=Path(".seawall"),
        metavar="DIR",
        help=f"{what} (default: .seawall in this folder)",
    )


def as_of(parser: argparse.ArgumentParser) -> None:
    """The day on which supports, prices and waivers are judged."""
    parser.add_argument(
        "--as-of",
        type=_day,
        default=None,
        metavar="DATE",
        help="judge support dates and waivers as of this day (YYYY-MM-DD; default: today)",
    )


def _day(spelling: str) -> date:
    try:
        return date.fromisoformat(spelling)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{spelling!r} is not a day like 2026-11-21") from None
