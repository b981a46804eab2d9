"""Each test here passes with the patch of KMS and fails on plain moto."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Clients = Callable[..., Any]


def test_a_key_keeps_its_period_of_rotation(aws: Clients) -> None:
    """The period is answered as given, and is a year where none was given."""
    kms = aws("kms")
    keys = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2)]
    kms.enable_key_rotation(KeyId=keys[0], RotationPeriodInDays=180)
    kms.enable_key_rotation(KeyId=keys[1])
    assert [kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] for key in keys] == [180, 365]


def test_a_replica_leaves_the_primary_as_it_is(aws: Clients) -> None:
    """After a replica was made and read, the primary is still the primary."""
    kms = aws("kms")
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion="us-east-1")
    kinds = [
        client.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]["MultiRegionKeyType"]
        for client in (aws("kms", "us-east-1"), kms)
    ]
    assert kinds == ["REPLICA", "PRIMARY"]


def test_a_replica_has_what_it_was_given(aws: Clients) -> None:
    """A replica has its own description, tags and aliases."""
    kms, there = aws("kms"), aws("kms", "us-east-1")
    key = kms.create_key(MultiRegion=True, Description="primary")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=f"alias/{key}", TargetKeyId=key)
    tag = {"TagKey": "a", "TagValue": "1"}
    kms.replicate_key(KeyId=key, ReplicaRegion="us-east-1", Description="replica", Tags=[tag])
    assert there.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "replica"
    assert there.list_resource_tags(KeyId=key)["Tags"] == [tag]
    assert there.list_aliases(KeyId=key)["Aliases"] == []
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "primary"


def test_a_key_that_aws_makes_is_managed_by_aws(aws: Clients) -> None:
    """The key of a service is made by AWS when it is first used, and says so."""
    assert aws("kms").describe_key(KeyId="alias/aws/rds")["KeyMetadata"]["KeyManager"] == "AWS"
