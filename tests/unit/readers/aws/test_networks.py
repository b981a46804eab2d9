"""What networks, security groups and access-control lists say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from seawall.facts.identity import Identifier, Statement
from seawall.facts.network import (
    AclRule,
    Filtered,
    Gateway,
    GroupOf,
    Interface,
    Listens,
    Network,
    Permit,
    Route,
    Routed,
    Subnet,
    TakenOver,
)
from seawall.facts.resilience import Setting
from seawall.facts.telemetry import Logs
from seawall.kernel.address import Address
from seawall.kernel.units import ALL_PORTS, ANYWHERE, Cidr, Ports
from seawall.kernel.value import Ref, Unknown

Says = Callable[..., list[Any]]


def at(path: str) -> Address:
    """The address of a resource of the tests."""
    return Address.terraform("ap-northeast-2", "test", path)


VPC, GROUP, OTHER = at("aws_vpc.main"), at("aws_security_group.it"), at("aws_security_group.other")


def test_a_vpc_comes_with_a_table_a_list_and_a_group(says: Says) -> None:
    """What AWS makes by itself is stated by its owner, under the owner's name."""
    it = at("aws_vpc.it")
    whole = Cidr.parse("10.0.0.0/16")
    assert says("aws_vpc", {"cidr_block": "10.0.0.0/16"}) == [
        Network(it, (whole,), "ap-northeast-2"),
        Routed(it, it.implied("main")),
        Route(it.implied("main"), whole, None, "local"),
        Filtered(it, it.implied("default-acl")),
        AclRule(it.implied("default-acl"), "ingress", 100, True, "any", ALL_PORTS, ANYWHERE),
        AclRule(it.implied("default-acl"), "egress", 100, True, "any", ALL_PORTS, ANYWHERE),
        Permit(it.implied("default-group"), "ingress", "any", ALL_PORTS, it.implied("default-group")),
        Permit(it.implied("default-group"), "egress", "any", ALL_PORTS, ANYWHERE),
    ]


def test_a_subnet_whose_zone_nobody_states_is_in_an_unknown_one(says: Says) -> None:
    """A subnet without a zone is in one that AWS chooses: unknown, and named as such."""
    it = at("aws_subnet.it")
    (fact,) = says("aws_subnet", {"vpc_id": "${aws_vpc.main.id}", "cidr_block": "10.0.1.0/24"})
    unknown = Unknown(f"{it}.availability_zone", why="nothing in the input states it")
    assert fact == Subnet(it, VPC, Cidr.parse("10.0.1.0/24"), unknown)


def test_a_group_without_egress_has_none(says: Says) -> None:
    """Terraform takes AWS's own egress rule away, so a group that states none lets nothing out."""
    said = says("aws_security_group", {"name": "x", "vpc_id": "vpc-1"})
    assert not any(isinstance(fact, Permit) for fact in said)


def test_a_group_belongs_to_its_network(says: Says) -> None:
    """A group names its network, if it names one; another network knows it only where the two are joined."""
    said = says("aws_security_group", {"name": "x", "vpc_id": "${aws_vpc.main.id}"})
    assert said == [GroupOf(at("aws_security_group.it"), at("aws_vpc.main"))]
    assert says("aws_security_group", {"name": "x"}) == []


def test_every_peer_of_a_rule_is_a_permit(says: Says) -> None:
    """A rule with ranges, groups, lists and itself is one permit for each."""
    rule = {
        "from_port": 443,
        "to_port": 444,
        "protocol": "TCP",
        "cidr_blocks": ["10.0.0.0/8", "0.0.0.0/0"],
        "security_groups": ["${aws_security_group.other.id}"],
        "prefix_list_ids": ["${aws_vpc_endpoint.s3.prefix_list_id}"],
        "self": True,
    }
    ports = Ports(443, 444)
    listed = at("aws_vpc_endpoint.s3").implied("prefix-list")
    peers = [ANYWHERE, Cidr.parse("10.0.0.0/8"), OTHER, listed, GROUP]
    assert says("aws_security_group", {"ingress": [rule]}) == [
        Permit(GROUP, "ingress", "tcp", ports, peer) for peer in peers
    ]


@pytest.mark.parametrize(
    ("type", "body"),
    [
        (
            "aws_security_group_rule",
            {
                "type": "egress",
                "security_group_id": "${aws_security_group.it.id}",
                "source_security_group_id": "${aws_security_group.other.id}",
                "protocol": "6",
                "from_port": 3306,
                "to_port": 3306,
            },
        ),
        (
            "aws_vpc_security_group_egress_rule",
            {
                "security_group_id": "${aws_security_group.it.id}",
                "referenced_security_group_id": "${aws_security_group.other.id}",
                "ip_protocol": "tcp",
                "from_port": 3306,
                "to_port": 3306,
            },
        ),
    ],
)
def test_a_rule_apart_says_what_an_inline_one_says(says: Says, type: str, body: dict[str, Any]) -> None:
    """The same permit may be written in three ways; it is one fact."""
    inline = {"protocol": "tcp", "from_port": 3306, "to_port": 3306, "security_groups": [body_ref()]}
    expected = [Permit(GROUP, "egress", "tcp", Ports.one(3306), OTHER)]
    assert says(type, body) == says("aws_security_group", {"egress": [inline]}) == expected


def body_ref() -> str:
    """The other group, as Terraform writes it."""
    return "${aws_security_group.other.id}"


