"""The host of an API of AWS is reached by an endpoint of the network that answers for it, or over the internet."""

from __future__ import annotations

import json

import pytest

from seawall.analyze.reachability.ends import ends
from seawall.analyze.reachability.over_internet import any_path
from seawall.cli.input import load_graph
from seawall.facts.demands import Reach
from seawall.kernel.address import Address
from seawall.readers.read import facts_of

VPC = {"vpc_id": "${aws_vpc.v.id}"}


def verdict(folder, host, endpoint=None, *, out="0.0.0.0/0", source="10.0.0.0/16"):
    """Whether a machine without a way to the internet reaches a host."""
    egress = {"from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": [out]}
    let = {"from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": [source]}
    resources = {
        "aws_vpc": {"v": {"cidr_block": "10.0.0.0/16", "enable_dns_hostnames": True}},
        "aws_subnet": {"s": {**VPC, "cidr_block": "10.0.1.0/24"}},
        "aws_route_table": {"t": VPC},
        "aws_route_table_association": {
            "s": {"subnet_id": "${aws_subnet.s.id}", "route_table_id": "${aws_route_table.t.id}"}
        },
        "aws_security_group": {"x": {**VPC, "egress": [egress]}, "e": {**VPC, "ingress": [let]}},
        "aws_instance": {
            "x": {"subnet_id": "${aws_subnet.s.id}", "vpc_security_group_ids": ["${aws_security_group.x.id}"]}
        },
    }
    if endpoint is not None:
        resources["aws_vpc_endpoint"] = {"e": {**VPC, **endpoint}}
    (folder / "main.tf.json").write_text(
        json.dumps({"provider": {"aws": {"region": "us-east-1"}}, "resource": resources})
    )
    facts = facts_of(load_graph([str(folder)], None)[1])
    (machine,) = [each for each in ends(facts, "source") if each.endswith("aws_instance.x")]
    return str(any_path(facts, Reach(machine, Address.host(host), 443)).verdict.answer)


GATE = {
    "service_name": "com.amazonaws.us-east-1.s3",
    "vpc_endpoint_type": "Gateway",
    "route_table_ids": ["${aws_route_table.t.id}"],
}
DOOR = {
    "service_name": "com.amazonaws.us-east-1.sqs",
    "vpc_endpoint_type": "Interface",
    "private_dns_enabled": True,
    "subnet_ids": ["${aws_subnet.s.id}"],
    "security_group_ids": ["${aws_security_group.e.id}"],
}
S3, SQS = "s3.us-east-1.amazonaws.com", "sqs.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("host", "endpoint", "more", "answer"),
    [
        (S3, GATE, {}, "proven"),
        (S3, GATE, {"out": "10.0.0.0/16"}, "refuted"),
        (S3, {**GATE, "route_table_ids": []}, {}, "refuted"),
        (SQS, DOOR, {}, "proven"),
        (SQS, DOOR, {"source": "10.9.0.0/16"}, "refuted"),
        (SQS, {**DOOR, "private_dns_enabled": False}, {}, "refuted"),
        (SQS, GATE, {}, "refuted"),
        (S3, None, {}, "refuted"),
        ("www.example.com", GATE, {}, "unknown"),
    ],
)
def test_an_api_is_reached_by_what_answers_for_it(tmp_path, host, endpoint, more, answer) -> None:
    """A machine that cannot leave its network reaches an API by an endpoint for that one, which lets it in."""
    assert verdict(tmp_path, host, endpoint, **more) == answer
