"""What stands at the border of a network, what comes about in part, and what asks whether a thing lives."""

from __future__ import annotations

from typing import Any

import pytest

from seawall.analyze.reachability.entrances import exposed
from seawall.analyze.reachability.network import between, inward, outward
from seawall.analyze.reachability.partly import partly
from seawall.analyze.reachability.reach import reach
from seawall.analyze.reachability.traffic import Traffic
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.network import Interface
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.kernel.value import Ref, Unknown
from seawall.readers.read import facts_of

Bodies = dict[str, dict[str, Any]]
EVERYTHING_OUT = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}
SSH = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}


def at(path: str) -> Address:
    """The address of a resource of the tests."""
    return Address.terraform("r", "n", path)


def ref(path: str, attr: str = "id") -> Ref:
    """A reference to a resource of the tests."""
    return Ref(at(path), attr)


def estate(changed: Bodies) -> Facts:
    """Two machines in two subnets with a route to the internet, one of them open to SSH; then changed."""
    bodies: Bodies = {
        "aws_vpc.v": {"cidr_block": "10.0.0.0/16"},
        "aws_internet_gateway.i": {"vpc_id": ref("aws_vpc.v")},
        "aws_route_table.t": {
            "vpc_id": ref("aws_vpc.v"),
            "route": [{"cidr_block": "0.0.0.0/0", "gateway_id": ref("aws_internet_gateway.i")}],
        },
        "aws_security_group.x": {"vpc_id": ref("aws_vpc.v"), "egress": [EVERYTHING_OUT]},
        "aws_security_group.y": {"vpc_id": ref("aws_vpc.v"), "ingress": [SSH], "egress": [EVERYTHING_OUT]},
    }
    for number, name in ((1, "x"), (2, "y")):
        bodies[f"aws_subnet.{name}"] = {"vpc_id": ref("aws_vpc.v"), "cidr_block": f"10.0.{number}.0/24"}
        bodies[f"aws_route_table_association.{name}"] = {
            "subnet_id": ref(f"aws_subnet.{name}"),
            "route_table_id": ref("aws_route_table.t"),
        }
        bodies[f"aws_instance.{name}"] = {
            "subnet_id": ref(f"aws_subnet.{name}"),
            "vpc_security_group_ids": [ref(f"aws_security_group.{name}")],
            "associate_public_ip_address": False,
            "ipv6_address_count": 0,
        }
    bodies |= changed
    made = [Resource(at(path), path.partition(".")[0], body, region="r") for path, body in bodies.items()]
    return facts_of(Graph(made))


def the(facts: Facts, name: str) -> Interface:
    """The interface of a machine."""
    (found,) = facts.where(Interface, of=at(f"aws_instance.{name}"))
    return found


def both_ways(facts: Facts) -> tuple[str, str]:
    """Whether the internet reaches y by SSH, and y the internet by HTTPS."""
    ways = ((inward(facts, the(facts, "y")), 22), (outward(facts, the(facts, "y")), 443))
    into, out = (way.ask(Traffic.of("tcp", Ports.one(port))).answer.value for way, port in ways)
    return into, out


def machine(more: dict[str, Any]) -> dict[str, Any]:
    """The body of y, which says nothing of a public address."""
    return {
        "subnet_id": ref("aws_subnet.y"),
        "vpc_security_group_ids": [ref("aws_security_group.y")],
        "ipv6_address_count": 0,
        **more,
    }


def test_an_elastic_address_is_public_in_both_directions() -> None:
    """A machine that takes no address of its subnet's has the one that somebody gives it: in, out, and in the list."""
    assert both_ways(estate({})) == ("refuted", "refuted")
    given = estate({"aws_eip.z": {"instance": ref("aws_instance.y")}})
    assert both_ways(given) == ("proven", "proven")
    assert [(each.thing, each.open.sure) for each in exposed(given)] == [
        (at("aws_instance.y"), Traffic.of("tcp", Ports.one(22)))
    ]


def test_a_subnets_public_address_counts_on_the_way_out_too() -> None:
    """What the internet reaches at such an address reaches the internet from it, and one that says no has none."""
    subnet = {"vpc_id": ref("aws_vpc.v"), "cidr_block": "10.0.2.0/24", "map_public_ip_on_launch": True}
    asks = estate({"aws_subnet.y": subnet, "aws_instance.y": machine({})})
    assert both_ways(asks) == ("proven", "proven")
    declines = estate({"aws_subnet.y": subnet, "aws_instance.y": machine({"associate_public_ip_address": False})})
    assert both_ways(declines) == ("refuted", "refuted")


