"""A stream: who may do what with it, what keeps its records, and how they come to another region."""

from __future__ import annotations

import re
from typing import Any

import pytest

import descriptions
from seawall.components.expand import expand
from seawall.facts.data import Replicates
from seawall.graph.graph import Graph
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref
from seawall.readers.read import facts_of

FRAME = descriptions.FRAME.replace("zones: 2", "zones: 3")
STREAM = "  events: {kind: stream, class: kafka.m7g.large, topics: [shop-events, shop.audit]}\n"
SHOP = "  shop: {kind: service, image: shop, framework: spring, needs: [events]}\n"
TWO = "sites: {tokyo: {region: ap-northeast-1, network: {cidr: 10.1.0.0/16}}}\n"


def made(text: str, frame: str = FRAME) -> Graph:
    """The graph of a frame with three zones and these components."""
    return expand(descriptions.platform(frame + text))


@pytest.fixture(scope="module")
def found() -> Graph:
    """A stream and a service that needs it, in one region."""
    return made("components:\n" + STREAM + SHOP)


@pytest.fixture(scope="module")
def twice() -> Graph:
    """The same in two regions."""
    return made("components:\n" + STREAM + SHOP + TWO)


def _at(found: Graph, region: str, type: str, name: str) -> Any:
    [one] = [
        each for each in found.of_type(type) if each.address == Address.terraform(region, "data", f"{type}.{name}")
    ]
    return one.body


def test_brokers_take_signed_requests_over_tls_alone(found: Graph) -> None:
    """No password anywhere, no listener without TLS, no public address, everything encrypted with a key of its own."""
    [cluster] = found.of_type("aws_msk_cluster")
    assert cluster.body["client_authentication"] == [{"sasl": [{"iam": True}]}]
    [encryption] = cluster.body["encryption_info"]
    assert encryption["encryption_in_transit"] == [{"client_broker": "TLS", "in_cluster": True}]
    assert encryption["encryption_at_rest_kms_key_arn"].to in found.resources
    assert "connectivity_info" not in cluster.body["broker_node_group_info"][0]


def test_one_broker_may_be_away_without_loss(found: Graph) -> None:
    """Three copies, two of them insisted on, and topics only where somebody made one."""
    [configuration] = found.of_type("aws_msk_configuration")
    settings = dict(line.split("=") for line in configuration.body["server_properties"].splitlines())
    assert settings["default.replication.factor"] == "3"
    assert settings["min.insync.replicas"] == "2"
    assert settings["auto.create.topics.enable"] == "false"
    assert settings["unclean.leader.election.enable"] == "false"
    assert settings["compression.type"] == "lz4"


def test_a_consumer_may_use_the_topics_and_groups_of_its_own(found: Graph) -> None:
    """Connecting to this cluster, the named topics, and groups that begin with the consumer's name: no star beyond."""
    policy = descriptions.named(found, "aws_iam_role_policy", "shop").body["policy"]
    allowed = {
        action: [str(resource) for resource in statement["Resource"]]
        for statement in policy["Statement"]
        for action in statement["Action"]
    }
    assert len(allowed["kafka-cluster:Connect"]) == 1
    assert [topic.rpartition("/")[2] for topic in allowed["kafka-cluster:WriteData"]] == ["shop-events", "shop.audit"]
    assert [group.rpartition("/")[2] for group in allowed["kafka-cluster:AlterGroup"]] == ["shop*"]
    assert not [action for action in allowed if "Delete" in action or "AlterTopic" in action]


def test_spring_is_told_where_the_brokers_are_and_how_to_sign(found: Graph) -> None:
    """The address is the cluster's own, for clients of IAM; the consumer's group is one that it may use."""
    workload = descriptions.named(found, "apps/v1/Deployment", "shop").body
    [container] = workload["spec"]["template"]["spec"]["containers"]
    variables = {each["name"]: each.get("value") for each in container["env"]}
    [cluster] = found.of_type("aws_msk_cluster")
    assert variables["SPRING_KAFKA_BOOTSTRAPSERVERS"] == Ref(cluster.address, "bootstrap_brokers_sasl_iam")
    assert variables["KAFKA_BOOTSTRAP_SERVERS"] == variables["SPRING_KAFKA_BOOTSTRAPSERVERS"]
    assert variables["SPRING_KAFKA_PROPERTIES_SASL_MECHANISM"] == "AWS_MSK_IAM"
    assert variables["SPRING_KAFKA_CONSUMER_GROUPID"] == "shop"


def test_storage_grows_and_terraform_does_not_shrink_it(found: Graph) -> None:
    """A full broker takes no records; what has grown stays grown."""
    [target] = found.of_type("aws_appautoscaling_target")
    assert target.body["max_capacity"] == 500
    [cluster] = found.of_type("aws_msk_cluster")
    [grown] = cluster.meta["lifecycle"]["ignore_changes"]
    assert grown.endswith("volume_size")


def test_brokers_are_spread_evenly() -> None:
    """MSK refuses three brokers for two zones, which is what a document may ask for."""
    with pytest.raises(InputError, match=r"3 brokers for 2 zones.*\n.*have 2 or 4 brokers, or 3 zones"):
        made("components:\n" + STREAM, descriptions.FRAME)


def test_a_site_gets_the_records_of_home(twice: Graph) -> None:
    """A replicator at the site, from home to there, under the same names, and home lets MSK's replicators in."""
    [replicator] = twice.of_type("aws_msk_replicator")
    assert replicator.region == "ap-northeast-1"
    [info] = replicator.body["replication_info_list"]
    assert info["topic_replication"][0]["topics_to_replicate"] == ["shop-events", r"shop\.audit"]
    assert all(re.fullmatch(each, name) for each, name in zip(
        info["topic_replication"][0]["topics_to_replicate"], ("shop-events", "shop.audit"), strict=True
    ))  # fmt: skip
    [copy] = facts_of(twice).all(Replicates)
    assert str(copy.source).startswith("ap-northeast-2/")
    assert str(copy.target).startswith("ap-northeast-1/")
    home = _at(twice, "ap-northeast-2", "aws_msk_cluster", "events")["broker_node_group_info"][0]
    assert home["connectivity_info"][0]["vpc_connectivity"][0]["client_authentication"] == [{"sasl": [{"iam": True}]}]
    [policy] = twice.of_type("aws_msk_cluster_policy")
    assert policy.region == "ap-northeast-2"


def test_stacks_of_two_regions_do_not_wait_for_each_other(twice: Graph) -> None:
    """The site's stack needs home's and home's needs nothing of the site: either can be made after the other."""
    from seawall.kernel.value import refs

    for resource in twice:
        if resource.is_terraform and resource.address.startswith("ap-northeast-2/"):
            assert not [ref for ref in refs(resource.body) if ref.to.startswith("ap-northeast-1/")], resource.address


def test_brokers_that_no_replicator_reaches_are_refused() -> None:
    """A t3.small has no private connectivity; AWS says so in the midst of an apply."""
    with pytest.raises(InputError, match=r"read from outside its network"):
        made("components:\n" + STREAM.replace("m7g.large", "t3.small") + TWO)
