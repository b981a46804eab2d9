"""Say what can talk to what: by which rules a connection gets through, or where it ends and what opens it.

  reach INPUT... --from A --to B --port N     the path hop by hop, each with the rules that decide it
  reach INPUT... --matrix                     who reaches whom, on what
  reach INPUT... --matrix --diff OTHER        what opens and what closes from OTHER to INPUT
  reach INPUT... --exposed                    what the internet reaches, from whose addresses and through what

A and B are addresses or names: of a workload, a service, a component, a store, an instance or a host; either may be
`internet`, which is any address of it, or a range of these such as 203.0.113.0/24, which is all of that. Where no
INPUT is given it is the platform.yaml of the working folder.

The exit status of a path is 0 if it is open, 1 if it is blocked or not known.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from seawall.cli import options

if TYPE_CHECKING:
    from seawall.cli.reach import Answered
    from seawall.render.reachability.table import Table

PROTOCOLS = ("tcp", "udp", "sctp", "icmp")
FORMATS = ("text", "json", "dot", "svg")


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, what is asked, and the form of the answer."""
    options.inputs(parser, least="*")
    parser.add_argument("--from", dest="source", metavar="A", help="who opens the connection")
    parser.add_argument("--to", dest="target", metavar="B", help="what it goes to: a thing, a service or a host")
    parser.add_argument("--matrix", action="store_true", help="who reaches whom")
    parser.add_argument(
        "--diff", metavar="OTHER", help="with --matrix: how it differs from another input, which was before"
    )
    parser.add_argument("--diff-environment", metavar="NAME", help="the environment of OTHER; else that of INPUT")
    parser.add_argument("--exposed", action="store_true", help="what the internet reaches")
    parser.add_argument("--port", type=_port, metavar="N", help="the port; may be left out where B has just one")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="tcp", help="default: tcp")
    parser.add_argument("--format", choices=FORMATS, default="text", help="dot and svg are of --matrix")


def _port(spelling: str) -> int:
    if spelling.isascii() and spelling.isdecimal() and 0 < int(spelling) < 65536:
        return int(spelling)
    raise argparse.ArgumentTypeError(f"{spelling!r} is not a port from 1 to 65535")


def run(chosen: argparse.Namespace) -> int:
    """Answer what was asked."""
    from seawall.kernel.errors import InputError

    picture, ends = chosen.format in ("dot", "svg"), chosen.source is not None or chosen.target is not None
    if chosen.matrix and chosen.exposed:
        raise InputError("--matrix and --exposed are two questions", fix="ask one of them")
    if ends and (chosen.matrix or chosen.exposed):
        named = "--matrix" if chosen.matrix else "--exposed"
        raise InputError(f"{named} asks about everything", fix="leave out --from and --to, or ask for that path alone")
    if chosen.diff is None and chosen.diff_environment is not None:
        raise InputError("--diff-environment is of --diff", fix="name the other input with --diff")
    if chosen.diff is not None and not chosen.matrix:
        raise InputError("--diff compares matrices", fix="add --matrix")
    if picture and (chosen.diff is not None or not chosen.matrix):
        raise InputError(f"--format {chosen.format} is a picture of a matrix", fix="add --matrix, without --diff")
    if chosen.matrix:
        return _matrix(chosen)
    if chosen.exposed:
        return _exposed(chosen)
    if not ends:
        raise InputError("nothing is asked", fix="give --from A --to B --port N, or --matrix, or --exposed")
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


def _matrix(chosen: argparse.Namespace) -> int:
    import json

    from seawall.cli import reach_matrix
    from seawall.cli.input import here, load_graph
    from seawall.readers.read import facts_of

    inputs = chosen.inputs or [here()]
    platform, graph = load_graph(inputs, chosen.environment, chosen.cluster)
    grid = reach_matrix.grid(facts_of(graph))
    if chosen.diff is not None:
        environment = chosen.diff_environment or chosen.environment
        earlier = load_graph([chosen.diff], environment, chosen.cluster)[1]
        found = list(reach_matrix.differences(reach_matrix.grid(facts_of(earlier)), grid))
        if chosen.format == "json":
            print(json.dumps(reach_matrix.differences_document(found), indent=2))
        else:
            print(reach_matrix.differences_text(found))
        return 0
    if chosen.format == "json":
        print(json.dumps(reach_matrix.matrix_document(grid), indent=2))
        return 0
    what = f"{platform.name} {platform.environment}" if platform is not None else ", ".join(inputs)
    print(_drawn(grid.table(f"{what}: who reaches whom"), chosen.format), end="")
    return 0


def _drawn(table: Table, form: str) -> str:
    if form == "dot":
        from seawall.render.reachability.dot import dot

        return dot(table)
    if form == "svg":
        from seawall.render.reachability.svg import svg

        return svg(table)
    from seawall.cli.reach_matrix import matrix_text

    return matrix_text(table) + "\n"


def _exposed(chosen: argparse.Namespace) -> int:
    import json

    from seawall.analyze.reachability.entrances import exposed
    from seawall.analyze.unread import unread
    from seawall.cli import reach_exposed
    from seawall.cli.input import here, load_graph
    from seawall.readers.read import facts_of

    graph = load_graph(chosen.inputs or [here()], chosen.environment, chosen.cluster)[1]
    facts = facts_of(graph)
    found, missing = exposed(facts), unread(facts)
    if chosen.format == "json":
        print(json.dumps(reach_exposed.exposed_document(graph, found, missing), indent=2))
    else:
        print(reach_exposed.exposed_text(graph, found, missing))
    return 0


def _print(chosen: argparse.Namespace, answer: Answered) -> None:
    import json

    from seawall.cli import reach

    if chosen.format == "json":
        print(json.dumps(reach.path_document(answer), indent=2))
    else:
        print(reach.path_text(answer))
