"""Settings of any kind, known or not, are read without failing, and ask for nothing that AWS does not have."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.facts.application import Operation
from seawall.facts.demands import Call
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Unknown, text
from seawall.knowledge import authorization, sdk_operations
from seawall.readers.application.aws import IMPORTS, aws, named
from seawall.readers.application.operations import calls_of
from seawall.readers.application.spring import Properties

SOURCE = Address("cluster/Deployment/shop/app")
THING = Address.terraform("eu-west-1", "data", "aws_msk_cluster.events")
KEYS = (
    IMPORTS, "spring.cloud.aws.enabled", "spring.cloud.aws.region.static", "spring.cloud.aws.parameterstore.enabled",
    "aws.paramstore.enabled", "aws.paramstore.prefix", "aws.paramstore.default-context", "spring.application.name",
    "aws.secretsmanager.enabled", "management.cloudwatch.metrics.export.namespace",
    "management.cloudwatch.metrics.export.enabled", "management.metrics.export.cloudwatch.namespace",
    "aws.cloudwatch.logs.log-group", "aws.xray.enabled", "spring.kafka.properties.sasl.mechanism",
    "spring.kafka.bootstrap-servers", "spring.datasource.url", "spring.datasource.username",
)  # fmt: skip
WORDS = (
    "true", "false", "", "x", "a/b", "AWS_MSK_IAM", "aws-parameterstore:/a/;/b", "aws-s3:/b/k", "aws-s3:b",
    "optional:aws-secretsmanager:s?prefix=p", "jdbc:aws-wrapper:mysql://", ",", ";", "&", "=", "${x}", "${y:d}",
    "?wrapperPlugins=iam,awsSecretsManager&user=u", "jdbc-secretsmanager:mysql://db/x", "s3://bucket",
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:x", "https://sqs.eu-west-1.amazonaws.com/123456789012/q",
)  # fmt: skip
holes = st.sampled_from(
    [Unknown("a"), Ref(THING, "arn"), Ref(THING, "bootstrap_brokers_sasl_iam"), Unknown("b", why="c")]
)
values = st.lists(st.one_of(st.sampled_from(WORDS), holes), max_size=4).map(lambda parts: text(*parts))
operations = st.sampled_from(
    [
        (service, operation)
        for service, listed in {
            **sdk_operations.OPERATIONS,
            "dynamodb": ("query", "put_item"),
            "ssm": ("get_parameter",),
            "kms": ("decrypt",),
            "nosuch": ("x",),
        }.items()
        for operation in listed
    ]
)
paths = st.sampled_from(
    [
        "Bucket",
        "Key",
        "QueueUrl",
        "TopicArn",
        "TableName",
        "IndexName",
        "Name",
        "Names",
        "SecretId",
        "KeyId",
        "CopySource.Bucket",
        "modelId",
        "x",
    ]
)


def real(found: object) -> None:
    """A call is of an action that exists, about something, and says where it stands."""
    if isinstance(found, Call):
        assert authorization.exists(found.action)
        assert found.resource != ""
        assert found.said


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(KEYS), values), st.dictionaries(st.sampled_from(KEYS), values), values)
def test_settings_of_any_kind_are_read(files: object, environment: object, region: object) -> None:
    """A hole anywhere in a setting ends in a hole, not in an exception: none is taken for true or false."""
    assert isinstance(files, dict)
    assert isinstance(environment, dict)
    variables = {key.replace(".", "_").replace("-", "").upper(): value for key, value in environment.items()}
    imports = [("a.yml", value) for key, value in files.items() if key == IMPORTS]
    for found in aws(SOURCE, Properties(files, variables, "it"), imports, region, spring=True):  # type: ignore[arg-type]
        real(found)
    list(named(SOURCE, [(key, value, key) for key, value in files.items()]))


@settings(max_examples=80)
@given(operations, st.lists(st.tuples(paths, values), max_size=4), values)
def test_arguments_of_any_kind_name_something(which: tuple[str, str], given_: object, region: object) -> None:
    """Whatever a call passes, its resource is an ARN as far as it is known, ``*``, or unknown."""
    operation = Operation(Address("file:src"), *which, tuple(given_), region, "app.py:1")  # type: ignore[arg-type]
    for found in calls_of(operation, SOURCE, {}, "eu-west-1"):
        real(found)
