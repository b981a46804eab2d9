"""Check a platform, or an existing estate, by every rule, and say what is wrong with where and why.

A finding is refuted (it is wrong) or unknown (it cannot be shown to be right; the attribute that would tell is
named). `seawall explain RULE` prints a rule's page.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import TYPE_CHECKING

from seawall.cli import options

if TYPE_CHECKING:
    from seawall.check.engine import Report
    from seawall.graph.graph import Graph


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, the form of the output, and which rules."""
    options.inputs(parser)
    options.as_of(parser)
    parser.add_argument("--format", choices=("text", "json", "sarif", "junit", "findings"), default="text")
    parser.add_argument(
        "--fail-on",
        default="high",
        choices=("critical", "high", "medium", "low", "never"),
        help="the severity from which a finding makes the exit status 1 (default: high)",
    )
    parser.add_argument("--select", action="append", default=[], metavar="RULES", help="only these rules or areas")
    parser.add_argument("--ignore", action="append", default=[], metavar="RULES", help="not these rules or areas")
    parser.add_argument("--timings", action="store_true", help="say on stderr what each rule took")


def run(chosen: argparse.Namespace) -> int:
    """Load, read, check, print."""
    from datetime import date

    from seawall.check.engine import examine
    from seawall.check.registry import selected
    from seawall.cli.input import load_graph
    from seawall.kernel.finding import Severity
    from seawall.readers.read import facts_of

    selected(chosen.select, chosen.ignore)  # a mistyped rule is said before any long work
    platform, graph = load_graph(chosen.inputs, chosen.environment, chosen.cluster)
    report = examine(
        graph,
        facts_of(graph),
        select=chosen.select,
        ignore=chosen.ignore,
        waivers=platform.waivers if platform else (),
        as_of=chosen.as_of or date.today(),
    )
    print(_page(report, graph, chosen) if chosen.format == "findings" else _written(report, chosen.format), end="")
    if chosen.timings:
        from seawall.check.formats.text import timings

        print(timings(report), file=sys.stderr, end="")
    if chosen.fail_on == "never":
        return 0
    return 1 if report.reaching(Severity.named(chosen.fail_on)) else 0


def _written(report: Report, form: str) -> str:
    if form == "text":
        from seawall.check.formats.text import render

        return render(report, colour=sys.stdout.isatty())
    rendering: str = importlib.import_module(f"seawall.check.formats.{form}").render(report)
    return rendering


def _page(report: Report, graph: Graph, chosen: argparse.Namespace) -> str:
    from seawall.check.formats.findings import places, render
    from seawall.cli.input import folder_of

    first: str = chosen.inputs[0]
    return render(report, title=first, root=folder_of(first), place=places(graph))
