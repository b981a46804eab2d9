"""Each test here passes with the patch of MSK and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

Clients = Callable[..., Any]

BROKERS = {"InstanceType": "kafka.t3.small", "ClientSubnets": ["subnet-a", "subnet-b"], "SecurityGroups": ["sg-a"]}


@pytest.fixture
def kafka(aws: Clients) -> Any:
    """The client of MSK."""
    return aws("kafka")


@pytest.fixture
def cluster(kafka: Any) -> str:
    """The ARN of a cluster that clients reach with IAM over TLS."""
    made = kafka.create_cluster(
        ClusterName=f"c-{uuid.uuid4().hex[:8]}",
        KafkaVersion="3.8.x",
        NumberOfBrokerNodes=2,
        BrokerNodeGroupInfo=BROKERS,
        ClientAuthentication={"Sasl": {"Iam": {"Enabled": True}}},
    )
    return made["ClusterArn"]


def test_a_cluster_becomes_active(kafka: Any, cluster: str) -> None:
    """A cluster is active, encrypted in transit, and has nothing that was not asked for."""
    found = kafka.describe_cluster_v2(ClusterArn=cluster)["ClusterInfo"]
    assert found["State"] == "ACTIVE"
    assert found["Provisioned"]["EncryptionInfo"]["EncryptionInTransit"]["ClientBroker"] == "TLS"
    assert "LoggingInfo" not in found["Provisioned"]
    assert "ConfigurationArn" not in found["Provisioned"]["CurrentBrokerSoftwareInfo"]


def test_a_cluster_made_by_the_second_api_keeps_its_settings(kafka: Any) -> None:
    """The newer way to make a cluster loses nothing that the older one keeps."""
    made = kafka.create_cluster_v2(
        ClusterName=f"c-{uuid.uuid4().hex[:8]}",
        Provisioned={
            "KafkaVersion": "3.8.x",
            "NumberOfBrokerNodes": 2,
            "BrokerNodeGroupInfo": BROKERS,
            "EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": "TLS_PLAINTEXT", "InCluster": True}},
            "ClientAuthentication": {"Unauthenticated": {"Enabled": True}},
        },
    )
    found = kafka.describe_cluster_v2(ClusterArn=made["ClusterArn"])["ClusterInfo"]["Provisioned"]
    assert found["EncryptionInfo"]["EncryptionInTransit"]["ClientBroker"] == "TLS_PLAINTEXT"
    assert found["ClientAuthentication"]["Unauthenticated"] == {"Enabled": True}


def test_a_cluster_has_bootstrap_brokers(kafka: Any, cluster: str) -> None:
    """Clients find the brokers, on the ports of the ways in that are open and on no others."""
    found = kafka.get_bootstrap_brokers(ClusterArn=cluster)
    assert [host.rpartition(":")[2] for host in found["BootstrapBrokerStringSaslIam"].split(",")] == ["9098", "9098"]
    assert "BootstrapBrokerString" not in found


def test_a_cluster_is_opened_to_other_regions(kafka: Any, cluster: str) -> None:
    """Private connectivity is put on once a cluster is made; the operation ends; the policy of who may come stays."""
    opened = {"Sasl": {"Iam": {"Enabled": True}}}
    done = kafka.update_connectivity(
        ClusterArn=cluster,
        CurrentVersion="K1",
        ConnectivityInfo={"VpcConnectivity": {"ClientAuthentication": opened}},
    )
    operation = kafka.describe_cluster_operation(ClusterOperationArn=done["ClusterOperationArn"])
    assert operation["ClusterOperationInfo"]["OperationState"] == "UPDATE_COMPLETE"
    brokers = kafka.describe_cluster_v2(ClusterArn=cluster)["ClusterInfo"]["Provisioned"]["BrokerNodeGroupInfo"]
    assert brokers["ConnectivityInfo"]["VpcConnectivity"]["ClientAuthentication"] == opened
    kafka.put_cluster_policy(ClusterArn=cluster, Policy='{"Version": "2012-10-17", "Statement": []}')
    assert "2012-10-17" in kafka.get_cluster_policy(ClusterArn=cluster)["Policy"]
    kafka.delete_cluster_policy(ClusterArn=cluster)


def test_a_cluster_that_is_gone_is_not_found(kafka: Any, cluster: str) -> None:
    """Whoever waits for a cluster to be deleted sees it go."""
    kafka.delete_cluster(ClusterArn=cluster)
    with pytest.raises(kafka.exceptions.NotFoundException):
        kafka.describe_cluster_v2(ClusterArn=cluster)


def test_a_configuration_lives(kafka: Any) -> None:
    """A configuration is made, gets a second revision, and is deleted."""
    made = kafka.create_configuration(
        Name=f"c-{uuid.uuid4().hex[:8]}", KafkaVersions=["3.8.x"], ServerProperties=b"min.insync.replicas=1"
    )
    kafka.update_configuration(Arn=made["Arn"], ServerProperties=b"min.insync.replicas=2")
    assert kafka.describe_configuration(Arn=made["Arn"])["LatestRevision"]["Revision"] == 2
    revisions = [kafka.describe_configuration_revision(Arn=made["Arn"], Revision=number) for number in (1, 2)]
    assert [each["ServerProperties"] for each in revisions] == [b"min.insync.replicas=1", b"min.insync.replicas=2"]
    assert made["Arn"] in [each["Arn"] for each in kafka.list_configurations()["Configurations"]]
    kafka.delete_configuration(Arn=made["Arn"])
    with pytest.raises(kafka.exceptions.BadRequestException):
        kafka.describe_configuration(Arn=made["Arn"])
