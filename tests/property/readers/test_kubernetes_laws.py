"""Laws that every reader of Kubernetes objects keeps, tried at every place of every object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import kubernetes_cluster
from seawall.facts.fact import Demand, Fact
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Unknown, text
from seawall.readers.read import read_one

HOLE = Ref(Address.terraform("r", "s", "aws_vpc.main"), "id")
STRANGE: list[Any] = [
    HOLE, text("a-", HOLE, ":1"), text("[", HOLE, "]"), Unknown("a.b"), [HOLE], {"a": HOLE}, [], {}, "", "x",
    0, -1, 1.5, True, [None], [[]], {"name": 7}, "²", "9" * 30,
]  # fmt: skip
KEPT = {("apiVersion",), ("kind",), ("metadata",), ("metadata", "name"), ("metadata", "namespace")}
OBJECTS = list(kubernetes_cluster.objects())


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place within a body, those excepted that make its address."""
    if path and path not in (
        ("metadata",),
        ("apiVersion",),
        ("kind",),
        ("metadata", "name"),
        ("metadata", "namespace"),
    ):
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from paths(item, (*path, number))


def changed(value: Any, path: tuple[Any, ...], new: Any, *, remove: bool = False) -> Any:
    """The same body with another value at one place, or without that place."""
    if not path:
        return new
    head, *rest = path
    if isinstance(value, dict):
        if remove and not rest:
            return {key: item for key, item in value.items() if key != head}
        return value | {head: changed(value[head], tuple(rest), new, remove=remove)}
    return [changed(item, tuple(rest), new, remove=remove) if i == head else item for i, item in enumerate(value)]


def facts(resource: Resource, body: dict[str, Any]) -> list[Fact | Demand]:
    """What the object would say with another body."""
    return list(read_one(Resource(resource.address, resource.type, body)))


@pytest.mark.parametrize("resource", OBJECTS, ids=lambda resource: resource.address)
def test_nothing_is_too_strange(resource: Resource) -> None:
    """Whatever stands at any place, known or not, the readers state what they can, and every fact can be hashed."""
    for path in paths(resource.body):
        for value in STRANGE:
            assert len(set(facts(resource, changed(resource.body, path, value)))) > 0


@pytest.mark.parametrize("resource", OBJECTS, ids=lambda resource: resource.address)
def test_null_is_absent(resource: Resource) -> None:
    """A field that is null says what an absent field says, as it does to the API server."""
    for path in paths(resource.body):
        if isinstance(path[-1], str):
            null = facts(resource, changed(resource.body, path, None))
            absent = facts(resource, changed(resource.body, path, None, remove=True))
            assert null == absent, path
