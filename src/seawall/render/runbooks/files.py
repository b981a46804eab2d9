"""The pages, and the index that leads to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from seawall.components.runbook import FOLDER, path
from seawall.graph.graph import Graph
from seawall.readers.read import facts_of
from seawall.render.runbooks import alarms, alerts, takeovers
from seawall.render.runbooks.page import Page, Surroundings
from seawall.render.runbooks.takeovers import TakeoverPage
from seawall.render.words import said, table

INDEX = f"{FOLDER}/README.md"


class Described(Protocol):
    """What this renderer needs of a platform."""

    @property
    def name(self) -> str: ...

    @property
    def environment(self) -> str: ...


def files(platform: Described, graph: Graph) -> Iterator[tuple[str, bytes]]:
    """One page for each alarm, alert and takeover by name, and the index; nothing where there are none."""
    around = Surroundings(graph, facts_of(graph), f"{platform.name}-{platform.environment}-")
    pages = sorted((*alarms.pages(around), *alerts.pages(around)), key=lambda page: page.name)
    moves = sorted(takeovers.pages(around), key=lambda page: page.name)
    if not pages and not moves:
        return
    yield INDEX, _text(_index(platform, around, pages, moves))
    for page in pages:
        yield path(page.name), _text(page.lines())
    for move in moves:
        yield path(move.name), _text(iter(move.lines))


def _text(lines: Iterator[str]) -> bytes:
    return ("\n".join(lines).rstrip() + "\n").encode()


def _index(platform: Described, around: Surroundings, pages: list[Page], moves: list[TakeoverPage]) -> Iterator[str]:
    yield f"# What to do when something of {platform.name}, {platform.environment}, rings"
    yield ""
    yield "Before anything, once in a shell:"
    yield ""
    yield "```sh"
    yield "aws sts get-caller-identity"
    for cluster in around.graph.of_type("aws_eks_cluster"):
        name = said(cluster.body.get("name"))
        yield f"aws eks update-kubeconfig --name {name} --region {cluster.region}"
    yield "```"
    yield ""
    if moves:
        yield "## When a region is lost, or is back"
        yield ""
        yield from table(
            ("page", "what it brings about"), [(f"[{move.name}]({move.name}.md)", move.says) for move in moves]
        )
    for severity, says in (("critical", "visitors feel it now"), ("warning", "it becomes critical if nobody acts")):
        rows = [(f"[{page.name}]({page.name}.md)", page.says) for page in pages if page.severity == severity]
        yield f"## {severity.capitalize()}: {says}"
        yield ""
        yield from table(("page", "what is wrong"), rows)
