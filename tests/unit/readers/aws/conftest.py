"""What the tests of AWS readers share: a corpus of bodies, and a way to ask what one body says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from seawall.facts.fact import Demand, Fact
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, text
from seawall.readers.read import read_one
from seawall.readers.settle import settle

REGION = "ap-northeast-2"
REFERENCE = re.compile(r"\$\{(\w+\.\w+)\.([\w.]+)\}")

Says = Callable[..., list[Fact | Demand]]


def at(path: str) -> Address:
    """The address of a resource of the corpus."""
    return Address.terraform(REGION, "test", path)


def with_references(value: Any) -> Any:
    """Terraform's JSON with `${type.name.attribute}` as a Ref, or a Text where it stands within a string."""
    if isinstance(value, Mapping):
        return {key: with_references(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_references(item) for item in value]
    if not isinstance(value, str):
        return value
    words = REFERENCE.split(value)
    if len(words) == 1:
        return value
    parts = [words[0]]
    for place in range(1, len(words), 3):
        parts += [Ref(at(words[place]), words[place + 1]), words[place + 2]]
    return text(*parts)


def resources(document: Mapping[str, Any]) -> Iterator[Resource]:
    """The resources of a document, their references as Refs."""
    for type, named in document.items():
        for name, body in named.items():
            yield Resource(at(f"{type}.{name}"), type, with_references(body), region=REGION)


def corpus() -> dict[str, Any]:
    """One body or more of every type that is read, as Terraform takes it."""
    file = Path(__file__).with_name("bodies.tf.json")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["resource"]
    return found


@pytest.fixture
def bodies() -> dict[str, Any]:
    """The corpus of bodies."""
    return corpus()


@pytest.fixture
def says() -> Says:
    """Ask what `says(type, body)` states; what all bodies state alike is left out."""

    def ask(type: str, body: Mapping[str, Any], region: str = REGION) -> list[Fact | Demand]:
        resource = Resource(at(f"{type}.it"), type, with_references(body), region=region)
        alike = ("Located", "Tagged", "PolicyDocument")
        return [fact for fact in read_one(resource) if fact.__class__.__name__ not in alike]

    return ask


def graph_of(document: Mapping[str, Any]) -> Graph:
    """The graph of a corpus, settled."""
    return settle(Graph(resources(document)))
