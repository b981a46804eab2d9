"""Tasks of ECS and brokers of messages are reached where they have public addresses, or stand behind a balancer."""

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
PUBLIC, OWN, GROUP = "${aws_subnet.pub.id}", "${aws_subnet.own.id}", "${aws_security_group.g.id}"


def ways(folder, of, **resources):
    """The ways to a thing in a network with a public and a private subnet, where groups let everybody in."""
    vpc = {"vpc_id": "${aws_vpc.v.id}"}
    every = {"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": [EVERYBODY]}
    route = {"cidr_block": EVERYBODY, "gateway_id": "${aws_internet_gateway.i.id}"}
    there = {
        "aws_vpc": {"v": {"cidr_block": "10.0.0.0/16"}},
        "aws_internet_gateway": {"i": vpc},
        "aws_subnet": {"pub": {**vpc, "cidr_block": "10.0.0.0/24"}, "own": {**vpc, "cidr_block": "10.0.1.0/24"}},
        "aws_route_table": {"t": {**vpc, "route": [route]}},
        "aws_route_table_association": {"t": {"subnet_id": PUBLIC, "route_table_id": "${aws_route_table.t.id}"}},
        "aws_security_group": {"g": {**vpc, "ingress": [every], "egress": [every]}},
    }
    given = {type: {"x": body} for type, body in resources.items()}
    (folder / "main.tf.json").write_text(json.dumps({"resource": there | given}))
    return exposures_of(facts_of(load_graph([str(folder)], None)[1]), Address(f"/{folder.name}:{of}"))


def tasks(subnet, public):
    """The network of a service's tasks."""
    return {"network_configuration": {"subnets": [subnet], "security_groups": [GROUP], "assign_public_ip": public}}


@pytest.mark.parametrize(
    ("subnet", "public", "reached"), [(PUBLIC, True, True), (PUBLIC, False, False), (OWN, True, False)]
)
def test_tasks_with_public_addresses(tmp_path, subnet, public, reached):
    """Tasks are reached where they are told to have public addresses, in a subnet that has a way out."""
    found = ways(tmp_path, "aws_ecs_service.x", aws_ecs_service=tasks(subnet, public))
    assert [bool(each.open.sure) for each in found] == ([True] if reached else [])


def test_tasks_behind_a_balancer(tmp_path):
    """Tasks of a private subnet are reached through a public balancer, on the port of their container."""
    forward = {"type": "forward", "target_group_arn": "${aws_lb_target_group.x.arn}"}
    behind = {"target_group_arn": "${aws_lb_target_group.x.arn}", "container_name": "c", "container_port": 8080}
    (way,) = ways(
        tmp_path,
        "aws_ecs_service.x",
        aws_ecs_service={**tasks(OWN, False), "load_balancer": behind},
        aws_lb={"subnets": [PUBLIC], "security_groups": [GROUP]},
        aws_lb_target_group={"port": 80, "protocol": "HTTP", "target_type": "ip", "vpc_id": "${aws_vpc.v.id}"},
        aws_lb_listener={
            "load_balancer_arn": "${aws_lb.x.arn}",
            "port": 80,
            "protocol": "HTTP",
            "default_action": forward,
        },
    )
    assert way.open.sure == Traffic.of("tcp", Ports.one(8080))


@pytest.mark.parametrize(
    ("broker", "port"),
    [
        ({"engine_type": "ActiveMQ", "publicly_accessible": True}, 61617),
        ({"engine_type": "ActiveMQ", "publicly_accessible": False}, None),
        ({"engine_type": "ActiveMQ"}, None),
    ],
)
def test_brokers_in_a_network(tmp_path, broker, port):
    """A public broker is reached on the ports on which its engine listens, where its groups let everybody in."""
    found = ways(
        tmp_path, "aws_mq_broker.x", aws_mq_broker={**broker, "subnet_ids": [PUBLIC], "security_groups": [GROUP]}
    )
    assert bool(found) is (port is not None)
    assert all(each.open.sure & Traffic.of("tcp", Ports.one(port)) for each in found)
    assert not any(each.open.may & Traffic.of("tcp", Ports.one(22)) for each in found)


def test_a_public_broker_for_rabbitmq(tmp_path):
    """It lies in nobody's network, and only a password guards it."""
    (way,) = ways(tmp_path, "aws_mq_broker.x", aws_mq_broker={"engine_type": "RabbitMQ", "publicly_accessible": True})
    assert way.anybody
    assert way.open.sure & Traffic.of("tcp", Ports.one(5671))
