"""Say who may do what on AWS: what pods lack, what roles have for nothing, and why a call is allowed or denied.

  gaps INPUT...      calls that have to be possible and are not, with the first link that breaks
  excess INPUT...    what a role is granted and nothing that acts as it needs
  can INPUT... PRINCIPAL ACTION RESOURCE    allowed, denied or unknown, and what decides it
  why INPUT... PRINCIPAL ACTION RESOURCE    the same, with every layer and the nearest misses
  policy INPUT... WORKLOAD    the least that a workload needs: policy, trust, service account and patch

PRINCIPAL is a role or user, or what acts as one: a workload, function, state machine, instance or job; by address, name
or ARN. RESOURCE is an ARN, the address of a thing of the input, or * for an action that is about none.

The exit status of gaps and excess is 1 if there are any, of can and why 1 if it is denied or not known.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from seawall.cli import options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from seawall.facts.facts import Facts


def arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand with what it asks for."""
    commands = parser.add_subparsers(
        dest="question", required=True, metavar="gaps | excess | can | why | policy", parser_class=_Intermixed
    )
    for name, says, run in (
        ("gaps", "calls that have to be possible and are not", _gaps),
        ("excess", "what a role is granted and nothing needs", _excess),
        ("can", "whether a call is allowed, and what decides it", _can),
        ("why", "why a call is allowed or denied, nearest miss first", _why),
        ("policy", "the least that a workload needs, ready to apply", _policy),
    ):
        command = commands.add_parser(name, help=says, description=f"{says[0].upper()}{says[1:]}.", allow_abbrev=False)
        options.inputs(command)
        command.add_argument(
            "--code",
            action="append",
            default=[],
            metavar="NAME=DIR",
            help="the source code that a workload runs, read for the calls that it makes",
        )
        if name in ("can", "why"):
            _question(command)
        if name == "policy":
            _wanted(command)
        command.add_argument("--format", choices=("text", "json"), default="text")
        command.set_defaults(ask=run)


class _Intermixed(argparse.ArgumentParser):
    """Options may stand between the INPUTs and what is asked about them."""

    _within = False

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        """Parse what comes in any order; argparse itself calls this again for each half."""
        if self._within:
            return super().parse_known_args(args, namespace)
        self._within = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._within = False


def _question(command: argparse.ArgumentParser) -> None:
    command.add_argument("principal", metavar="PRINCIPAL", help="who asks: an address, a name or an ARN")
    command.add_argument("action", metavar="ACTION", help="one action, such as s3:GetObject")
    command.add_argument("resource", metavar="RESOURCE", help="an ARN, an address of the input, or *")
    command.add_argument(
        "--context",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a condition key of the request; a key that is given twice has two values",
    )
    command.add_argument(
        "--closed", action="store_true", help="a condition key that nobody gives is not in the request"
    )


def _wanted(command: argparse.ArgumentParser) -> None:
    command.add_argument("workload", metavar="WORKLOAD", help="an address, namespace/name or a name")
    command.add_argument("--role", metavar="NAME", help="what the role shall be called")
    command.add_argument(
        "--form",
        choices=("terraform", "json"),
        default="terraform",
        help="how role and policies are written with -o (default: terraform)",
    )
    command.add_argument("-o", "--output", type=Path, metavar="DIR", help="write files into this folder")


def run(chosen: argparse.Namespace) -> int:
    """Answer the one question that was asked."""
    status: int = chosen.ask(chosen)
    return status


def _facts(chosen: argparse.Namespace) -> Facts:
    from seawall.cli.input import load_graph
    from seawall.readers.read import facts_of

    folders = _code(chosen.code)
    _, graph = load_graph(chosen.inputs, chosen.environment, chosen.cluster)
    if folders:
        from seawall.ingest.code import code

        graph = graph.changed(put=code(folders))
    return facts_of(graph)


def _code(pairs: list[str]) -> dict[str, Path]:
    from seawall.kernel.errors import InputError

    found: dict[str, Path] = {}
    for pair in pairs:
        name, equals, folder = pair.partition("=")
        if not (name and equals and folder):
            raise InputError(f"--code {pair!r} is not NAME=DIR", fix="for example --code shop/orders=src/orders")
        if name in found:
            raise InputError(f"--code names {name} twice", fix="name the folder above both")
        found[name] = Path(folder)
    return found


def _print(chosen: argparse.Namespace, document: Mapping[str, object], text: str) -> None:
    print(json.dumps(document, indent=2) if chosen.format == "json" else text)


def _gaps(chosen: argparse.Namespace) -> int:
    from seawall.analyze.permissions.gaps import gaps
    from seawall.cli import permissions

    facts = _facts(chosen)
    found = gaps(facts)
    _print(chosen, permissions.gaps_document(facts, found), permissions.gaps_text(facts, found))
    return 1 if found else 0


def _excess(chosen: argparse.Namespace) -> int:
    from seawall.analyze.permissions.excess import excess
    from seawall.cli import permissions

    facts = _facts(chosen)
    found = excess(facts)
    _print(chosen, permissions.excess_document(found), permissions.excess_text(facts, found))
    return 1 if found else 0


def _can(chosen: argparse.Namespace) -> int:
    from seawall.cli import permissions

    answer = permissions.asked(_facts(chosen), chosen)
    _print(chosen, permissions.can_document(answer), permissions.can_text(answer))
    return 0 if answer.allowed else 1


def _why(chosen: argparse.Namespace) -> int:
    from seawall.cli import permissions

    answer = permissions.asked(_facts(chosen), chosen)
    _print(chosen, permissions.why_document(answer), permissions.why_text(answer))
    return 0 if answer.allowed else 1


def _policy(chosen: argparse.Namespace) -> int:
    from seawall.analyze.permissions.minimal import minimal
    from seawall.cli.permissions import legible
    from seawall.render.permissions.written import document, files, text

    legible("WORKLOAD", chosen.workload)
    least = minimal(_facts(chosen), chosen.workload, chosen.role)
    if chosen.output is None:
        _print(chosen, document(least), text(least))
        return 0
    from seawall.cli.output_folder import write

    written = write(chosen.output, files(least, chosen.form))
    said = {**document(least), "files": written, "folder": str(chosen.output)}
    _print(chosen, said, f"{text(least)}\n\n{written} files under {chosen.output}")
    return 0
