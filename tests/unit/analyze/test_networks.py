"""What gets through between networks, read from the bodies that people write."""

from __future__ import annotations

import re
from typing import Any

import pytest

from seawall.analyze.fleets import interfaces
from seawall.analyze.reachability.network import between, hops, inward, outward, somewhere, to_endpoint
from seawall.analyze.reachability.traffic import Open, Traffic
from seawall.facts.facts import Facts
from seawall.facts.network import Interface
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.kernel.value import Ref, Unknown
from seawall.readers.read import facts_of

Bodies = dict[str, dict[str, Any]]

ALL_OUT = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": ["::/0"]}


def at(path: str) -> Address:
    """The address of a resource of the tests."""
    return Address.terraform("r", "n", path)


def ref(path: str, attr: str = "id") -> Ref:
    """A reference to a resource of the tests."""
    return Ref(at(path), attr)


def estate(*more: Bodies) -> Facts:
    """Two networks, a subnet with an instance in each, every group open; and more, which may replace some of it."""
    bodies: Bodies = {}
    for name, number in (("a", 0), ("b", 1), ("c", 2)):
        bodies[f"aws_vpc.{name}"] = {"cidr_block": f"10.{number}.0.0/16"}
        bodies[f"aws_subnet.{name}"] = {
            "vpc_id": ref(f"aws_vpc.{name}"), "cidr_block": f"10.{number}.1.0/24", "availability_zone": "z",
        }  # fmt: skip
        bodies[f"aws_route_table.{name}"] = {"vpc_id": ref(f"aws_vpc.{name}")}
        bodies[f"aws_route_table_association.{name}"] = {
            "subnet_id": ref(f"aws_subnet.{name}"), "route_table_id": ref(f"aws_route_table.{name}"),
        }  # fmt: skip
        bodies[f"aws_security_group.{name}"] = {
            "vpc_id": ref(f"aws_vpc.{name}"), "ingress": [ALL_OUT], "egress": [ALL_OUT],
        }  # fmt: skip
        bodies[f"aws_instance.{name}"] = {
            "subnet_id": ref(f"aws_subnet.{name}"), "vpc_security_group_ids": [ref(f"aws_security_group.{name}")],
            "associate_public_ip_address": False, "ipv6_address_count": 0,
        }  # fmt: skip
    for each in more:
        bodies |= each
    resources = [Resource(at(path), path.rpartition(".")[0], body, region="r") for path, body in bodies.items()]
    return facts_of(Graph(resources))


def route(table: str, cidr: str, **target: Any) -> Bodies:
    """A route of a table."""
    name = "destination_ipv6_cidr_block" if ":" in cidr else "destination_cidr_block"
    body = {"route_table_id": ref(f"aws_route_table.{table}"), name: cidr, **target}
    return {f"aws_route.{table}_{re.sub('[^0-9a-f]', '_', cidr)}": body}


def ask(open: Open, port: int = 443) -> str:
    """What an Open says of a port of TCP."""
    return open.ask(Traffic.of("tcp", Ports.one(port))).answer.value


def the(facts: Facts, name: str) -> Interface:
    """The interface of an instance."""
    (found,) = interfaces(facts, at(f"aws_instance.{name}"))
    return found


def reaches(facts: Facts, one: str, other: str, port: int = 443) -> str:
    """Whether an instance reaches another; its hops say the same."""
    open = between(facts, the(facts, one), the(facts, other))
    said = tuple(hops(facts, the(facts, one), the(facts, other), port, "tcp"))
    answers = {hop.verdict.answer.value for hop in said}
    together = "refuted" if "refuted" in answers else "unknown" if "unknown" in answers else "proven"
    assert together == ask(open, port), [str(hop) for hop in said]
    return together


def leaves(facts: Facts) -> str:
    """Whether the first instance reaches all of the internet."""
    return ask(outward(facts, the(facts, "a")))


def entered(facts: Facts) -> str:
    """Whether anybody of the internet reaches the first instance."""
    return ask(inward(facts, the(facts, "a")))


def blocked(facts: Facts, one: str, other: str, port: int = 443) -> str:
    """What the first hop says that says no."""
    said = hops(facts, the(facts, one), the(facts, other), port, "tcp")
    return next(f"{hop.kind}: {hop.says}" for hop in said if hop.verdict.refuted)


