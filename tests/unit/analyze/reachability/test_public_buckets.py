"""A bucket is everybody's only where its policy or its list says so, and no block of public access keeps it back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seawall.analyze.reachability.entrances import exposed
from seawall.analyze.reachability.public_buckets import used_by_all
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref
from seawall.kernel.verdict import Answer
from seawall.readers.read import facts_of

BUCKET = Address("r/s:aws_s3_bucket.b")
OFF = dict.fromkeys(("block_public_acls", "block_public_policy", "ignore_public_acls"), False)
OFF["restrict_public_buckets"] = False
ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bb/*"}
INSECURE = {"Bool": {"aws:SecureTransport": "false"}}


def estate(*statements: dict[str, Any], blocks: dict[str, bool] | None = OFF, acl: str = "", account: bool = False):
    """A bucket with a policy of these statements, a block of public access and a list."""
    bodies: dict[str, dict[str, Any]] = {"aws_s3_bucket": {"bucket": "bb"}}
    if statements:
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        bodies["aws_s3_bucket_policy"] = {"bucket": Ref(BUCKET, "id"), "policy": json.dumps(document)}
    if blocks is not None:
        bodies["aws_s3_bucket_public_access_block"] = {"bucket": Ref(BUCKET, "id"), **blocks}
    if acl:
        bodies["aws_s3_bucket_acl"] = {"bucket": Ref(BUCKET, "id"), "acl": acl}
    if account:
        bodies["aws_s3_account_public_access_block"] = {"restrict_public_buckets": True}
    made = (Resource(Address(f"r/s:{type}.b"), type, body, region="r") for type, body in bodies.items())
    return facts_of(Graph(made))


def answer(facts: Facts) -> Answer:
    """Whether everybody may use the bucket."""
    (store,) = facts.all(Store)
    return used_by_all(facts, store).answer


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (estate(), Answer.REFUTED),
        (estate(ALLOW), Answer.PROVEN),
        (estate({**ALLOW, "Resource": "arn:aws:s3:::bb/public/*"}), Answer.UNKNOWN),
        (estate({**ALLOW, "Action": "s3:PutObject"}), Answer.PROVEN),
        (estate({**ALLOW, "Action": "s3:DeleteObject"}), Answer.PROVEN),
        (estate({**ALLOW, "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::bb"}), Answer.PROVEN),
        (estate({**ALLOW, "Action": "s3:ListBucket"}), Answer.REFUTED),
        (estate({**ALLOW, "Action": "s3:GetBucketLocation", "Resource": "arn:aws:s3:::bb"}), Answer.REFUTED),
        (estate({**ALLOW, "Principal": {"Service": "cloudfront.amazonaws.com"}}), Answer.REFUTED),
        (estate({**ALLOW, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}), Answer.REFUTED),
        (estate({**ALLOW, "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}), Answer.REFUTED),
        (estate(ALLOW, {**ALLOW, "Effect": "Deny", "Condition": INSECURE}), Answer.PROVEN),
        (estate(ALLOW, {**ALLOW, "Effect": "Deny"}), Answer.REFUTED),
        (estate(ALLOW, blocks=None), Answer.UNKNOWN),
        (estate(ALLOW, blocks={**OFF, "restrict_public_buckets": True}), Answer.REFUTED),
        (estate(ALLOW, blocks={**OFF, "block_public_policy": True}), Answer.REFUTED),
        (estate(ALLOW, account=True), Answer.REFUTED),
        (estate(acl="public-read"), Answer.PROVEN),
        (estate(acl="private"), Answer.REFUTED),
        (estate(acl="public-read", blocks={**OFF, "ignore_public_acls": True}), Answer.REFUTED),
    ],
)
def test_a_bucket_is_everybodys_where_nothing_keeps_a_stranger_out(facts: Facts, expected: Answer) -> None:
    """The policy is asked on behalf of nobody from nowhere in particular, and the blocks have the last word."""
    assert answer(facts) is expected
    found = [each for each in exposed(facts) if each.thing == BUCKET]
    assert bool(found) is (expected is not Answer.REFUTED)
    assert all(bool(each.open.sure) is (expected is Answer.PROVEN) and each.anybody for each in found)
