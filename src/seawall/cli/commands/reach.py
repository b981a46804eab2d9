"""Say what can talk to what: by which rules a connection gets through, or where it ends and what opens it.

  reach INPUT... --from A --to B --port N     the path hop by hop, each with the rules that decide it
  reach INPUT... --exposed                    what the internet reaches, from whose addresses and through what

A and B are addresses or names: of a workload, a service, a component, a store, an instance or a host; A may also be
`internet`. Where no INPUT is given it is the platform.yaml of the working folder.

The exit status of a path is 0 if it is open, 1 if it is blocked or not known.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from seawall.cli import options

if TYPE_CHECKING:
    from seawall.cli.reach import Answered

PROTOCOLS = ("tcp", "udp", "sctp", "icmp")


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, what is asked, and the form of the answer."""
    options.inputs(parser, least="*")
    parser.add_argument("--from", dest="source", metavar="A", help="who opens the connection")
    parser.add_argument("--to", dest="target", metavar="B", help="what it goes to: a thing, a service or a host")
    parser.add_argument("--exposed", action="store_true", help="what the internet reaches")
    parser.add_argument("--port", type=_port, metavar="N", help="the port; may be left out where B has just one")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="tcp", help="default: tcp")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def _port(spelling: str) -> int:
    if spelling.isascii() and spelling.isdecimal() and 0 < int(spelling) < 65536:
        return int(spelling)
    raise argparse.ArgumentTypeError(f"{spelling!r} is not a port from 1 to 65535")


def run(chosen: argparse.Namespace) -> int:
    """Answer what was asked."""
    from seawall.kernel.errors import InputError

    if chosen.exposed:
        return _exposed(chosen)
    if chosen.source is None or chosen.target is None:
        raise InputError(
            f"--{'from' if chosen.source is None else 'to'} is missing",
            fix="a path needs both ends, for example --from web --to petclinic-db --port 3306",
        )
    return _path(chosen)


def _path(chosen: argparse.Namespace) -> int:
    from dataclasses import replace

    from seawall.cli import reach
    from seawall.cli.input import here, load_graph

    inputs = chosen.inputs or [here()]
    platform, graph = load_graph(inputs, chosen.environment, chosen.cluster)
    answer = reach.asked(graph, chosen)
    if platform is not None and answer.opening is not None:
        answer = replace(answer, need=reach.by_need(answer, inputs[0], platform))
    _print(chosen, answer)
    return 0 if answer.path.verdict.proven else 1


def _exposed(chosen: argparse.Namespace) -> int:
    import json

    from seawall.analyze.reachability.entrances import exposed
    from seawall.cli import reach_exposed
    from seawall.cli.input import here, load_graph
    from seawall.kernel.errors import InputError
    from seawall.readers.read import facts_of

    if chosen.source is not None or chosen.target is not None:
        raise InputError("--exposed asks about everything", fix="or ask for a path, with --from internet --to B")
    graph = load_graph(chosen.inputs or [here()], chosen.environment, chosen.cluster)[1]
    found = exposed(facts_of(graph))
    if chosen.format == "json":
        print(json.dumps(reach_exposed.exposed_document(graph, found), indent=2))
    else:
        print(reach_exposed.exposed_text(graph, found))
    return 0


def _print(chosen: argparse.Namespace, answer: Answered) -> None:
    import json

    from seawall.cli import reach

    if chosen.format == "json":
        print(json.dumps(reach.path_document(answer), indent=2))
    else:
        print(reach.path_text(answer))
