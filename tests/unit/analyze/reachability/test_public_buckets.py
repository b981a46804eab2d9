"""A bucket is reached by everybody where its policy or list says so, and nothing blocks that."""

from __future__ import annotations

import json

import pytest

from seawall.analyze.reachability.entrances import exposed
from seawall.cli.input import load_graph
from seawall.readers.read import facts_of

EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
RANGE = {**EVERYBODY, "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
REFERRED = {**EVERYBODY, "Condition": {"StringLike": {"aws:Referer": "https://www.example.com/*"}}}
ENDPOINT = {**EVERYBODY, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}
ACCOUNT = {**EVERYBODY, "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}
ONLY_TLS = {**EVERYBODY, "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
DENIED = {**ENDPOINT, "Effect": "Deny", "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}
OPEN = {"block_public_policy": False, "restrict_public_buckets": False}


def reached(folder, *statements, block=None, acl=None):
    """How surely everybody reaches a bucket: ``sure``, ``perhaps`` or not at all."""
    here = {"bucket": "${aws_s3_bucket.b.id}"}
    resources = {
        "aws_s3_bucket": {"b": {"bucket": "b"}},
        "aws_s3_bucket_policy": {
            "b": {**here, "policy": json.dumps({"Version": "2012-10-17", "Statement": statements})}
        },
    }
    if block is not None:
        resources["aws_s3_bucket_public_access_block"] = {"b": {**here, **block}}
    if acl is not None:
        resources["aws_s3_bucket_acl"] = {"b": {**here, "acl": acl}}
    (folder / "main.tf.json").write_text(json.dumps({"resource": resources}))
    found = exposed(facts_of(load_graph([str(folder)], None)[1]))
    assert all(each.anybody for each in found)
    return "sure" if any(each.open.sure for each in found) else "perhaps" if found else "not"


@pytest.mark.parametrize(
    ("statements", "block", "how"),
    [
        ([EVERYBODY], OPEN, "sure"),
        ([EVERYBODY, ONLY_TLS], OPEN, "sure"),
        ([REFERRED], OPEN, "sure"),  # anybody may say where he comes from
        ([EVERYBODY], None, "perhaps"),  # the account's block, or that of new buckets
        ([EVERYBODY, DENIED], OPEN, "perhaps"),
        ([EVERYBODY], {**OPEN, "block_public_policy": True}, "perhaps"),
        ([EVERYBODY], {**OPEN, "restrict_public_buckets": True}, "not"),
        ([RANGE], OPEN, "not"),
        ([ENDPOINT], OPEN, "not"),
        ([ACCOUNT], OPEN, "not"),
    ],
)
def test_a_policy_opens_a_bucket_unless_it_asks_or_is_blocked(tmp_path, statements, block, how) -> None:
    """Everybody is let in by a statement for everybody alone, and by none that the block undoes."""
    assert reached(tmp_path, *statements, block=block) == how


@pytest.mark.parametrize(
    ("acl", "block", "how"),
    [
        ("public-read", OPEN, "sure"),
        ("public-read", {**OPEN, "ignore_public_acls": True}, "not"),
        ("public-read", None, "perhaps"),
        ("private", OPEN, "not"),
    ],
)
def test_a_list_opens_a_bucket_unless_it_is_ignored(tmp_path, acl, block, how) -> None:
    """A list for everybody lets everybody in, unless the block says that such lists are ignored."""
    assert reached(tmp_path, ACCOUNT, block=block, acl=acl) == how
