"""IAM-101 says that somebody may do everything only where that is so."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from seawall.check.engine import examine
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.readers.read import facts_of

ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
LATER = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
WHOLE = "eu-west-1/shop:aws_iam_policy.it allows every action on every resource"
BUT = f"{WHOLE} but what its own Deny statements take away"


def said(*statements: dict[str, Any]) -> list[str]:
    """What the rule says of a policy of these statements."""
    body = {"name": "it", "policy": {"Version": "2012-10-17", "Statement": list(statements)}}
    address = Address.terraform("eu-west-1", "shop", "aws_iam_policy.it")
    graph = Graph([Resource(address, "aws_iam_policy", body, region="eu-west-1")])
    found = examine(graph, facts_of(graph), waivers=(), as_of=date(2026, 11, 21)).findings
    return [finding.detail.splitlines()[0] for finding in found if finding.rule == "IAM-101"]


@pytest.mark.parametrize(
    ("deny", "expected"),
    [
        ({"NotAction": ["s3:*", "kms:*"], "Resource": "*"}, []),
        ({"Action": "*", "NotResource": "arn:aws:s3:::b"}, []),
        ({"NotAction": ["s3:*", "kms:*"], "Resource": "*", "Condition": LATER}, [BUT]),
        ({"NotAction": ["s3:*", "*"], "Resource": "*"}, [BUT]),
        ({"NotAction": ["s3:*"], "Resource": "arn:aws:s3:::b"}, [BUT]),
        ({"Action": "s3:*", "NotResource": "arn:aws:s3:::b"}, [BUT]),
        ({"Action": "iam:*", "Resource": "*"}, [BUT]),
    ],
)
def test_what_a_policy_denies_itself_is_not_called_allowed(deny: dict[str, Any], expected: list[str]) -> None:
    """A Deny of all but some leaves some; any other leaves the finding, which says that there is one."""
    assert said(ALL, {"Effect": "Deny", **deny}) == expected
    assert said(ALL) == [WHOLE]
