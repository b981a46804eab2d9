"""Each test here passes with the patch of IAM and fails on plain moto."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

Clients = Callable[..., Any]


def test_a_deny_of_plain_http_lets_objects_be_read(aws: Clients) -> None:
    """A bucket policy that denies requests without TLS denies nothing else."""
    s3 = aws("s3", "us-east-1")
    bucket = f"b-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="page", Body=b"away")
    refused = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [refused]}))
    assert s3.head_object(Bucket=bucket, Key="page")["ContentLength"] == 4
