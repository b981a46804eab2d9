"""Finding the command that was typed, and ending as the contract says: 0, 1, 2 or 3, and never with a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

STATUSES = """\
exit status:
  0  all is well
  1  a finding reaches --fail-on, or a claim is refuted
  2  the input is wrong, or a consent is missing; nothing was written
  3  an outside program failed or is absent, or a lock is held
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; ``arguments`` are those after the program's name, by default those of this process."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words in (["--version"], ["-V"]):
        from seawall import __version__

        print(f"seawall {__version__}")
        return 0
    try:
        return _run(words)
    except KeyboardInterrupt:
        print("\nseawall: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; what they wanted they have. Point stdout at nothing, so that the
        # interpreter's last flush does not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(words: list[str]) -> int:
    import gc

    # pydantic would otherwise read the metadata of every installed distribution in search of plugins.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from seawall.kernel.errors import SeawallError

    # Almost nothing that a command makes is garbage before it ends; looking for it took a tenth of the time.
    gc.set_threshold(100_000, 50, 100)

    names = commands()
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview(names))
        return 0
    name = words[0]
    if name not in names:
        import difflib

        close = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {close[0]}?" if close else "`seawall --help` lists them"
        print(f"seawall: there is no command {name}; {hint}", file=sys.stderr)
        return 2
    command = _module(name)
    parser = _parser(name, command)
    options = parser.parse_args(words[1:])
    try:
        status: int = command.run(options)
        sys.stdout.flush()
        return status
    except SeawallError as error:
        sys.stdout.flush()
        print(f"seawall: {error}", file=sys.stderr)
        return error.status


def commands() -> list[str]:
    """The words that name a command, in alphabetical order."""
    import pkgutil

    import seawall.cli.commands as package

    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(package.__path__))


def _module(name: str) -> ModuleType:
    import importlib

    return importlib.import_module(f"seawall.cli.commands.{name.replace('-', '_')}")


def _parser(name: str, command: ModuleType) -> argparse.ArgumentParser:
    import argparse

    parser = argparse.ArgumentParser(
        prog=f"seawall {name}",
        description=command.__doc__,
        epilog=STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.arguments(parser)
    return parser


def _overview(names: list[str]) -> str:
    lines = [
        "usage: seawall COMMAND [INPUT] [OPTION ...]",
        "",
        "From one short description: a Kubernetes platform on AWS, checked across its layers, and brought up.",
        "INPUT is a reference platform's name (petclinic), a platform.yaml, or files and folders of an existing",
        "estate: Terraform source, plans and state, CloudFormation, IAM documents, Kubernetes manifests, Kustomize",
        "folders, application configuration.",
        "",
        "commands:",
    ]
    for name in names:
        first = (_module(name).__doc__ or "").strip().splitlines()[0].rstrip(".")
        lines.append(f"  {name:<12}{first[0].lower()}{first[1:]}")
    lines += ["", "`seawall COMMAND --help` tells more of each; `seawall --version` says which this is.", "", STATUSES]
    return "\n".join(lines).rstrip()
