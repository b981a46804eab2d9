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
