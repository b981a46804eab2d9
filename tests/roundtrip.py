"""The law of the round trip: what is read of a graph is read of its rendered form, too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from seawall.facts.fact import Demand, Fact
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.documents import json_text
from seawall.kernel.value import Ref, Text, Unknown
from seawall.readers.read import read
from seawall.readers.settle import settle
from seawall.render.terraform.expressions import JSON_ARGUMENTS
from seawall.render.terraform.files import Described, files


def write(platform: Described, graph: Graph, folder: Path) -> None:
    """Write the Terraform files of a graph into a folder."""
    for name, content in files(platform, graph):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def terraform_part(graph: Graph) -> Graph:
    """The resources that Terraform makes, without demands and claims, which no body states."""
    return Graph(resource for resource in graph if resource.is_terraform)


def facts(resources: Iterable[Resource]) -> frozenset[Fact | Demand]:
    """The facts of settled resources."""
    return frozenset(read(settle(Graph(resources))))


def normal(value: Any, name: str = "") -> Any:
    """A body in the one form in which bodies compare: documents as text, nothing that is absent, tuples as lists."""
    match value:
        case Ref() | Text() | Unknown():
            return value
        case Mapping() if name in JSON_ARGUMENTS:
            return json_text(value)
        case Mapping():
            return {key: normal(item, str(key)) for key, item in value.items() if item is not None}
        case list() | tuple():
            return [normal(item) for item in value]
        case _:
            return value


def assert_same_bodies(ours: Graph, back: Mapping[Any, Resource]) -> None:
    """Every resource came back whole: address, type, region and body."""
    assert set(back) == set(ours.resources)
    for resource in ours:
        other = back[resource.address]
        assert normal(other.body) == normal(resource.body), resource.address
        assert (other.type, other.region) == (resource.type, resource.region or other.region), resource.address


def assert_same_facts(ours: Graph, back: Iterable[Resource]) -> None:
    """Every fact came back, and no other came with them."""
    before, after = facts(terraform_part(ours)), facts(back)
    lost, found = before - after, after - before
    assert not lost | found, f"lost {_lines(lost)}\nnew {_lines(found)}"


def _lines(statements: Iterable[Fact | Demand]) -> str:
    return "".join(f"\n  {statement}" for statement in sorted(statements, key=str)[:20])


Reader = Callable[[Path], Iterable[Resource]]
