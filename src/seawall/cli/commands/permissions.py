"""Say who may do what on AWS: what pods lack, what roles have for nothing, and why a call is allowed or denied.

  gaps INPUT...      calls that have to be possible and are not, with the first link that breaks
  excess INPUT...    what a role is granted and nothing that acts as it needs
  can INPUT... PRINCIPAL ACTION RESOURCE    allowed, denied or unknown, and what decides it
  why INPUT... PRINCIPAL ACTION RESOURCE    the same, with every layer and the nearest misses

PRINCIPAL is a role or user, or what acts as one: a workload, function, state machine, instance or job; by address, name
or ARN. RESOURCE is an ARN, the address of a thing of the input, or * for an action that is about none.
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from seawall.cli import options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from seawall.facts.facts import Facts


def arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand with what it asks for."""
    commands = parser.add_subparsers(dest="question", required=True, metavar="gaps | excess | can | why")
    for name, says, run in (
        ("gaps", "calls that have to be possible and are not", _gaps),
        ("excess", "what a role is granted and nothing needs", _excess),
        ("can", "whether a call is allowed, and what decides it", _can),
        ("why", "why a call is allowed or denied, nearest miss first", _why),
    ):
        command = commands.add_parser(name, help=says, description=f"{says[0].upper()}{says[1:]}.", allow_abbrev=False)
        options.inputs(command)
        if name in ("can", "why"):
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
        command.add_argument("--format", choices=("text", "json"), default="text")
        command.set_defaults(ask=run)


def run(chosen: argparse.Namespace) -> int:
    """Answer the one question that was asked."""
    status: int = chosen.ask(chosen)
    return status


def _facts(chosen: argparse.Namespace) -> Facts:
    from seawall.cli.input import load_graph
    from seawall.readers.read import facts_of

    _, graph = load_graph(chosen.inputs, chosen.environment, chosen.cluster)
    return facts_of(graph)


def _print(chosen: argparse.Namespace, document: Mapping[str, object], text: str) -> None:
    print(json.dumps(document, indent=2) if chosen.format == "json" else text)


def _gaps(chosen: argparse.Namespace) -> int:
    from seawall.analyze.permissions.gaps import gaps
    from seawall.cli import permissions

    found = gaps(_facts(chosen))
    _print(chosen, permissions.gaps_document(found), permissions.gaps_text(found))
    return 1 if found else 0


def _excess(chosen: argparse.Namespace) -> int:
    from seawall.analyze.permissions.excess import excess
    from seawall.cli import permissions

    found = excess(_facts(chosen))
    _print(chosen, permissions.excess_document(found), permissions.excess_text(found))
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
