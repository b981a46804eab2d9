"""ARCHITECTURE.md and its drawings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from seawall.facts.facts import Facts
from seawall.graph.graph import Graph
from seawall.readers.read import facts_of
from seawall.render.architecture import alarms, boxes, identity, network, order, recovery
from seawall.render.architecture.arrows import arrows
from seawall.render.architecture.boxes import Box
from seawall.render.architecture.drawing import svg
from seawall.render.architecture.mermaid import flowchart

PAGE = "ARCHITECTURE.md"
DRAWING = "architecture.svg"


class Described(Protocol):
    """What this renderer needs of a platform."""

    @property
    def name(self) -> str: ...

    @property
    def environment(self) -> str: ...

    @property
    def regions(self) -> tuple[str, ...]: ...


def files(platform: Described, graph: Graph) -> Iterator[tuple[str, bytes]]:
    """The page, and the drawing that it shows."""
    facts = facts_of(graph)
    title = f"{platform.name}, {platform.environment}"
    root = boxes.platform(facts, title, platform.regions)
    yield PAGE, ("\n".join(_page(title, root, facts, graph)) + "\n").encode()
    yield DRAWING, svg(root).encode()


def _page(title: str, root: Box, facts: Facts, graph: Graph) -> Iterator[str]:
    yield f"# {title}"
    yield ""
    yield "Made by `seawall compile` from the description, together with everything beside it; changes go there."
    yield ""
    yield f"![Regions, networks, zones, subnets, clusters and namespaces]({DRAWING})"
    yield ""
    yield "## Who speaks to whom"
    yield ""
    yield "```mermaid"
    drawn = frozenset(box.of.owner for box in root.all() if box.of is not None and not box.inside)
    yield from flowchart(root, arrows(facts, drawn))
    yield "```"
    yield ""
    for head, lines in (
        ("Network", network.section(facts)),
        ("Identities", identity.section(facts)),
        ("Stacks", order.section(graph)),
        ("Alarms", alarms.section(facts, graph)),
        ("Recovery", recovery.section(facts)),
    ):
        yield f"## {head}"
        yield ""
        yield from lines
