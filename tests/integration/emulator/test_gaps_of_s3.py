"""Each test here passes with the patch of S3 and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Clients = Callable[..., Any]


@pytest.fixture
def bucket(aws: Clients) -> str:
    """A versioned bucket of its own."""
    name, s3 = f"b-{uuid.uuid4().hex[:8]}", aws("s3", "us-east-1")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def test_a_bucket_tells_that_it_notifies_eventbridge(aws: Clients, bucket: str) -> None:
    """A notification to EventBridge is answered although it has nothing in it."""
    s3 = aws("s3", "us-east-1")
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    assert s3.get_bucket_notification_configuration(Bucket=bucket)["EventBridgeConfiguration"] == {}


def test_eventbridge_is_told_beside_a_queue(aws: Clients, bucket: str) -> None:
    """EventBridge is answered beside whatever else is notified."""
    queue = aws("sqs", "us-east-1").create_queue(QueueName=bucket)["QueueUrl"]
    arn = aws("sqs", "us-east-1").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    s3 = aws("s3", "us-east-1")
    told = {"QueueConfigurations": [{"Id": "q", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration=told | {"EventBridgeConfiguration": {}}
    )
    kept = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert kept["EventBridgeConfiguration"] == {}
    assert kept["QueueConfigurations"][0]["QueueArn"] == arn


def test_replication_keeps_its_filter_and_delete_markers(aws: Clients, bucket: str) -> None:
    """A rule of replication is answered whole."""
    s3 = aws("s3", "us-east-1")
    rule = {
        "ID": "all",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": "images/"},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{bucket}"},
    }
    role = "arn:aws:iam::123456789012:role/replication"
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration={"Role": role, "Rules": [rule]})
    kept = s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]["Rules"][0]
    assert kept["DeleteMarkerReplication"] == {"Status": "Enabled"}
    assert kept["Filter"] == {"Prefix": "images/"}


def test_a_bucket_with_a_delete_marker_can_be_emptied(aws: Clients, bucket: str) -> None:
    """What destroying a versioned bucket does: its object goes, then its versioning, then whatever is left in it."""
    s3 = aws("s3", "us-east-1")
    version = s3.put_object(Bucket=bucket, Key="page", Body=b"x")["VersionId"]
    s3.delete_object(Bucket=bucket, Key="page")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "page", "VersionId": version}]})
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    s3.delete_bucket(Bucket=bucket)


def test_replication_keeps_what_is_encrypted_and_how_fast(aws: Clients, bucket: str) -> None:
    """A rule that copies what a key encrypts, within a time that is measured, is answered as it was put."""
    s3 = aws("s3", "us-east-1")
    minutes = {"Minutes": 15}
    rule = {
        "ID": "west",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {
            "Bucket": f"arn:aws:s3:::{bucket}",
            "EncryptionConfiguration": {"ReplicaKmsKeyID": "arn:aws:kms:us-west-2:123456789012:key/one"},
            "Metrics": {"Status": "Enabled", "EventThreshold": minutes},
            "ReplicationTime": {"Status": "Enabled", "Time": minutes},
        },
    }
    role = "arn:aws:iam::123456789012:role/replication"
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration={"Role": role, "Rules": [rule]})
    assert s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]["Rules"] == [rule]


def test_a_bucket_archives_what_nobody_reads(aws: Clients, bucket: str) -> None:
    """A configuration of intelligent tiering is kept under its id until it is deleted."""
    s3 = aws("s3", "us-east-1")
    wanted = {
        "Id": "unread",
        "Status": "Enabled",
        "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}],
    }
    s3.put_bucket_intelligent_tiering_configuration(Bucket=bucket, Id="unread", IntelligentTieringConfiguration=wanted)
    found = s3.get_bucket_intelligent_tiering_configuration(Bucket=bucket, Id="unread")
    assert found["IntelligentTieringConfiguration"] == wanted
    s3.delete_bucket_intelligent_tiering_configuration(Bucket=bucket, Id="unread")
    with pytest.raises(ClientError, match="NoSuchConfiguration"):
        s3.get_bucket_intelligent_tiering_configuration(Bucket=bucket, Id="unread")
