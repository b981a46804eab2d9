"""Targets of a load balancer are asked on the port of their group, and by whomever their groups see."""

from __future__ import annotations

import json

import pytest

from seawall.analyze.reachability.entrances import exposures_of
from seawall.analyze.reachability.traffic import Traffic
from seawall.cli.input import load_graph
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr, Ports
from seawall.readers.read import facts_of

EVERYBODY, INSIDE, RANGE = "0.0.0.0/0", "10.0.0.0/16", "203.0.113.0/24"
OUT = {"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": [EVERYBODY]}


def rule(port, cidr):
    """A rule of a group."""
    return {"from_port": port, "to_port": port, "protocol": "tcp", "cidr_blocks": [cidr]}


def ways(folder, ingress, *, kind="application", protocol="HTTP", groups=True, attached=None, **more):
    """The ways to an instance in a private subnet behind a load balancer in a public one."""
    balancer = {"load_balancer_type": kind, "internal": False, "subnets": ["${aws_subnet.pub.id}"]}
    attachment = {"target_group_arn": "${aws_lb_target_group.t.arn}", "target_id": "${aws_instance.w.id}"}
    forward = {"type": "forward", "target_group_arn": "${aws_lb_target_group.t.arn}"}
    listener = {"load_balancer_arn": "${aws_lb.l.arn}", "port": 80, "protocol": protocol, "default_action": forward}
    vpc = {"vpc_id": "${aws_vpc.v.id}"}
    route = {"cidr_block": EVERYBODY, "gateway_id": "${aws_internet_gateway.i.id}"}
    resources = {
        "aws_vpc": {"v": {"cidr_block": INSIDE}},
        "aws_internet_gateway": {"i": vpc},
        "aws_subnet": {"pub": {**vpc, "cidr_block": "10.0.0.0/24"}, "own": {**vpc, "cidr_block": "10.0.1.0/24"}},
        "aws_route_table": {"t": {**vpc, "route": [route]}},
        "aws_route_table_association": {
            "t": {"subnet_id": "${aws_subnet.pub.id}", "route_table_id": "${aws_route_table.t.id}"}
        },
        "aws_security_group": {
            "l": {**vpc, "ingress": [rule(80, EVERYBODY)], "egress": [OUT]},
            "w": {**vpc, "ingress": [ingress]},
        },
        "aws_lb": {"l": balancer | ({"security_groups": ["${aws_security_group.l.id}"]} if groups else {})},
        "aws_lb_target_group": {"t": {**vpc, "port": 8080, "protocol": protocol, **more}},
        "aws_lb_target_group_attachment": {"a": attachment | ({"port": attached} if attached else {})},
        "aws_lb_listener": {"l": listener},
        "aws_instance": {
            "w": {"subnet_id": "${aws_subnet.own.id}", "vpc_security_group_ids": ["${aws_security_group.w.id}"]}
        },
    }
    (folder / "main.tf.json").write_text(json.dumps({"resource": resources}))
    facts = facts_of(load_graph([str(folder)], None)[1])
    return exposures_of(facts, Address(f"/{folder.name}:aws_instance.w"))


@pytest.mark.parametrize(
    ("ingress", "attached", "port"),
    [
        (rule(8080, INSIDE), None, 8080),
        (rule(8080, INSIDE), 9090, None),
        (rule(9090, INSIDE), 9090, 9090),
        (rule(80, INSIDE), None, None),
    ],
)
def test_a_target_is_asked_on_its_port(tmp_path, ingress, attached, port) -> None:
    """The attachment's port goes before the group's; one that the target's groups do not open is shut."""
    found = ways(tmp_path, ingress, attached=attached)
    assert [way.open.sure for way in found] == ([Traffic.of("tcp", Ports.one(port))] if port else [])


@pytest.mark.parametrize(
    ("ingress", "more", "whom"),
    [
        (rule(8080, EVERYBODY), {}, [EVERYBODY]),
        (rule(8080, RANGE), {}, [RANGE]),
        (rule(8080, INSIDE), {}, []),
        (rule(8080, INSIDE), {"preserve_client_ip": False}, [EVERYBODY]),
    ],
)
def test_targets_that_see_the_client_have_to_let_him_in(tmp_path, ingress, more, whom) -> None:
    """Behind a network load balancer an instance's groups meet the client's address, unless that is not preserved."""
    found = ways(tmp_path, ingress, kind="network", protocol="TCP", groups=False, **more)
    assert [way.who for way in found] == [Cidr.parse(each) for each in whom]
    assert all(way.open.sure == Traffic.of("tcp", Ports.one(8080)) for way in found)


def test_a_target_that_is_named_by_its_address(tmp_path):
    """Whoever has the private address that a group lists is its target, whether it is named or not."""
    assert ways(tmp_path, rule(8080, INSIDE))
    written = json.loads((tmp_path / "main.tf.json").read_text())
    written["resource"]["aws_instance"]["w"]["private_ip"] = "10.0.1.9"
    written["resource"]["aws_lb_target_group_attachment"]["a"]["target_id"] = "10.0.1.9"
    written["resource"]["aws_lb_target_group"]["t"]["target_type"] = "ip"
    (tmp_path / "main.tf.json").write_text(json.dumps(written))
    facts = facts_of(load_graph([str(tmp_path)], None)[1])
    (way,) = exposures_of(facts, Address(f"/{tmp_path.name}:aws_instance.w"))
    assert way.open.sure == Traffic.of("tcp", Ports.one(8080))
