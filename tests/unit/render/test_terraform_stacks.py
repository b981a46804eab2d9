"""Stacks of the Terraform renderer."""

from __future__ import annotations

import pytest

import handmade
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, Unknown
from seawall.render.terraform.files import files
from seawall.render.terraform.stacks import StackName, layers, output_names, stacks


def _resource(stack: str, name: str, **body: object) -> Resource:
    return Resource(Address.terraform("r", stack, f"aws_vpc.{name}"), "aws_vpc", body, region="r")


def _id(stack: str, name: str = "x") -> Ref:
    return Ref(Address.terraform("r", stack, f"aws_vpc.{name}"), "id")


def test_order_follows_references_and_depends_on() -> None:
    """A stack comes after the stacks that its references and its depends_on name, and not otherwise."""
    found = stacks(handmade.graph())
    names = [name.stack for name in found]
    assert names == ["network", "data", "cluster"]
    network = StackName(handmade.REGION, "network")
    assert found[StackName(handmade.REGION, "data")].upstream == (network,)
    after = Resource(
        Address.terraform("r", "b", "aws_vpc.x"),
        "aws_vpc",
        {},
        region="r",
        meta={"depends_on": (Address.terraform("r", "a", "aws_vpc.x"),)},
    )
    linked = stacks(Graph([after, _resource("a", "x")]))
    assert linked[StackName("r", "b")].upstream == (StackName("r", "a"),)
    assert not linked[StackName("r", "a")].outputs


def test_independent_stacks_share_a_layer() -> None:
    """Stacks that do not need each other are in one wave, so that they can be applied side by side."""
    graph = Graph([_resource("a", "x"), _resource("b", "x", up=_id("a")), _resource("c", "x", up=_id("a"))])
    waves = layers(stacks(graph))
    assert [[name.stack for name in wave] for wave in waves] == [["a"], ["b", "c"]]


def test_a_circle_is_refused_with_its_path() -> None:
    """Stacks that need each other are bad input, and the message names the references that make the circle."""
    graph = Graph([_resource("a", "x", up=_id("b")), _resource("b", "x", up=_id("a"))])
    with pytest.raises(InputError, match=r"circle: r/a -> r/b -> r/a \(r/a:aws_vpc\.x needs r/b:aws_vpc\.x; "):
        stacks(graph)


def test_a_reference_to_nothing_is_refused() -> None:
    """A reference to a resource that does not exist is found before Terraform runs."""
    with pytest.raises(InputError, match=r"r/a:aws_vpc\.x refers to .*r/b:aws_vpc\.y"):
        stacks(Graph([_resource("a", "x", up=_id("b", "y"))]))


def test_outputs_are_what_others_read_and_no_more() -> None:
    """A stack puts out exactly the references that other stacks and manifests hold."""
    manifest = Resource(
        Address.kubernetes("c", "ServiceAccount", "shop", "app"),
        "v1/ServiceAccount",
        {"kind": "ServiceAccount", "metadata": {"annotations": {"x": _id("a")}}},
    )
    graph = Graph([_resource("a", "x"), _resource("a", "y", peer=_id("a")), manifest])
    found = stacks(graph)[StackName("r", "a")]
    assert found.outputs == {"vpc_x_id": _id("a")}
    assert found.readers == {"vpc_x_id": ("manifests",)}


def test_names_of_outputs_that_would_clash_are_told_apart() -> None:
    """Two references never share an output, whatever their names are."""
    one, two = _id("a", "a_b"), Ref(Address.terraform("r", "a", "aws_vpc_a.b"), "id")
    named = output_names([one, two])
    assert sorted(map(str, named.values())) == sorted(map(str, (one, two)))
    assert all(name.startswith("vpc_a_b_id_") for name in named)


def test_an_unknown_is_never_rendered() -> None:
    """A body that nobody settled is an error of the program, not a guess in a file."""
    graph = Graph([_resource("a", "x", cidr_block=Unknown("r/a:aws_vpc.x.cidr_block"))])
    with pytest.raises(ValueError, match=r"aws_vpc\.x\.cidr_block is unknown"):
        list(files(handmade.Described(), graph))