def peering(one: str, other: str, **more: Any) -> Bodies:
    """A peering of two networks with routes on both sides."""
    name = f"aws_vpc_peering_connection.{one}{other}"
    body = {"vpc_id": ref(f"aws_vpc.{one}"), "peer_vpc_id": ref(f"aws_vpc.{other}"), "auto_accept": True, **more}
    number = {"a": 0, "b": 1, "c": 2}
    return {
        name: body,
        **route(one, f"10.{number[other]}.0.0/16", vpc_peering_connection_id=ref(name)),
        **route(other, f"10.{number[one]}.0.0/16", vpc_peering_connection_id=ref(name)),
    }


def test_a_peering_joins_two_networks_and_no_third() -> None:
    """A route through a peering to a network that is not one of its two leads nowhere."""
    assert reaches(estate(), "a", "b") == "refuted"
    assert reaches(estate(peering("a", "b")), "a", "b") == "proven"
    joined = peering("a", "b") | peering("b", "c")
    beyond = route("a", "10.2.0.0/16", vpc_peering_connection_id=ref("aws_vpc_peering_connection.ab"))
    back = route("c", "10.0.0.0/16", vpc_peering_connection_id=ref("aws_vpc_peering_connection.bc"))
    assert "leads no further" in blocked(estate(joined, beyond, back), "a", "c")


def test_a_peering_has_to_be_accepted() -> None:
    """Whether the other side accepts it cannot be read from the side that asks."""
    asked = peering("a", "b", auto_accept=False)
    assert reaches(estate(asked), "a", "b") == "unknown"
    body = {"vpc_peering_connection_id": ref("aws_vpc_peering_connection.ab"), "auto_accept": True}
    assert reaches(estate(asked, {"aws_vpc_peering_connection_accepter.b": body}), "a", "b") == "proven"


def test_the_longest_prefix_wins() -> None:
    """A more specific route elsewhere takes what a wider one would have brought there."""
    stolen = route("a", "10.1.1.0/24", gateway_id=ref("aws_internet_gateway.a"))
    gateway = {"aws_internet_gateway.a": {"vpc_id": ref("aws_vpc.a")}}
    assert "leaves by internet" in blocked(estate(peering("a", "b"), gateway, stolen), "a", "b")
    half = route("a", "10.1.1.128/25", gateway_id=ref("aws_internet_gateway.a"))
    facts = estate(peering("a", "b"), gateway, half)
    assert reaches(facts, "a", "b") == "refuted"
    assert ask(somewhere(facts, the(facts, "a"), the(facts, "b"))) == "proven"


def transit(**gateway: Any) -> Bodies:
    """A transit gateway to which two networks are attached and route everything private."""
    hub = "aws_ec2_transit_gateway.hub"
    found: Bodies = {hub: gateway}
    for name in ("a", "b"):
        found[f"aws_ec2_transit_gateway_vpc_attachment.{name}"] = {
            "transit_gateway_id": ref(hub), "vpc_id": ref(f"aws_vpc.{name}"), "subnet_ids": [ref(f"aws_subnet.{name}")],
        }  # fmt: skip
        found |= route(name, "10.0.0.0/8", transit_gateway_id=ref(hub))
    return found


def table_of_hub(*told: str) -> Bodies:
    """A table of the gateway that both attachments use, and to which these tell their ranges."""
    table = "aws_ec2_transit_gateway_route_table.own"
    found: Bodies = {table: {"transit_gateway_id": ref("aws_ec2_transit_gateway.hub")}}
    for kind, names in (("association", ("a", "b")), ("propagation", told)):
        for name in names:
            found[f"aws_ec2_transit_gateway_route_table_{kind}.{name}"] = {
                "transit_gateway_route_table_id": ref(table),
                "transit_gateway_attachment_id": ref(f"aws_ec2_transit_gateway_vpc_attachment.{name}"),
            }
    return found


def test_a_transit_gateway_leads_where_its_tables_say() -> None:
    """Its own table knows what attachments tell it; another table only what is told there, and both ways are asked."""
    assert reaches(estate(transit()), "a", "b") == "proven"
    shut = {"default_route_table_association": "disable", "default_route_table_propagation": "disable"}
    assert "uses no table" in blocked(estate(transit(**shut)), "a", "b")
    assert reaches(estate(transit(**shut), table_of_hub("a", "b")), "a", "b") == "proven"
    assert "has no route" in blocked(estate(transit(**shut), table_of_hub("a")), "a", "b")
    assert "way back" in blocked(estate(transit(**shut), table_of_hub("b")), "a", "b")


def test_a_static_route_of_a_transit_gateway_goes_before_a_told_one() -> None:
    """A blackhole of the same range stops what propagation would let through."""
    nowhere = {
        "aws_ec2_transit_gateway_route.none": {
            "transit_gateway_route_table_id": ref("aws_ec2_transit_gateway.hub", "association_default_route_table_id"),
            "destination_cidr_block": "10.1.0.0/16",
            "blackhole": True,
        }
    }
    assert "has no route" in blocked(estate(transit(), nowhere), "a", "b")


