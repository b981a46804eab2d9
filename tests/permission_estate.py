"""Small estates of AWS resources, written as Terraform's arguments, for tests that ask who may do what there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from seawall.facts.fact import Demand, Fact
from seawall.facts.facts import Facts
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, text
from seawall.readers.read import read
from seawall.readers.settle import settle

REGION = "eu-west-1"
_REFERENCE = re.compile(r"\$\{((?:data\.)?\w+\.\w+)\.([\w.]+)\}")


def at(path: str) -> Address:
    """The address of a resource, by ``type.name``."""
    return Address.terraform(REGION, "it", path)


def with_references(value: Any) -> Any:
    """Arguments with ``${type.name.attribute}`` as references."""
    if isinstance(value, Mapping):
        return {key: with_references(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_references(item) for item in value]
    if not isinstance(value, str):
        return value  # also one that is Unknown already
    words = _REFERENCE.split(value)
    parts: list[Any] = [words[0]]
    for place in range(1, len(words), 3):
        parts += [Ref(at(words[place]), words[place + 1]), words[place + 2]]
    return text(*parts)


def estate(found: Mapping[str, Mapping[str, Any]], more: Iterable[Fact | Demand] = ()) -> Facts:
    """The facts of resources by type and name, and ``more`` facts beside."""
    graph = Graph(
        Resource(at(f"{type}.{name}"), type, with_references(body), region=REGION)
        for type, named in found.items()
        for name, body in named.items()
    )
    return read(settle(graph)).and_also(more)


def policy(*statements: Mapping[str, Any]) -> dict[str, Any]:
    """A policy document as an object."""
    return {"Version": "2012-10-17", "Statement": [dict(statement) for statement in statements]}


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    """A statement that allows; without a resource if that is None."""
    found = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return {name: value for name, value in found.items() if value is not None}
