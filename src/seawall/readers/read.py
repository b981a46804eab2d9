"""Reading a graph: every body through its readers, each body once."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from seawall.facts.fact import NOBODY, Demand, Fact
from seawall.facts.facts import Facts
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.readers.collection import collection_paused
from seawall.readers.registry import EVERY, readers
from seawall.readers.settle import settle

# A body never changes, so what it says is remembered for as long as it lives: after a fault only the bodies
# that the fault changed are read again.
_said: WeakKeyDictionary[Resource, tuple[Fact | Demand, ...]] = WeakKeyDictionary()


def facts_of(graph: Graph) -> Facts:
    """The facts of a graph as it was expanded or ingested: settled, then read.

    What is rendered is the graph before settling: a reference that was settled to a name no longer says that one
    resource waits for another. They are worked out once for a graph.
    """
    return graph.derive(_settled_and_read)


def _settled_and_read(graph: Graph) -> Facts:
    return read(settle(graph))


def read(graph: Graph) -> Facts:
    """The facts of a settled graph's bodies, with the demands and claims that its description left."""
    with collection_paused():
        return Facts(_everything(graph))


def _everything(graph: Graph) -> Iterator[Fact | Demand]:
    for resource in graph:
        said = _said.get(resource)
        if said is None:
            said = _said[resource] = tuple(read_one(resource))
        yield from said
    yield from graph.demands
    yield from graph.claims


def read_one(resource: Resource) -> Iterator[Fact | Demand]:
    """What one resource says; ``by`` of each fact is the resource."""
    known = readers()
    for reader in (*known.get(resource.type, ()), *known.get(EVERY, ())):
        for statement in reader(resource):
            if statement.by == NOBODY:
                # The fact was made a moment ago and nobody else has seen it: filling in who says it saves every
                # reader from repeating it, and `by` takes no part in equality.
                object.__setattr__(statement, "by", resource.address)
            yield statement