def test_an_attachment_serves_the_zones_of_its_subnets() -> None:
    """From a zone in which an attachment has no subnet nothing reaches the gateway."""
    other = {"vpc_id": ref("aws_vpc.a"), "cidr_block": "10.0.9.0/24", "availability_zone": "y"}
    moved = transit()
    moved["aws_ec2_transit_gateway_vpc_attachment.a"]["subnet_ids"] = [ref("aws_subnet.other")]
    assert "has no subnet in z" in blocked(estate(moved, {"aws_subnet.other": other}), "a", "b")


def group(*, ingress: Any, vpc: str = "b") -> Bodies:
    """The group of the second instance lets nothing in but this."""
    body = {"vpc_id": ref(f"aws_vpc.{vpc}"), "ingress": [ingress], "egress": [ALL_OUT]}
    return {"aws_security_group.b": body}


def named(name: str) -> dict[str, Any]:
    """A rule for everybody who has a group."""
    return {"protocol": "tcp", "from_port": 443, "to_port": 443, "security_groups": [ref(f"aws_security_group.{name}")]}


def test_a_group_may_be_named_across_a_peering_and_not_across_a_gateway() -> None:
    """A group's name means something in its own network, in a peered one, and over a gateway that supports it."""
    assert reaches(estate(peering("a", "b"), group(ingress=named("a"))), "a", "b") == "proven"
    assert reaches(estate(transit(), group(ingress=named("a"))), "a", "b") == "refuted"
    supports = transit(security_group_referencing_support="enable")
    assert reaches(estate(supports, group(ingress=named("a"))), "a", "b") == "proven"
    assert reaches(estate(peering("a", "b"), group(ingress=named("c"))), "a", "b") == "refuted"


def test_a_prefix_list_is_its_ranges() -> None:
    """A list of one's own lets in whom it holds; one of AWS's holds nobody who has a private address."""
    rule = {"protocol": "tcp", "from_port": 443, "to_port": 443}
    own = group(ingress={**rule, "prefix_list_ids": [ref("aws_ec2_managed_prefix_list.own")]})

    def holding(cidr: Any) -> Facts:
        listed = {"aws_ec2_managed_prefix_list.own": {"name": "own", "entry": [{"cidr": cidr}]}}
        return estate(peering("a", "b"), own, listed)

    assert reaches(holding("10.0.0.0/16"), "a", "b") == "proven"
    assert reaches(holding("10.0.1.0/25"), "a", "b") == "refuted"
    assert reaches(holding(Unknown("var.cidr")), "a", "b") == "unknown"
    apis = group(ingress={**rule, "prefix_list_ids": [ref("data.aws_prefix_list.s3")]})
    looked_up = {"data.aws_prefix_list.s3": {"name": "com.amazonaws.r.s3"}}
    assert reaches(estate(peering("a", "b"), apis, looked_up), "a", "b") == "refuted"
    literal = group(ingress={**rule, "prefix_list_ids": ["pl-0123"]})
    assert reaches(estate(peering("a", "b"), literal), "a", "b") == "unknown"


SAME = {"subnet_id": ref("aws_subnet.a"), "associate_public_ip_address": False, "ipv6_address_count": 0}


def test_who_names_no_group_has_the_networks_own() -> None:
    """The default group lets in its own; taken over, only what is stated since."""
    two = {"aws_instance.a": SAME, "aws_instance.b": SAME}
    assert reaches(estate(two), "a", "b") == "proven"
    taken = {"aws_default_security_group.a": {"vpc_id": ref("aws_vpc.a")}}
    assert reaches(estate(two, taken), "a", "b") == "refuted"
    opened = {"aws_default_security_group.a": {"vpc_id": ref("aws_vpc.a"), "ingress": [ALL_OUT], "egress": [ALL_OUT]}}
    assert reaches(estate(two, opened), "a", "b") == "proven"


def test_a_list_taken_over_lets_nothing_through_by_itself() -> None:
    """Terraform empties a network's own access-control list when it takes it over."""
    body = {"default_network_acl_id": ref("aws_vpc.b", "default_network_acl_id")}
    assert "allows no" in blocked(estate(peering("a", "b"), {"aws_default_network_acl.b": body}), "a", "b")
    rule = {"rule_no": 1, "action": "allow", "protocol": "-1", "from_port": 0, "to_port": 0, "cidr_block": "0.0.0.0/0"}
    opened = {"aws_default_network_acl.b": {**body, "ingress": [rule], "egress": [rule]}}
    assert reaches(estate(peering("a", "b"), opened), "a", "b") == "proven"


