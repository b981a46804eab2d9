"""What an accelerator leads to is reached from the internet, be it ever so private."""

from __future__ import annotations

import json

import pytest

from seawall.analyze.reachability.entrances import exposures_of
from seawall.analyze.reachability.traffic import Traffic
from seawall.cli.input import load_graph
from seawall.cli.main import main
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.readers.read import facts_of


def write(folder, *, cidr="0.0.0.0/0", kind="application", enabled=True, override=None, **endpoint):
    """An internal balancer with a group, and an accelerator in front."""
    vpc = {"vpc_id": "${aws_vpc.v.id}"}
    rule = {"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": [cidr]}
    out = {**rule, "cidr_blocks": ["0.0.0.0/0"]}
    group = {
        "listener_arn": "${aws_globalaccelerator_listener.l.id}",
        "endpoint_configuration": {"endpoint_id": "${aws_lb.l.arn}", **endpoint},
    }
    resources = {
        "aws_vpc": {"v": {"cidr_block": "10.0.0.0/16"}},
        "aws_subnet": {"own": {**vpc, "cidr_block": "10.0.1.0/24"}},
        "aws_security_group": {"l": {**vpc, "ingress": [rule], "egress": [out]}},
        "aws_lb": {
            "l": {
                "internal": True,
                "load_balancer_type": kind,
                "subnets": ["${aws_subnet.own.id}"],
                "security_groups": ["${aws_security_group.l.id}"],
            }
        },
        "aws_lb_listener": {
            "l": {
                "load_balancer_arn": "${aws_lb.l.arn}",
                "port": 80,
                "protocol": "HTTP" if kind == "application" else "TCP",
                "default_action": {"type": "fixed-response", "fixed_response": {"status_code": "200"}},
            }
        },
        "aws_globalaccelerator_accelerator": {"a": {"name": "a", "enabled": enabled}},
        "aws_globalaccelerator_listener": {
            "l": {
                "accelerator_arn": "${aws_globalaccelerator_accelerator.a.id}",
                "protocol": "TCP",
                "port_range": {"from_port": 8080 if override else 80, "to_port": 8080 if override else 80},
            }
        },
        "aws_globalaccelerator_endpoint_group": {"g": group | ({"port_override": override} if override else {})},
    }
    (folder / "main.tf.json").write_text(json.dumps({"resource": resources}))


def ways(folder):
    """The ways to the balancer."""
    return exposures_of(facts_of(load_graph([str(folder)], None)[1]), Address(f"/{folder.name}:aws_lb.l"))


@pytest.mark.parametrize(
    ("changed", "sure", "may"),
    [
        ({}, True, True),
        ({"override": {"listener_port": 8080, "endpoint_port": 80}}, True, True),
        ({"cidr": "10.0.0.0/16"}, False, False),
        ({"enabled": False}, False, False),
        ({"cidr": "10.0.0.0/16", "kind": "network"}, False, True),
        ({"cidr": "10.0.0.0/16", "client_ip_preservation_enabled": False}, False, True),
        ({"cidr": "10.0.0.0/16", "kind": "network", "client_ip_preservation_enabled": True}, False, False),
    ],
)
def test_internal_balancer_behind_an_accelerator(tmp_path, changed, sure, may):
    """An internal balancer is reached through an accelerator if its groups let in whom it sees."""
    write(tmp_path, **changed)
    port = Traffic.of("tcp", Ports.one(80))
    found = ways(tmp_path)
    assert any(bool(each.open.may & port) for each in found) is may
    assert any(bool(each.open.sure & port) for each in found) is sure


def test_path_and_list_agree(tmp_path, capsys):
    """The path from the internet is open where the list shows a way through an accelerator."""
    write(tmp_path)
    assert main(["reach", str(tmp_path), "--from", "internet", "--to", "aws_lb.l", "--port", "80"]) == 0
    assert "aws_globalaccelerator_endpoint_group.g" in capsys.readouterr().out