PUBLIC: Bodies = {"aws_instance.y": machine({"associate_public_ip_address": True})}


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        ({}, "proven"),
        ({"aws_internet_gateway.i": {}}, "refuted"),
        (
            {
                "aws_internet_gateway.i": {},
                "aws_internet_gateway_attachment.a": {
                    "internet_gateway_id": ref("aws_internet_gateway.i"),
                    "vpc_id": ref("aws_vpc.v"),
                },
            },
            "proven",
        ),
        (
            {
                "aws_internet_gateway.i": {},
                "aws_internet_gateway_attachment.a": {
                    "internet_gateway_id": Unknown("var.gateway"),
                    "vpc_id": ref("aws_vpc.v"),
                },
            },
            "unknown",
        ),
    ],
    ids=["attached", "to no network", "attached apart", "attached by who knows what"],
)
def test_a_gateway_serves_the_network_that_it_is_attached_to(changed: Bodies, answer: str) -> None:
    """A route to one that is attached to nothing leads nowhere; where nobody knows, nothing is proven."""
    assert both_ways(estate(PUBLIC | changed)) == (answer, answer)


def permit(protocol: str, first: int, last: int) -> Bodies:
    """The group of y with that one rule."""
    rule = {"protocol": protocol, "from_port": first, "to_port": last, "cidr_blocks": ["10.0.0.0/16"]}
    return {"aws_security_group.y": {"vpc_id": ref("aws_vpc.v"), "ingress": [rule], "egress": [EVERYTHING_OUT]}}


@pytest.mark.parametrize(
    ("protocol", "first", "last", "answer"),
    [
        ("icmp", -1, -1, "proven"),
        ("icmp", 8, 0, "proven"),
        ("icmpv6", 128, 0, "proven"),
        ("icmp", 3, 4, "refuted"),
        ("icmp", 0, 0, "refuted"),
    ],
)
def test_a_type_of_icmp_is_not_another(protocol: str, first: int, last: int, answer: str) -> None:
    """Whom only "fragmentation needed" reaches does not hear who asks whether it is there."""
    facts = estate(permit(protocol, first, last))
    ping = Traffic.of("icmp", Ports.one(8))
    assert between(facts, the(facts, "x"), the(facts, "y")).ask(ping).answer.value == answer


@pytest.mark.parametrize(("kind", "answer"), [(0, "proven"), (-1, "proven"), (3, "refuted")])
def test_a_lists_answer_to_a_ping_is_of_another_type(kind: int, answer: str) -> None:
    """A list has no memory: a ping comes about where it lets type 8 in and type 0 out."""
    common = {"rule_no": 1, "action": "allow", "cidr_block": "0.0.0.0/0", "from_port": 0, "to_port": 0}
    acl = {
        "vpc_id": ref("aws_vpc.v"),
        "subnet_ids": [ref("aws_subnet.y")],
        "ingress": [{**common, "protocol": "icmp", "icmp_type": 8, "icmp_code": -1}],
        "egress": [{**common, "protocol": "icmp", "icmp_type": kind, "icmp_code": -1}],
    }
    facts = estate(permit("icmp", -1, -1) | {"aws_network_acl.a": acl})
    ping = Traffic.of("icmp", Ports.one(8))
    assert between(facts, the(facts, "x"), the(facts, "y")).ask(ping).answer.value == answer


def test_what_half_of_a_subnet_may_do_comes_about_in_part() -> None:
    """The path of all addresses is refuted, and what some do is said beside it; where none does, nothing is."""
    demand = Reach(at("aws_instance.x"), at("aws_instance.y"), 22)
    near, far = ({**SSH, "cidr_blocks": [each]} for each in ("10.0.1.0/25", "10.0.9.0/25"))
    group = {"vpc_id": ref("aws_vpc.v"), "egress": [EVERYTHING_OUT]}
    half = estate({"aws_security_group.y": {**group, "ingress": [near]}})
    found = partly(half, demand)
    assert reach(half, demand).verdict.refuted
    assert found is not None
    assert found.verdict.proven
    assert found.not_through == ()
    assert partly(estate({"aws_security_group.y": {**group, "ingress": [far]}}), demand) is None
