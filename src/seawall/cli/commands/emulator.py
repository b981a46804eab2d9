"""Say whether the working folder's emulator runs, or stop it.

It is a process of its own that outlives the command that started it. Its memory holds what is up and Terraform's
state of it, so stopping it takes both away together.
"""

from __future__ import annotations

import argparse

from seawall.cli import options


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do."""
    parser.add_argument("action", choices=("status", "stop"))
    options.state_dir(parser)


def run(chosen: argparse.Namespace) -> int:
    """Look, and stop it if asked."""
    from seawall.deploy.emulator import process

    found = process.find(chosen.state_dir)
    if found is None:
        print(f"no emulator runs for {chosen.state_dir}; nothing is up")
        return 0
    if chosen.action == "stop":
        process.stop(chosen.state_dir)
        print(f"the emulator (pid {found.pid}) was stopped; what was up in it is gone")
        return 0
    print(f"the emulator runs at {found.url} (pid {found.pid}, since {found.started})")
    return 0
