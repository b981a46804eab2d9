"""Operations of an SDK as calls: which actions, on which ARNs, in which region."""

from __future__ import annotations

from typing import Any

import pytest

from seawall.facts.application import MAPPING, Involves, Operation, environment_hole
from seawall.facts.demands import Call
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Unknown, text
from seawall.readers.application.operations import calls_of

SOURCE = Address("cluster/Deployment/shop/app")
REGION = "eu-west-1"
QUEUE = Address.terraform(REGION, "data", "aws_sqs_queue.jobs")


def asked(
    service: str, operation: str, arguments: Any = (), environment: Any = None, region: Any = ""
) -> list[Call | Involves]:
    """What a call in code asks of IAM."""
    given = tuple(arguments.items()) if isinstance(arguments, dict) else tuple(arguments)
    called = Operation(Address("file:src"), service, operation, given, region, "app.py:1")
    return list(calls_of(called, SOURCE, environment or {}, REGION))


def spelled(*given: Any) -> list[tuple[str, str]]:
    """Actions and resources, the account's hole as ACCOUNT and any other as ?."""
    found = []
    for call in asked(*given):
        assert isinstance(call, Call)
        parts = call.resource.parts if not isinstance(call.resource, str | Ref | Unknown) else (call.resource,)
        names = ("ACCOUNT" if isinstance(part, Unknown) and part.what == "account" else part for part in parts)
        found.append((call.action, "".join("?" if isinstance(part, Unknown) else str(part) for part in names)))
    return found


ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:m"


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "expected"),
    [
        ("s3", "get_object", {"Bucket": "b", "Key": "k"}, [("s3:GetObject", "arn:aws:s3:::b/k")]),
        ("s3", "GetObject", {"Bucket": "b"}, [("s3:GetObject", "arn:aws:s3:::b/?")]),
        ("s3", "list_objects_v2", {"Bucket": "b"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
        ("s3", "list_buckets", {}, [("s3:ListAllMyBuckets", "*")]),
        ("s3", "head_object", {"Bucket": "b", "Key": "k"}, [("s3:GetObject", "arn:aws:s3:::b/k")]),
        (
            "s3",
            "upload_file",
            {"Bucket": "b", "Key": "k"},
            [("s3:PutObject", "arn:aws:s3:::b/k"), ("s3:AbortMultipartUpload", "arn:aws:s3:::b/k")],
        ),
        (
            "s3",
            "copy_object",
            {"Bucket": "b", "Key": "k", "CopySource.Bucket": "a", "CopySource.Key": "j"},
            [("s3:GetObject", "arn:aws:s3:::a/j"), ("s3:PutObject", "arn:aws:s3:::b/k")],
        ),
        (
            "s3",
            "put_object",
            {"Bucket": "b", "Key": "k", "ACL": "private"},
            [("s3:PutObject", "arn:aws:s3:::b/k"), ("s3:PutObjectAcl", "arn:aws:s3:::b/k")],
        ),
        ("sqs", "send_message_batch", {"QueueUrl": "q"}, [("sqs:SendMessage", "arn:aws:sqs:eu-west-1:ACCOUNT:q")]),
        (
            "sqs",
            "send_message",
            {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q"},
            [("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:q")],
        ),
        ("sqs", "send_message", {"QueueUrl": Ref(QUEUE, "url")}, [("sqs:SendMessage", f"${{{QUEUE}.arn}}")]),
        ("sqs", "list_queues", {}, [("sqs:ListQueues", "*")]),
        (
            "sns",
            "publish",
            {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t"},
            [("sns:Publish", "arn:aws:sns:us-east-1:123456789012:t")],
        ),
        (
            "dynamodb",
            "query",
            {"TableName": "t"},
            [("dynamodb:Query", "arn:aws:dynamodb:eu-west-1:ACCOUNT:table/t")],
        ),
        (
            "dynamodb",
            "query",
            {"TableName": "t", "IndexName": "i"},
            [("dynamodb:Query", "arn:aws:dynamodb:eu-west-1:ACCOUNT:table/t/index/i")],
        ),
        (
            "ssm",
            "get_parameter",
            {"Name": "/a/b"},
            [("ssm:GetParameter", "arn:aws:ssm:eu-west-1:ACCOUNT:parameter/a/b")],
        ),
        ("ssm", "get_parameter", {"Name": "a:3"}, [("ssm:GetParameter", "arn:aws:ssm:eu-west-1:ACCOUNT:parameter/a")]),
        (
            "ssm",
            "get_parameters",
            [("Names", "/a"), ("Names", "/b")],
            [
                ("ssm:GetParameters", "arn:aws:ssm:eu-west-1:ACCOUNT:parameter/a"),
                ("ssm:GetParameters", "arn:aws:ssm:eu-west-1:ACCOUNT:parameter/b"),
            ],
        ),
        (
            "secretsmanager",
            "get_secret_value",
            {"SecretId": "a/b"},
            [("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:ACCOUNT:secret:a/b-?")],
        ),
        ("kms", "decrypt", {"KeyId": "alias/x"}, [("kms:Decrypt", "arn:aws:kms:eu-west-1:ACCOUNT:key/?")]),
        ("kms", "decrypt", {}, [("kms:Decrypt", "arn:aws:kms:eu-west-1:ACCOUNT:key/?")]),
        (
            "lambda",
            "invoke",
            {"FunctionName": "f"},
            [("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:ACCOUNT:function:f")],
        ),
        ("stepfunctions", "start_execution", {"stateMachineArn": ARN}, [("states:StartExecution", ARN)]),
        (
            "logs",
            "put_log_events",
            {"logGroupName": "/g", "logStreamName": "s"},
            [("logs:PutLogEvents", "arn:aws:logs:eu-west-1:ACCOUNT:log-group:/g:log-stream:s")],
        ),
        (
            "logs",
            "filter_log_events",
            {"logGroupName": "/g"},
            [("logs:FilterLogEvents", "arn:aws:logs:eu-west-1:ACCOUNT:log-group:/g:*")],
        ),
        ("events", "put_events", {}, [("events:PutEvents", "arn:aws:events:eu-west-1:ACCOUNT:event-bus/default")]),
        ("cloudwatch", "put_metric_data", {"Namespace": "N"}, [("cloudwatch:PutMetricData", "*")]),
        ("ec2", "describe_instances", {}, [("ec2:DescribeInstances", "*")]),
        (
            "rds",
            "generate_db_auth_token",
            {"DBUsername": "u"},
            [("rds-db:connect", "arn:aws:rds-db:eu-west-1:ACCOUNT:dbuser:?/u")],
        ),
        (
            "bedrock-runtime",
            "converse",
            {"modelId": "anthropic.claude-v2"},
            [("bedrock:InvokeModel", "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-v2")],
        ),
        (
            "bedrock-runtime",
            "converse",
            {"modelId": "eu.anthropic.claude-v2"},
            [("bedrock:InvokeModel", "arn:aws:bedrock:eu-west-1:ACCOUNT:inference-profile/eu.anthropic.claude-v2")],
        ),
        (
            "sts",
            "assume_role",
            {"RoleArn": "arn:aws:iam::123456789012:role/x"},
            [("sts:AssumeRole", "arn:aws:iam::123456789012:role/x")],
        ),
        ("sts", "get_caller_identity", {}, []),
        ("cognito-idp", "initiate_auth", {"ClientId": "x"}, []),
    ],
)
def test_what_an_operation_asks_of_iam(service: str, operation: str, arguments: Any, expected: Any) -> None:
    """Actions by the tables where they differ from the operation; ARNs by the reference's formats."""
    assert spelled(service, operation, arguments) == expected


def test_the_environment_is_filled_in() -> None:
    """What the workload sets, else the code's own default, else a hole that says which variable is missing."""
    bucket = [("Bucket", environment_hole("BUCKET", "fallback"))]
    assert spelled("s3", "list_objects_v2", bucket, {"BUCKET": "b"}) == [("s3:ListBucket", "arn:aws:s3:::b")]
    assert spelled("s3", "list_objects_v2", bucket) == [("s3:ListBucket", "arn:aws:s3:::fallback")]
    (call,) = asked("s3", "list_objects_v2", [("Bucket", environment_hole("BUCKET"))])
    assert isinstance(call, Call)
    missing = Unknown("${BUCKET}", why="nothing in the input sets the environment variable BUCKET")
    assert call.resource == text("arn:aws:s3:::", missing)


def test_a_queue_by_an_address_with_holes() -> None:
    """The last part of an address is the queue's name, whatever stands before it."""
    url = text("https://sqs.eu-west-1.amazonaws.com/", Unknown("account"), "/jobs-", environment_hole("STAGE"))
    assert spelled("sqs", "send_message", {"QueueUrl": url}, {"STAGE": "prod"}) == [
        ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:ACCOUNT:jobs-prod")
    ]


def test_the_region_of_a_call() -> None:
    """The client's, else the one that is given; of China in China's partition."""
    for region, partition in (("us-east-1", "aws"), ("cn-north-1", "aws-cn")):
        (call,) = asked("sqs", "send_message", {"QueueUrl": "q"}, None, region)
        assert isinstance(call, Call)
        assert call.region == region
        assert str(call.resource).startswith(f"arn:{partition}:sqs:{region}:")


def test_a_metrics_namespace_is_what_a_condition_can_hold() -> None:
    """cloudwatch:namespace is the one thing that narrows PutMetricData."""
    (call,) = asked("cloudwatch", "put_metric_data", {"Namespace": "N"})
    assert isinstance(call, Call)
    assert call.context == (("cloudwatch:namespace", ("N",)),)


def test_a_message_to_a_telephone_is_about_no_topic() -> None:
    """IAM sees a star, whatever the number is, and a topic where one is named."""
    assert spelled("sns", "publish", {"PhoneNumber": Unknown("number"), "Message": "m"}) == [("sns:Publish", "*")]
    topic = "arn:aws:sns:eu-west-1:123456789012:t"
    assert spelled("sns", "publish", {"TopicArn": topic, "Message": "m"}) == [("sns:Publish", topic)]


TABLES = "arn:aws:dynamodb:eu-west-1:ACCOUNT:table/"


@pytest.mark.parametrize(
    ("operation", "kind", "action"),
    [
        ("transact_write_items", "ConditionCheck", "dynamodb:ConditionCheckItem"),
        ("transact_write_items", "Put", "dynamodb:PutItem"),
        ("transact_write_items", "Update", "dynamodb:UpdateItem"),
        ("transact_write_items", "Delete", "dynamodb:DeleteItem"),
        ("transact_get_items", "Get", "dynamodb:GetItem"),
    ],
)
def test_a_transaction_needs_what_its_items_need(operation: str, kind: str, action: str) -> None:
    """By table; what the code works out beside them is told, and no call."""
    items = [
        ("TransactItems", Unknown("items", why=MAPPING)),
        (f"TransactItems.{kind}", Unknown("item", why=MAPPING)),
        (f"TransactItems.{kind}.TableName", "orders"),
        (f"TransactItems.{kind}.TableName", Unknown("app.py:1: table")),
    ]
    assert spelled("dynamodb", operation, items) == [(action, f"{TABLES}orders"), (action, f"{TABLES}?")]
    involved, *calls = asked("dynamodb", operation, [*items, ("TransactItems", Unknown("more"))])
    assert isinstance(involved, Involves)
    assert involved.why == f"app.py:1: the code works out the TransactItems of {operation}"
    assert len(calls) == 2
    (involved,) = asked("dynamodb", operation)
    assert isinstance(involved, Involves)


def test_an_operation_that_nobody_knows_is_no_call() -> None:
    """It is something that the source has to do with the service, with the place that says so."""
    (involved,) = asked("s3", "frobnicate", {"Bucket": "b"})
    assert isinstance(involved, Involves)
    assert (involved.of, involved.service) == (SOURCE, "s3")
    assert involved.why.startswith("app.py:1: s3 frobnicate")


def test_a_resource_of_several_kinds_that_no_argument_tells_is_unknown() -> None:
    """A call without arguments on an action about several kinds of things is not guessed at."""
    (call,) = asked("iam", "generate_service_last_accessed_details")
    assert isinstance(call, Call)
    assert isinstance(call.resource, Unknown)


@pytest.mark.parametrize("value", ["*", "a*b", "${aws:username}", "a?", "https://user:hunter2@host/x", "b c"])
def test_what_is_no_name_of_a_bucket_is_not_known(value: str) -> None:
    """A value of the environment or a constant is no pattern, no variable, and is shown nowhere."""
    for given in (value, environment_hole("BUCKET")):
        (call,) = asked("s3", "get_object", {"Bucket": given, "Key": "k"}, {"BUCKET": value})
        assert isinstance(call, Call)
        why = "the value that it is given is no name of a bucket"
        assert call.resource == text("arn:aws:s3:::", Unknown("app.py:1: bucket", why=why), "/k")


@pytest.mark.parametrize(
    ("key", "kept"),
    [
        ("reports/2024/a.json", "reports/2024/a.json"),
        ("reports/password=hunter3", "reports/?"),
        ("password=hunter3", "?"),
        ("in/${aws:username}/x", "in/?"),
        ("in/a*b", "in/?"),
        (text("in/", Unknown("day"), "/a*b"), "in/?/?"),
    ],
)
def test_of_a_key_stays_what_is_nothing_else(key: Any, kept: str) -> None:
    """Keys of objects may be anything: kept are their folders, made of letters that mean nothing to policies."""
    assert spelled("s3", "get_object", {"Bucket": "b", "Key": key}) == [("s3:GetObject", f"arn:aws:s3:::b/{kept}")]


@pytest.mark.parametrize(
    ("service", "operation", "argument"),
    [
        ("sqs", "send_message", "QueueUrl"),
        ("sns", "publish", "TopicArn"),
        ("dynamodb", "query", "TableName"),
        ("ssm", "get_parameter", "Name"),
        ("secretsmanager", "get_secret_value", "SecretId"),
        ("kms", "decrypt", "KeyId"),
        ("logs", "filter_log_events", "logGroupName"),
        ("kinesis", "put_record", "StreamName"),
        ("stepfunctions", "start_execution", "stateMachineArn"),
        ("sts", "assume_role", "RoleArn"),
    ],
)
@pytest.mark.parametrize("value", ["user:hunter2@*", "arn:aws:x:::hunter2*", "arn:aws:x:::${hunter2}"])
def test_no_argument_shows_what_is_no_name(service: str, operation: str, argument: str, value: str) -> None:
    """Whatever names a resource is a name of AWS's grammar or a hole that does not quote it."""
    found = asked(service, operation, {argument: value})
    assert found
    assert "hunter2" not in repr(found)


def test_no_region_and_namespace_but_names() -> None:
    """A region and a namespace are held against their grammar, too."""
    (call,) = asked("cloudwatch", "put_metric_data", {"Namespace": "${aws:username} hunter2"}, None, "hunter2@x")
    assert isinstance(call, Call)
    assert isinstance(call.region, Unknown)
    assert isinstance(call.context[0][1][0], Unknown)
    assert "hunter2" not in repr(call)