def test_rules_that_are_not_known_permit_an_unknown_thing(says: Says) -> None:
    """Rules computed later may permit anything: an unknown permit, not none."""
    rules = Unknown("local.rules")
    assert says("aws_security_group", {"ingress": rules}) == [Permit(GROUP, "ingress", rules, rules, rules)]


def test_a_default_group_taken_over_without_rules_is_restricted(says: Says) -> None:
    """Whoever takes over the default group and states no rule has closed it; with a rule it is not."""
    body = {"vpc_id": "${aws_vpc.main.id}"}
    it = at("aws_default_security_group.it")
    taken = TakenOver(VPC.implied("default-group"), it)
    assert says("aws_default_security_group", body) == [Setting(VPC, "restricted-default-group", True), taken]
    open_ = {**body, "ingress": {"protocol": "-1", "from_port": 0, "to_port": 0, "self": True}}
    assert Setting(VPC, "restricted-default-group", False) in says("aws_default_security_group", open_)


def test_routes_name_what_they_go_through(says: Says) -> None:
    """A route's kind is that of the one target that it names; without any it is unknown."""
    table = at("aws_route_table.it")
    body = {"route": [{"cidr_block": "0.0.0.0/0", "nat_gateway_id": "${aws_nat_gateway.a.id}", "gateway_id": ""}]}
    assert says("aws_route_table", body) == [Route(table, ANYWHERE, at("aws_nat_gateway.a"), "nat")]
    (fact,) = says("aws_route", {"route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0"})
    assert fact.kind == "unknown"
    assert fact.table == Address.outside("rtb-1")


def test_a_gateway_endpoint_is_a_route_to_its_prefix_list(says: Says) -> None:
    """A gateway endpoint puts a route into its tables, and allows everything unless its policy says less."""
    it = at("aws_vpc_endpoint.it")
    service = "com.amazonaws.ap-northeast-2.s3"
    body = {"vpc_id": "${aws_vpc.main.id}", "service_name": service, "route_table_ids": ["rtb-1"]}
    assert says("aws_vpc_endpoint", body) == [
        Gateway(it, "gateway-endpoint", VPC, service=service),
        Route(Address.outside("rtb-1"), it.implied("prefix-list"), it, "endpoint"),
        Statement(it, "resource", True, ("*",), ("*",), (("AWS", "*"),), variables=False),
    ]


def test_an_interface_endpoint_has_interfaces(says: Says) -> None:
    """An interface endpoint stands in subnets, with the network's default group where none is named."""
    it = at("aws_vpc_endpoint.it")
    body = {
        "vpc_id": "${aws_vpc.main.id}",
        "service_name": "com.amazonaws.ap-northeast-2.sts",
        "vpc_endpoint_type": "Interface",
        "subnet_ids": ["subnet-1"],
        "private_dns_enabled": True,
    }
    facts = says("aws_vpc_endpoint", body)
    assert Interface(it, (Address.outside("subnet-1"),), (VPC.implied("default-group"),)) in facts
    assert Listens(it, "tcp", Ports.one(443), "required") in facts
    assert Setting(it, "private-dns", True) in facts


def test_an_access_control_list_filters_subnets_by_its_rules(says: Says) -> None:
    """Inline rules keep their order; a protocol without ports means all of them."""
    it = at("aws_network_acl.it")
    rule = {"rule_no": 90, "action": "deny", "protocol": "-1", "from_port": 0, "to_port": 0, "cidr_block": "10.0.0.0/8"}
    facts = says("aws_network_acl", {"vpc_id": "vpc-1", "subnet_ids": ["${aws_subnet.a.id}"], "ingress": [rule]})
    assert facts == [
        Filtered(at("aws_subnet.a"), it),
        AclRule(it, "ingress", 90, False, "any", ALL_PORTS, Cidr.parse("10.0.0.0/8")),
    ]


def test_a_flow_log_logs_a_network(says: Says) -> None:
    """A flow log says of its network that it is logged, and where."""
    body = {
        "vpc_id": "${aws_vpc.main.id}",
        "traffic_type": "REJECT",
        "log_destination": "${aws_cloudwatch_log_group.x.arn}",
    }
    group = at("aws_cloudwatch_log_group.x")
    found = [fact for fact in says("aws_flow_log", body) if not isinstance(fact, Identifier)]
    assert found == [Setting(VPC, "flow-logs", True), Logs(VPC, group, ("REJECT",))]


def test_a_literal_id_is_outside(says: Says) -> None:
    """An id of which the input holds no more than the letters is a thing outside."""
    (fact,) = says("aws_route_table_association", {"subnet_id": "subnet-1", "route_table_id": "rtb-1"})
    assert fact == Routed(Address.outside("subnet-1"), Address.outside("rtb-1"))


def test_a_reference_to_an_implied_thing_is_that_thing(says: Says) -> None:
    """The cluster's own security group is not the cluster."""
    cluster = at("aws_eks_cluster.main")
    body = {
        "security_group_id": "${aws_security_group.it.id}",
        "referenced_security_group_id": "${aws_eks_cluster.main.vpc_config.0.cluster_security_group_id}",
        "ip_protocol": "tcp",
        "from_port": 3306,
        "to_port": 3306,
    }
    (fact,) = says("aws_vpc_security_group_ingress_rule", body)
    assert fact.peer == cluster.implied("cluster-group")
    assert Ref(cluster, "id").to != fact.peer