def test_the_main_table_may_be_another() -> None:
    """A subnet without a table of its own uses the one that somebody made the main one."""
    loose = {"aws_route_table_association.a": {"subnet_id": "subnet-1", "route_table_id": "rtb-1"}}
    assert reaches(estate(peering("a", "b"), loose), "a", "b") == "refuted"
    body = {"vpc_id": ref("aws_vpc.a"), "route_table_id": ref("aws_route_table.a")}
    main = {"aws_main_route_table_association.a": body}
    assert reaches(estate(peering("a", "b"), loose, main), "a", "b") == "proven"


@pytest.mark.parametrize(
    ("first", "last", "answer"),
    [(1024, 65535, "proven"), (32768, 65535, "unknown"), (32768, 60999, "unknown"), (40000, 65535, "refuted")],
)
def test_answers_need_the_ports_that_clients_speak_from(first: int, last: int, answer: str) -> None:
    """All ports that AWS names are enough; Linux's alone are, if the client is Linux; fewer are not."""
    everything = {"rule_no": 2, "action": "allow", "protocol": "tcp", "cidr_block": "0.0.0.0/0"}
    body = {
        "vpc_id": ref("aws_vpc.b"),
        "subnet_ids": [ref("aws_subnet.b")],
        "ingress": [{**everything, "from_port": 443, "to_port": 443}],
        "egress": [{**everything, "from_port": first, "to_port": last}],
    }
    assert reaches(estate(peering("a", "b"), {"aws_network_acl.b": body}), "a", "b") == answer


def test_the_ways_out_of_a_network() -> None:
    """A NAT gateway needs an internet gateway of its own, an internet gateway a public address; private NAT is none."""
    public = {
        "aws_subnet.public": {"vpc_id": ref("aws_vpc.a"), "cidr_block": "10.0.0.0/24", "availability_zone": "z"},
        "aws_route_table.public": {"vpc_id": ref("aws_vpc.a")},
        "aws_route_table_association.public": {
            "subnet_id": ref("aws_subnet.public"), "route_table_id": ref("aws_route_table.public"),
        },
        "aws_internet_gateway.a": {"vpc_id": ref("aws_vpc.a")},
        "aws_nat_gateway.a": {"subnet_id": ref("aws_subnet.public")},
    }  # fmt: skip
    by_nat = route("a", "0.0.0.0/0", nat_gateway_id=ref("aws_nat_gateway.a"))
    out = route("public", "0.0.0.0/0", gateway_id=ref("aws_internet_gateway.a"))
    assert leaves(estate()) == "refuted"
    assert leaves(estate(public, by_nat)) == "refuted"
    assert leaves(estate(public, by_nat, out)) == "proven"
    assert entered(estate(public, by_nat, out)) == "refuted"
    private = {"aws_nat_gateway.a": {"subnet_id": ref("aws_subnet.public"), "connectivity_type": "private"}}
    assert leaves(estate(public, private, by_nat, out)) == "refuted"
    direct = route("a", "0.0.0.0/0", gateway_id=ref("aws_internet_gateway.a"))
    assert leaves(estate(public, direct)) == "refuted"
    seen = {"aws_eip.a": {"instance": ref("aws_instance.a")}}
    facts = estate(public, direct, seen)
    assert leaves(facts) == entered(facts) == "proven"


def test_addresses_of_ipv6_go_out_by_a_gateway_that_lets_nothing_in() -> None:
    """An egress-only gateway leads out and not in; an internet gateway leads both ways, without a public address."""
    six = {
        "aws_vpc.a": {"cidr_block": "10.0.0.0/16", "assign_generated_ipv6_cidr_block": True},
        "aws_subnet.a": {
            "vpc_id": ref("aws_vpc.a"), "cidr_block": "10.0.1.0/24", "availability_zone": "z",
            "ipv6_cidr_block": Unknown("cidrsubnet"),
        },
        "aws_instance.a": {
            "subnet_id": ref("aws_subnet.a"), "vpc_security_group_ids": [ref("aws_security_group.a")],
            "associate_public_ip_address": False, "ipv6_address_count": 1,
        },
        "aws_egress_only_internet_gateway.a": {"vpc_id": ref("aws_vpc.a")},
        "aws_internet_gateway.a": {"vpc_id": ref("aws_vpc.a")},
    }  # fmt: skip
    only_out = route("a", "::/0", egress_only_gateway_id=ref("aws_egress_only_internet_gateway.a"))
    facts = estate(six, only_out)
    assert leaves(facts) == "proven"
    assert entered(facts) == "refuted"
    both = route("a", "::/0", gateway_id=ref("aws_internet_gateway.a"))
    assert entered(estate(six, both)) == "proven"


