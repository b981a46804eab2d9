"""A page, and what it is told of the things around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.graph.graph import Graph
from seawall.kernel.address import Address
from seawall.kernel.value import Ref
from seawall.render.words import said, table, titled


def _needing(facts: Facts) -> dict[Address, tuple[str, ...]]:
    """Thing -> those that have to reach it, in words."""
    found: dict[Address, dict[str, None]] = {}
    for demand in facts.all(Reach):
        if isinstance(demand.target, Address):
            found.setdefault(demand.target.owner, {})[titled(demand.source)] = None
    return {thing: tuple(names) for thing, names in found.items()}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The graph, its facts, and the beginning that every alarm's name shares."""

    graph: Graph
    facts: Facts
    prefix: str

    def joined(self, values: Mapping[str, Any]) -> str:
        """Dimensions or labels as one text; what is named by reference by its value, where that is known."""
        return ", ".join(f"{key}={self._known(value)}" for key, value in values.items()) or "no dimension"

    def _known(self, value: Any) -> str:
        target = self.graph.get(value.to) if isinstance(value, Ref) else None
        found = target.body.get(value.attr) if target is not None else None
        return found if isinstance(found, str) else said(value)

    def about(self, thing: Address) -> str:
        """A thing by name and address, and who needs it."""
        needing = self.facts.derive(_needing).get(thing.owner, ())
        needed = f"; needed by {', '.join(needing)}" if needing else ""
        return f"{titled(thing)} (`{thing.owner}`){needed}"


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says: ``when`` are rows of the exact condition, ``over`` how to see that it has ended."""

    name: str
    title: str
    severity: str
    says: str
    when: tuple[tuple[str, str], ...]
    told: tuple[str, ...]
    about: tuple[str, ...]
    first: tuple[str, ...]
    over: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()
    expression: str = ""

    def lines(self) -> Iterator[str]:
        """The page as Markdown."""
        yield f"# {self.title}"
        yield ""
        yield f"**{self.severity.capitalize()}.** {self.says}"
        yield ""
        yield "## When exactly"
        yield ""
        if self.expression:
            yield "```promql"
            yield self.expression
            yield "```"
            yield ""
        yield from table(("", ""), self.when)
        yield "## What to do first"
        yield ""
        yield from (f"{number}. {step}" for number, step in enumerate(self.first, 1))
        yield ""
        yield "## When it is over"
        yield ""
        yield from (f"- {line}" for line in self.over)
        yield ""
        yield "## Who is told, and what it is about"
        yield ""
        yield from (f"- Told: {line}" for line in self.told or ("nobody by itself",))
        yield from (f"- About: {line}" for line in self.about)
        yield ""
        if self.links:
            yield "## Where to look"
            yield ""
            yield from (f"- [{what}]({where})" for what, where in self.links)
