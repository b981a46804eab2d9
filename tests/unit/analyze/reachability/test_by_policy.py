"""What the internet reaches by a setting or a policy alone, and what of the same kind it does not."""

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
VPC = {"vpc_id": "${aws_vpc.a.id}"}
PUBLIC_NETWORK = {
    "aws_vpc": {"cidr_block": "10.0.0.0/16"},
    "aws_internet_gateway": VPC,
    "aws_route_table": {**VPC, "route": [{"cidr_block": EVERYBODY, "gateway_id": "${aws_internet_gateway.a.id}"}]},
    "aws_subnet": {**VPC, "cidr_block": "10.0.0.0/24"},
    "aws_route_table_association": {
        "subnet_id": "${aws_subnet.a.id}",
        "route_table_id": "${aws_route_table.a.id}",
    },
    "aws_security_group": {
        **VPC,
        "ingress": [{"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": [EVERYBODY]}],
    },
}
GROUPS, SUBNETS = ["${aws_security_group.a.id}"], ["${aws_subnet.a.id}"]


def ways(folder, of, **resources):
    """The ways of the internet to a resource among others."""
    written = {type: {"a": body} for type, body in resources.items()}
    (folder / "main.tf.json").write_text(json.dumps({"resource": written}))
    return exposures_of(facts_of(load_graph([str(folder)], None)[1]), Address(f"/{folder.name}:{of}.a"))


