"""Balancers of the first generation let the internet in to their instances as others do."""

from __future__ import annotations

import json

import pytest

from seawall.analyze.reachability.entrances import exposures_of
from seawall.analyze.reachability.traffic import Traffic
from seawall.cli.input import load_graph
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.readers.read import facts_of

EVERYBODY = "0.0.0.0/0"


def ways(folder, *, internal=False, attached="listed"):
    """The ways to an instance in a private subnet behind a balancer in a public one."""
    vpc = {"vpc_id": "${aws_vpc.v.id}"}
    every = {"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": [EVERYBODY]}
    route = {"cidr_block": EVERYBODY, "gateway_id": "${aws_internet_gateway.i.id}"}
    groups = {"security_groups": ["${aws_security_group.g.id}"]}
    listener = {"lb_port": 80, "lb_protocol": "http", "instance_port": 8000, "instance_protocol": "http"}
    balancer = {"name": "b", "internal": internal, "subnets": ["${aws_subnet.pub.id}"], "listener": [listener]}
    resources = {
        "aws_vpc": {"v": {"cidr_block": "10.0.0.0/16"}},
        "aws_internet_gateway": {"i": vpc},
        "aws_subnet": {"pub": {**vpc, "cidr_block": "10.0.0.0/24"}, "own": {**vpc, "cidr_block": "10.0.1.0/24"}},
        "aws_route_table": {"t": {**vpc, "route": [route]}},
        "aws_route_table_association": {
            "t": {"subnet_id": "${aws_subnet.pub.id}", "route_table_id": "${aws_route_table.t.id}"}
        },
        "aws_security_group": {"g": {**vpc, "ingress": [every], "egress": [every]}},
        "aws_elb": {"b": balancer | groups | ({"instances": ["${aws_instance.w.id}"]} if attached == "listed" else {})},
        "aws_instance": {
            "w": {"subnet_id": "${aws_subnet.own.id}", "vpc_security_group_ids": ["${aws_security_group.g.id}"]}
        },
    }
    if attached == "apart":
        resources["aws_elb_attachment"] = {"a": {"elb": "${aws_elb.b.id}", "instance": "${aws_instance.w.id}"}}
    (folder / "main.tf.json").write_text(json.dumps({"resource": resources}))
    return exposures_of(facts_of(load_graph([str(folder)], None)[1]), Address(f"/{folder.name}:aws_instance.w"))


@pytest.mark.parametrize("attached", ["listed", "apart"])
def test_instances_of_a_public_one_are_reached(tmp_path, attached):
    """The internet reaches the instances of a public balancer on the port that these are asked on."""
    (way,) = ways(tmp_path, attached=attached)
    assert way.open.sure == Traffic.of("tcp", Ports.one(8000))


@pytest.mark.parametrize("changed", [{"internal": True}, {"attached": "nowhere"}])
def test_nobody_else_is(tmp_path, changed):
    """An internal balancer lets nobody in from the internet, and one passes nothing on to what is not its own."""
    assert not ways(tmp_path, **changed)