def test_a_gateway_endpoint_needs_a_route_and_a_group_that_lets_out() -> None:
    """A rule for the endpoint's own list is enough; without a route in the table the endpoint serves nobody."""
    endpoint = "aws_vpc_endpoint.s3"
    body = {"vpc_id": ref("aws_vpc.a"), "service_name": "com.amazonaws.r.s3"}
    routed = {endpoint: {**body, "route_table_ids": [ref("aws_route_table.a")]}}

    def reached(*more: Bodies) -> str:
        facts = estate(*more)
        return ask(to_endpoint(facts, the(facts, "a"), at(endpoint)))

    assert reached({endpoint: body}) == "refuted"
    assert reached(routed) == "proven"
    https = {"protocol": "tcp", "from_port": 443, "to_port": 443}
    for rule, answer in (
        ({"prefix_list_ids": [ref(endpoint, "prefix_list_id")]}, "proven"),
        ({"cidr_blocks": ["10.0.0.0/8"]}, "refuted"),
        ({"cidr_blocks": ["52.0.0.0/8"]}, "unknown"),
    ):
        own = {"aws_security_group.a": {"vpc_id": ref("aws_vpc.a"), "egress": [{**https, **rule}]}}
        assert reached(routed, own) == answer
    outside = {
        "rule_no": 1,
        "action": "deny",
        "protocol": "-1",
        "from_port": 0,
        "to_port": 0,
        "cidr_block": "0.0.0.0/0",
    }
    shut = {"vpc_id": ref("aws_vpc.a"), "subnet_ids": [ref("aws_subnet.a")], "egress": [outside]}
    assert reached(routed, {"aws_network_acl.a": shut}) == "refuted"


def test_an_interface_of_its_own_is_where_its_server_is() -> None:
    """A server that is plugged into an interface has its address and its groups, and those added to it apart."""
    own = {
        "subnet_id": ref("aws_subnet.a"), "private_ips": ["10.0.1.5"], "security_groups": [ref("aws_security_group.c")],
    }  # fmt: skip
    plugged = {"network_interface_id": ref("aws_network_interface.b"), "device_index": 0}
    card = {"aws_network_interface.b": own, "aws_instance.b": {"network_interface": [plugged]}}
    shut = {"aws_security_group.c": {"vpc_id": ref("aws_vpc.a")}}
    assert reaches(estate(card), "a", "b") == "proven"
    assert reaches(estate(card, shut), "a", "b") == "refuted"
    worn = {"security_group_id": ref("aws_security_group.a"), "network_interface_id": ref("aws_network_interface.b")}
    assert reaches(estate(card, shut, {"aws_network_interface_sg_attachment.b": worn}), "a", "b") == "proven"
    one = {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.1.5/32"]}
    narrow = {"aws_security_group.a": {"vpc_id": ref("aws_vpc.a"), "egress": [one]}}
    assert reaches(estate(card, narrow), "a", "b") == "proven"


def test_a_network_load_balancer_without_groups_is_open() -> None:
    """One that was made without groups lets everything through; it has no default one."""
    body = {"load_balancer_type": "network", "subnets": [ref("aws_subnet.b")], "internal": True}
    facts = estate(peering("a", "b"), {"aws_lb.b": body})
    (there,) = interfaces(facts, at("aws_lb.b"))
    assert ask(between(facts, the(facts, "a"), there)) == "proven"


def test_what_a_vpn_tells_of_is_not_known() -> None:
    """A table that learns from a VPN may lead anywhere that no route of its own leads; its own network stays near."""
    learns = {
        "aws_vpn_gateway.a": {"vpc_id": ref("aws_vpc.a")},
        "aws_vpn_gateway_route_propagation.a": {
            "route_table_id": ref("aws_route_table.a"), "vpn_gateway_id": ref("aws_vpn_gateway.a"),
        },
    }  # fmt: skip
    near = {"aws_instance.b": {**SAME, "vpc_security_group_ids": [ref("aws_security_group.a")]}}
    assert reaches(estate(learns, near), "a", "b") == "proven"
    assert "way back" in blocked(estate(learns), "a", "b")
    assert reaches(estate(learns, peering("a", "b")), "a", "b") == "proven"
