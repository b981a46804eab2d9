"""Analytics: the way of a record from the stream to a question about it."""

from __future__ import annotations

import pytest

import descriptions
from seawall.components.expand import expand
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, refs

FRAME = descriptions.FRAME.replace("zones: 2", "zones: 3")
EVENTS = "components:\n  events: {kind: stream, class: kafka.m7g.large, topics: [one, two]}\n"
COLUMNS = "analytics: {needs: [events], topic: two, columns: {id: string, at: timestamp}}\n"
TWO = "sites: {tokyo: {region: ap-northeast-1, network: {cidr: 10.1.0.0/16}}}\n"


def made(text: str) -> Graph:
    """A platform with a stream and this."""
    return expand(descriptions.platform(FRAME + EVENTS + text))


@pytest.fixture(scope="module")
def found() -> Graph:
    """A stream that is analysed."""
    return made(COLUMNS)


def test_firehose_may_come_in_and_read_the_one_topic(found: Graph) -> None:
    """The cluster lets it in, its role may read that topic and no other, and nobody outside the account uses it."""
    [delivery] = found.of_type("aws_kinesis_firehose_delivery_stream")
    [cluster] = found.of_type("aws_msk_cluster")
    [source] = delivery.body["msk_source_configuration"]
    assert source["msk_cluster_arn"] == Ref(cluster.address, "arn")
    assert source["topic_name"] == "two"
    [policy] = found.of_type("aws_msk_cluster_policy")
    services = [each["Principal"]["Service"] for each in policy.body["policy"]["Statement"]]
    assert services == ["firehose.amazonaws.com"]
    assert "connectivity_info" in cluster.body["broker_node_group_info"][0]
    statements = descriptions.named(found, "aws_iam_role_policy", "firehose").body["policy"]["Statement"]
    [reading] = [each for each in statements if "kafka-cluster:ReadData" in each["Action"]]
    assert [str(topic).rpartition("/")[2] for topic in reading["Resource"]] == ["two"]
    # Asking for the brokers is about no resource, as AWS's own reference says.
    assert [each["Action"] for each in statements if each["Resource"] == ["*"]] == [["kafka:GetBootstrapBrokers"]]


def test_the_table_says_what_firehose_writes(found: Graph) -> None:
    """Columns and days of the path are the table's, so that nobody has to look for them."""
    [table] = found.of_type("aws_glue_catalog_table")
    [descriptor] = table.body["storage_descriptor"]
    assert [column["name"] for column in descriptor["columns"]] == ["id", "at"]
    [delivery] = found.of_type("aws_kinesis_firehose_delivery_stream")
    [files] = delivery.body["extended_s3_configuration"]
    for part in table.body["partition_keys"]:
        assert f"{part['name']}=!{{timestamp:" in files["prefix"]
        assert f"projection.{part['name']}.type" in table.body["parameters"]
    assert str(descriptor["location"]).endswith(files["prefix"].partition("/")[0] + "/")
    assert files["buffering_size"] >= 64


def test_a_question_has_a_limit_and_its_answer_a_key(found: Graph) -> None:
    """Nobody reads the whole archive by accident, or leaves an answer in the open."""
    [workgroup] = found.of_type("aws_athena_workgroup")
    [configuration] = workgroup.body["configuration"]
    assert configuration["enforce_workgroup_configuration"] is True
    assert configuration["bytes_scanned_cutoff_per_query"] == 10 * 2**30
    [result] = configuration["result_configuration"]
    assert result["encryption_configuration"][0]["kms_key_arn"].to in found.resources


def test_every_reference_names_what_exists(found: Graph) -> None:
    """Delivery, table and role are of one piece."""
    for resource in found:
        for ref in refs(resource.body):
            assert ref.to in found.resources, (resource.address, ref)


def test_records_are_written_once() -> None:
    """The site's stream is a copy of home's: only home's is analysed."""
    found = made(COLUMNS + TWO)
    assert len(list(found.of_type("aws_kinesis_firehose_delivery_stream"))) == 1
    [policy] = found.of_type("aws_msk_cluster_policy")
    services = [each["Principal"]["Service"] for each in policy.body["policy"]["Statement"]]
    assert services == ["kafka.amazonaws.com", "firehose.amazonaws.com"]


@pytest.mark.parametrize(
    ("analytics", "said"),
    [
        ("{columns: {id: string}}", "needs a stream"),
        ("{needs: [events], topic: three, columns: {id: string}}", "does not have"),
        ("{needs: [events], columns: {year: int}}", "divided already"),
        ("{needs: [events], columns: {id: string}, kept: 30 d}", "stay for longer"),
    ],
)
def test_what_makes_no_sense_is_refused(analytics: str, said: str) -> None:
    """The mistake is named before anything is rendered."""
    with pytest.raises(InputError, match=said):
        made(f"analytics: {analytics}\n")
