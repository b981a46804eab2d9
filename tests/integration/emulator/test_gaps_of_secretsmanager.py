"""Each test here passes with the patch of Secrets Manager and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

Clients = Callable[..., Any]


def test_a_copy_of_a_secret_has_the_key_it_was_asked_for(aws: Clients) -> None:
    """A copy in another region is encrypted with that region's key where one is named, and readable there."""
    name, key = f"s-{uuid.uuid4().hex[:8]}", f"arn:aws:kms:ap-northeast-1:123456789012:key/{uuid.uuid4()}"
    aws("secretsmanager").create_secret(
        Name=name, SecretString="x", AddReplicaRegions=[{"Region": "ap-northeast-1", "KmsKeyId": key}]
    )
    (copy,) = aws("secretsmanager").describe_secret(SecretId=name)["ReplicationStatus"]
    assert (copy["Region"], copy["KmsKeyId"]) == ("ap-northeast-1", key)
    assert aws("secretsmanager", "ap-northeast-1").get_secret_value(SecretId=name)["SecretString"] == "x"


def test_the_policy_of_a_copy_can_be_read(aws: Clients) -> None:
    """A copy answers with its own ARN and the policy of what it is a copy of."""
    name = f"s-{uuid.uuid4().hex[:8]}"
    aws("secretsmanager").create_secret(Name=name, SecretString="x", AddReplicaRegions=[{"Region": "ap-northeast-1"}])
    policy = '{"Version": "2012-10-17", "Statement": []}'
    aws("secretsmanager").put_resource_policy(SecretId=name, ResourcePolicy=policy)
    found = aws("secretsmanager", "ap-northeast-1").get_resource_policy(SecretId=name)
    assert (found["ARN"].split(":")[3], found["ResourcePolicy"]) == ("ap-northeast-1", policy)
