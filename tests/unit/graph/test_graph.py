"""The graph is immutable, refuses two resources of one address, and shares what stays the same."""

from __future__ import annotations

import pytest

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin
from seawall.kernel.value import Ref, text

VPC = Address.terraform("r", "network", "aws_vpc.main")
SUBNET = Address.terraform("r", "network", "aws_subnet.a")
ROLE = Address.terraform("r", "network", "aws_iam_role.a")


def resource(address, **body):
    """A resource of the type that its address names."""
    return Resource(address, address.as_terraform().type, body, Origin("x.yaml", 3))


def test_two_resources_of_one_address_are_refused_with_both_places():
    """The message names the address and where the other one is."""
    with pytest.raises(InputError, match=r"x\.yaml:3: .*aws_vpc\.main is defined twice(?s:.)*x\.yaml:3"):
        Graph([resource(VPC), resource(VPC)])


def test_dependents_are_the_reverse_of_references():
    """References in bodies, in texts and in depends_on all count, each once."""
    subnet = resource(SUBNET, vpc_id=Ref(VPC, "id"), name=text("of-", Ref(VPC, "id")))
    role = Resource(ROLE, "aws_iam_role", {}, meta={"depends_on": (VPC,)})
    graph = Graph([resource(VPC), subnet, role])
    assert graph.references(SUBNET) == (VPC,)
    assert graph.dependents(VPC) == (SUBNET, ROLE)
    assert graph.dependents(SUBNET) == ()


def test_a_change_makes_a_new_graph_that_shares_the_rest():
    """The first graph is as it was, and a body that stayed is the same object."""
    graph = Graph([resource(VPC), resource(SUBNET)])
    changed = graph.changed(without=[SUBNET], put=[resource(ROLE)])
    assert set(graph.resources) == {VPC, SUBNET}
    assert set(changed.resources) == {VPC, ROLE}
    assert changed[VPC] is graph[VPC]


def test_resources_cannot_be_put_in_from_outside():
    """The mapping that the graph shows is read-only."""
    with pytest.raises(TypeError):
        Graph([]).resources[VPC] = resource(VPC)


def test_what_is_derived_is_worked_out_once_for_a_graph():
    """Whoever asks again gets the same answer without the work, and a changed graph is asked anew."""
    asked = []

    def number(graph):
        asked.append(graph)
        return len(graph)

    graph = Graph([resource(VPC)])
    changed = graph.changed(put=[resource(SUBNET)])
    assert [graph.derive(number), graph.derive(number), changed.derive(number), changed.derive(number)] == [1, 1, 2, 2]
    assert asked == [graph, changed]
