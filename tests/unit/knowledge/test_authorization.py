"""The Service Authorization Reference as it is looked up: names, kinds of resources, patterns, suggestions."""

from __future__ import annotations

import re

import pytest

from seawall.knowledge import authorization


def test_an_action_is_found_whatever_its_case() -> None:
    """IAM compares actions without case, and the answer has IAM's own spelling."""
    found = authorization.action("S3:getobject")
    assert found is not None
    assert found.name == "s3:GetObject"
    assert (found.service, found.levels, found.writes) == ("s3", ("Read",), False)
    assert found is authorization.action("S3:getobject")


@pytest.mark.parametrize("name", ["", "s3", "s3:", ":GetObject", "s3:Get*", "../../x:y", "nosuch:Get", "s3:No:Such"])
def test_what_is_no_action_is_none(name: str) -> None:
    """Nothing that a policy may hold by mistake is an error, nor a path into the data."""
    assert authorization.action(name) is None
    assert not authorization.exists(name)


def test_levels_that_are_two_are_two() -> None:
    """The reference writes "Tagging, Write"; changing tags changes something."""
    found = authorization.action("sqs:TagQueue")
    assert found is not None
    assert set(found.levels) == {"Tagging", "Write"}
    assert found.writes


@pytest.mark.parametrize(
    ("name", "arn", "kind"),
    [
        ("s3:GetObject", "arn:aws:s3:::bucket/a/b", "object"),
        ("s3:ListBucket", "arn:aws:s3:::bucket", "bucket"),
        ("s3:ListBucket", "arn:aws:s3:::bucket/*", None),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a/b-*", "Secret"),
        ("dynamodb:Query", "arn:aws:dynamodb:eu-west-1:123456789012:table/t/index/i", "index"),
        ("sqs:SendMessage", "arn:aws:sns:eu-west-1:123456789012:topic", None),
        ("logs:PutLogEvents", "arn:aws:logs:eu-west-1:123456789012:log-group:/a/b:log-stream:*", "log-stream"),
    ],
)
def test_the_kind_of_an_arn(name: str, arn: str, kind: str | None) -> None:
    """An ARN is of a kind that its action is about, or of none: an object is no bucket."""
    found = authorization.action(name)
    assert found is not None
    target = found.target(arn)
    assert (target.type.name if target else None) == kind


def test_an_action_without_targets_is_about_no_resource() -> None:
    """A policy must name ``*`` for it."""
    found = authorization.action("logs:DescribeLogGroups")
    assert found is not None
    assert found.targets == ()


def test_keys_are_those_of_the_action_and_of_what_it_is_about() -> None:
    """A condition on a key that is neither there can never match."""
    found = authorization.action("s3:ListBucket")
    assert found is not None
    assert {"s3:prefix", "aws:ResourceTag/${TagKey}"} <= found.every_key
    assert "s3:x-amz-acl" not in found.every_key
    assert authorization.condition_keys("s3")["s3:prefix"] == "String"
    assert authorization.condition_keys("nosuch") == {}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("ssm:GetParameter", ["ssm:GetParameter"]),
        ("ssm:getparameters*", ["ssm:GetParameters", "ssm:GetParametersByPath"]),
        ("sqs:???dMessage", ["sqs:SendMessage"]),
        ("ss?:GetParameter", ["ssm:GetParameter"]),
        ("nosuch:*", []),
        ("s3:Get[a-z]*", []),
    ],
)
def test_patterns_cover_what_iam_says(pattern: str, expected: list[str]) -> None:
    """A star is any text and a question mark one character; nothing else of a pattern is special."""
    assert list(authorization.actions(pattern)) == expected


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("s3:GetObjekt", "s3:GetObject"),
        ("s3:GetObject", "s3:GetObject"),
        ("secretmanager:GetSecretValue", "secretsmanager:GetSecretValue"),
        ("dynamo:PutItem", "dynamodb:PutItem"),
        ("elb:DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancers"),
        ("kafka:Connect", "kafka-cluster:Connect"),
        ("cloudwatch:PutLogEvents", "logs:PutLogEvents"),
        ("s3:ListObjectsV2", "s3:ListBucket"),
        ("s3:HeadObject", "s3:GetObject"),
        ("lambda:Invoke", "lambda:InvokeFunction"),
        ("foo:Bar", None),
        ("", None),
    ],
)
def test_the_nearest_action(written: str, meant: str | None) -> None:
    """Whoever misspells an action, its service or takes an operation for one, is told what it is called."""
    assert authorization.nearest(written) == meant


def test_the_version_is_a_day() -> None:
    """Provenance: which data, and of when."""
    assert re.fullmatch(r"[\d.]+ of \d{4}-\d\d-\d\d", authorization.version())


def test_a_service_has_a_name() -> None:
    """The name that people know a prefix by."""
    assert authorization.service_name("S3") == "Amazon S3"
    assert authorization.service_name("nosuch") is None