def policy(action, resource="*", **more):
    """A policy with one statement for everybody."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


BY_TOPIC = {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu-west-1:123456789012:t"}}
OF_ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}


@pytest.mark.parametrize(
    ("more", "count"), [({}, 1), ({"Condition": BY_TOPIC}, 0), ({"Condition": OF_ORGANIZATION}, 0)]
)
def test_a_queue_that_takes_from_anybody_is_reached(tmp_path, more, count) -> None:
    """A condition that no stranger meets, such as the topic that sends, closes what the principal opens."""
    body = {
        "queue_url": "${aws_sqs_queue.a.url}",
        "policy": policy("sqs:SendMessage", "${aws_sqs_queue.a.arn}", **more),
    }
    found = ways(tmp_path, "aws_sqs_queue", aws_sqs_queue={"name": "q"}, aws_sqs_queue_policy=body)
    assert len(found) == count
    for way in found:
        assert way.open.sure == Traffic.of("tcp", Ports.one(443))
        assert way.by == (Address(f"/{tmp_path.name}:aws_sqs_queue_policy.a"),)


@pytest.mark.parametrize(
    ("more", "count"), [({}, 1), ({"Condition": {"StringEquals": {"AWS:SourceOwner": "123456789012"}}}, 0)]
)
def test_a_topic_that_tells_anybody_is_reached(tmp_path, more, count) -> None:
    """The policy that a new topic has names everybody, too, and then its own account in a condition."""
    body = {"arn": "${aws_sns_topic.a.arn}", "policy": policy("sns:Subscribe", "${aws_sns_topic.a.arn}", **more)}
    found = ways(tmp_path, "aws_sns_topic", aws_sns_topic={"name": "t"}, aws_sns_topic_policy=body)
    assert len(found) == count


@pytest.mark.parametrize(
    ("domain", "count"),
    [
        ({"access_policies": policy("es:*")}, 1),
        ({"access_policies": policy("es:*", "arn:aws:es:eu-west-1:123456789012:domain/d/*")}, 1),
        ({"access_policies": policy("es:*", Condition={"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}})}, 0),
        ({}, 0),
        ({"access_policies": policy("es:*"), "vpc_options": {"subnet_ids": SUBNETS}}, 0),
    ],
)
def test_a_domain_with_an_open_policy_is_reached(tmp_path, domain, count) -> None:
    """An endpoint outside of networks answers whom the policy lets in; one within none of the internet."""
    body = {"domain_name": "d", **domain}
    found = ways(tmp_path, "aws_opensearch_domain", **PUBLIC_NETWORK, aws_opensearch_domain=body)
    assert len(found) == count


@pytest.mark.parametrize(
    ("type", "body", "count"),
    [
        ("aws_db_snapshot", {"shared_accounts": ["all"]}, 1),
        ("aws_db_snapshot", {"shared_accounts": ["123456789012"]}, 0),
        ("aws_db_snapshot", {}, 0),
        ("aws_db_cluster_snapshot", {"shared_accounts": ["all"]}, 1),
        ("aws_ami_launch_permission", {"image_id": "ami-1", "group": "all"}, 1),
        ("aws_ami_launch_permission", {"image_id": "ami-1", "account_id": "123456789012"}, 0),
    ],
)
def test_what_is_shared_with_all_accounts_is_reached(tmp_path, type, body, count) -> None:
    """An account by its number is no stranger."""
    assert len(ways(tmp_path, type, **{type: body})) == count


@pytest.mark.parametrize(("public", "count"), [(True, 1), (False, 0)])
def test_public_clusters_of_redshift_and_kafka_are_reached(tmp_path, public, count) -> None:
    """Where group and route are open it is their own setting that decides."""
    redshift = {
        "cluster_subnet_group_name": "${aws_redshift_subnet_group.a.name}",
        "vpc_security_group_ids": GROUPS,
        "publicly_accessible": public,
    }
    found = ways(
        tmp_path,
        "aws_redshift_cluster",
        **PUBLIC_NETWORK,
        aws_redshift_subnet_group={"name": "g", "subnet_ids": SUBNETS},
        aws_redshift_cluster=redshift,
    )
    assert [way.open.sure for way in found] == [Traffic.of("tcp", Ports.one(5439))] * count
    own = {"subnet_ids": SUBNETS, "security_group_ids": GROUPS, "publicly_accessible": public}
    found = ways(
        tmp_path,
        "aws_redshiftserverless_workgroup",
        **PUBLIC_NETWORK,
        aws_redshiftserverless_workgroup={"namespace_name": "n", "workgroup_name": "w", **own},
    )
    assert [way.open.sure for way in found] == [Traffic.of("tcp", Ports.one(5439))] * count
    access = {"type": "SERVICE_PROVIDED_EIPS" if public else "DISABLED"}
    nodes = {
        "client_subnets": SUBNETS,
        "security_groups": GROUPS,
        "connectivity_info": {"public_access": access},
    }
    kafka = {"broker_node_group_info": nodes, "client_authentication": {"sasl": {"iam": True}}}
    found = ways(tmp_path, "aws_msk_cluster", **PUBLIC_NETWORK, aws_msk_cluster=kafka)
    assert len(found) == count
    for way in found:
        assert way.open.sure == Traffic.union(Traffic.of("tcp", Ports.one(port)) for port in (9098, 9198))


@pytest.mark.parametrize(("public", "count"), [(True, 1), (False, 0)])
def test_a_cluster_is_reached_whose_servers_are_public(tmp_path, public, count) -> None:
    """Servers of Aurora say themselves whether they have a public address, and are where their cluster is."""
    cluster = {
        "engine": "aurora-mysql",
        "db_subnet_group_name": "${aws_db_subnet_group.a.name}",
        "vpc_security_group_ids": GROUPS,
    }
    server = {"cluster_identifier": "${aws_rds_cluster.a.id}", "engine": "aurora-mysql", "publicly_accessible": public}
    found = ways(
        tmp_path,
        "aws_rds_cluster",
        **PUBLIC_NETWORK,
        aws_db_subnet_group={"name": "g", "subnet_ids": SUBNETS},
        aws_rds_cluster=cluster,
        aws_rds_cluster_instance=server,
    )
    assert len(found) == count


@pytest.mark.parametrize("attached", [True, False])
def test_instances_of_a_group_are_targets_of_its_balancer(tmp_path, attached) -> None:
    """By the group's own argument, or by an attachment."""
    forward = {"type": "forward", "target_group_arn": "${aws_lb_target_group.a.arn}"}
    group = {"min_size": 1, "max_size": 1, "vpc_zone_identifier": SUBNETS, "name": "g"}
    group["launch_configuration"] = "${aws_launch_configuration.a.name}"
    attachment = {"autoscaling_group_name": "${aws_autoscaling_group.a.name}"}
    target = "${aws_lb_target_group.a.arn}"
    open_group = PUBLIC_NETWORK["aws_security_group"]
    everything = {"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": [EVERYBODY]}
    found = ways(
        tmp_path,
        "aws_autoscaling_group",
        **{**PUBLIC_NETWORK, "aws_security_group": {**open_group, "egress": [everything]}},
        aws_launch_configuration={"name": "l", "security_groups": GROUPS, "associate_public_ip_address": False},
        aws_autoscaling_group=group if attached else {**group, "target_group_arns": [target]},
        **({"aws_autoscaling_attachment": {**attachment, "lb_target_group_arn": target}} if attached else {}),
        aws_lb={"subnets": SUBNETS, "security_groups": GROUPS},
        aws_lb_target_group={**VPC, "port": 8080, "protocol": "HTTP"},
        aws_lb_listener={
            "load_balancer_arn": "${aws_lb.a.arn}",
            "port": 80,
            "protocol": "HTTP",
            "default_action": forward,
        },
    )
    assert [way.open.sure for way in found] == [Traffic.of("tcp", Ports.one(8080))]
