"""Buckets as every component makes them: closed to the public, encrypted, spoken to over TLS only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seawall.components.policy import document
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, text

LOG_VERSIONS = 7
"""Days for which a deleted log can still be had: whoever breaks in deletes what tells of it. Nobody overwrites one."""


def bucket(
    scope: Scope,
    name: str,
    *,
    purpose: str,
    region: str | None = None,
    statements: Sequence[Mapping[str, Any]] = (),
    expires_after: int | None = None,
    versions: int | None = None,
    takes_acls: bool = False,
    emptied: bool = False,
    key: Ref | None = None,
    moves: Sequence[tuple[int, str]] = (),
    policy_stack: str | None = None,
) -> Iterator[Resource]:
    """A bucket and everything around it.

    ``name`` is its Terraform name, ``purpose`` the end of its own; ``statements`` stand in its policy beside the one
    that refuses plain HTTP; ``expires_after`` is in days, and ``versions`` says for how many what was overwritten or
    deleted can still be had. ``takes_acls`` is for the one writer that insists on access
    control lists, CloudFront's standard logs; ``emptied`` says that what it holds goes with it. ``key`` is the ARN of
    the key that encrypts it, by default S3's own; ``moves`` are (days, storage class); ``policy_stack`` is where its
    policy lies, if it names what comes after the bucket.
    """
    called = scope.global_name(purpose)
    arn = scope.ref("aws_s3_bucket", name, "arn")
    it = scope.ref("aws_s3_bucket", name, "id")
    yield scope.aws("aws_s3_bucket", name, {"bucket": called, "force_destroy": emptied}, region=region, called=called)
    closed = {
        "bucket": it,
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": True,
    }
    yield scope.aws("aws_s3_bucket_public_access_block", name, closed, region=region)
    ownership = "BucketOwnerPreferred" if takes_acls else "BucketOwnerEnforced"
    owned = {"bucket": it, "rule": [{"object_ownership": ownership}]}
    yield scope.aws("aws_s3_bucket_ownership_controls", name, owned, region=region)
    # Load balancers and S3's own logs can write only to buckets that S3 encrypts with keys of its own.
    algorithm: dict[str, Any] = {"sse_algorithm": "AES256"}
    if key is not None:
        algorithm = {"sse_algorithm": "aws:kms", "kms_master_key_id": key}
    encryption: dict[str, Any] = {"apply_server_side_encryption_by_default": [algorithm]}
    if key is not None:
        # One key of the bucket's own for a while, instead of a call to KMS for every object.
        encryption["bucket_key_enabled"] = True
    encrypted = {"bucket": it, "rule": [encryption]}
    yield scope.aws("aws_s3_bucket_server_side_encryption_configuration", name, encrypted, region=region)
    if versions is not None:
        kept = {"bucket": it, "versioning_configuration": [{"status": "Enabled"}]}
        yield scope.aws("aws_s3_bucket_versioning", name, kept, region=region)
    rule: dict[str, Any] = {
        "id": "tidy",
        "status": "Enabled",
        "filter": [{"prefix": ""}],
        "abort_incomplete_multipart_upload": [{"days_after_initiation": 7}],
    }
    if moves:
        rule["transition"] = [{"days": days, "storage_class": storage} for days, storage in moves]
    if expires_after is not None:
        rule["expiration"] = [{"days": expires_after}]
    if versions is not None:
        rule["noncurrent_version_expiration"] = [{"noncurrent_days": versions}]
    if expires_after is not None or versions is not None or moves:
        yield scope.aws("aws_s3_bucket_lifecycle_configuration", name, {"bucket": it, "rule": [rule]}, region=region)
    refused = {
        "Sid": "RefusePlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, text(arn, "/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"bucket": it, "policy": document(*statements, refused)}
    # S3 refuses two changes of one bucket at the same time; a stack above comes after all of them.
    before = [closed_by(scope, name)] if policy_stack is None else []
    yield scope.aws("aws_s3_bucket_policy", name, policy, region=region, stack=policy_stack, depends_on=before)


def closed_by(scope: Scope, name: str) -> Address:
    """The address of what closes a bucket to the public."""
    return scope.address("aws_s3_bucket_public_access_block", name)
