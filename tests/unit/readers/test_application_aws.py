"""What configuration makes an application call of AWS: of each library what its documentation says, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from seawall.facts.application import Involves
from seawall.facts.demands import Call
from seawall.kernel.address import Address
from seawall.kernel.value import SECRET, Ref, Unknown, text
from seawall.readers.application.aws import IMPORTS, SENDS_TRACES, WRITES_LOGS, aws, named
from seawall.readers.application.spring import Properties
from seawall.readers.aws.arn import ACCOUNT

SOURCE = Address("cluster/Deployment/shop/app")
REGION = "eu-west-1"
QUEUE = Address.terraform(REGION, "data", "aws_sqs_queue.jobs")
DATABASE = Address.terraform(REGION, "data", "aws_db_instance.main")
CLUSTER = Address.terraform(REGION, "data", "aws_msk_cluster.events")


def asked(
    properties: dict[str, Any] | None = None, environment: dict[str, Any] | None = None, *, spring: bool = True
) -> list[Call | Involves]:
    """What these settings lead to, the file's imports read as imports are."""
    files = properties or {}
    imports = [(f"application.yml: {key}", value) for key, value in files.items() if key == IMPORTS]
    return list(aws(SOURCE, Properties(files, environment or {}, "it"), imports, REGION, spring=spring))


def calls(properties: dict[str, Any] | None = None, environment: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    """Actions and resources, holes spelled out."""
    found = (one for one in asked(properties, environment) if isinstance(one, Call))
    return [(one.action, str(one.resource).replace("{?account}", "ACCOUNT")) for one in found]


@pytest.mark.parametrize(
    ("value", "resources"),
    [
        ("aws-parameterstore:/a/b/", ["parameter/a/b/"]),
        ("optional:aws-parameterstore:/a/b", ["parameter/a/b"]),
        ("aws-parameterstore:/a/;/b/", ["parameter/a/", "parameter/b/"]),
        ("aws-parameterstore:/a/?prefix=x", ["parameter/a/"]),
        ("aws-parameterstore:/${stage}/", ["parameter/prod/"]),
        ("file:/etc/x.yml, aws-parameterstore:/a/", ["parameter/a/"]),
        ("configserver:http://x", []),
        ("aws-parameterstore:", []),
    ],
)
def test_parameters_are_read_by_path(value: str, resources: list[str]) -> None:
    """An import asks for everything under its path at once, in the spelling of the path."""
    expected = [("ssm:GetParametersByPath", f"arn:aws:ssm:{REGION}:ACCOUNT:{each}") for each in resources]
    assert calls({IMPORTS: value, "stage": "prod"}) == expected


def test_a_secret_is_read_by_its_name_or_arn() -> None:
    """The ARN of a name ends in what AWS makes up; an ARN says its region itself."""
    one, other = asked(
        {IMPORTS: "aws-secretsmanager:/a/db;arn:aws:secretsmanager:us-east-1:123456789012:secret:x-abc123"}
    )
    assert isinstance(one, Call)
    assert isinstance(other, Call)
    assert one.action == other.action == "secretsmanager:GetSecretValue"
    suffix = Unknown("/a/db.suffix", why="AWS makes it up when the secret is created", length=6)
    assert one.resource == text("arn:aws:secretsmanager:eu-west-1:", ACCOUNT, ":secret:/a/db-", suffix)
    assert (other.resource, other.region) == (
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:x-abc123",
        "us-east-1",
    )


def test_a_file_of_a_bucket_is_one_object() -> None:
    """An import of S3 names bucket and key, and gets just that object."""
    assert calls({IMPORTS: "aws-s3:/bucket/a/b.properties"}) == [("s3:GetObject", "arn:aws:s3:::bucket/a/b.properties")]


@pytest.mark.parametrize(
    "switch",
    [
        {"spring.cloud.aws.parameterstore.enabled": "false"},
        {"spring.cloud.aws.enabled": "false"},
        {"spring.cloud.aws.parameterstore.enabled": "OFF"},
    ],
)
def test_what_is_switched_off_is_not_called(switch: dict[str, str]) -> None:
    """A switch that is off takes the call away."""
    assert calls({IMPORTS: "aws-parameterstore:/a/", **switch}) == []


def test_the_region_of_a_service_goes_before_the_others() -> None:
    """Own region, then that of Spring Cloud AWS, then what an SDK takes by itself."""
    properties = {IMPORTS: "aws-parameterstore:/a/", "spring.cloud.aws.region.static": "us-east-1"}
    assert [one.region for one in asked(properties) if isinstance(one, Call)] == ["us-east-1"]
    properties["spring.cloud.aws.parameterstore.region"] = "us-west-2"
    assert [one.region for one in asked(properties) if isinstance(one, Call)] == ["us-west-2"]


def test_the_contexts_of_older_versions() -> None:
    """Before 2.4 paths were made of a prefix and the application's name."""
    assert calls({"aws.paramstore.enabled": "true", "spring.application.name": "shop"}) == [
        ("ssm:GetParametersByPath", f"arn:aws:ssm:{REGION}:ACCOUNT:parameter/config/application/"),
        ("ssm:GetParametersByPath", f"arn:aws:ssm:{REGION}:ACCOUNT:parameter/config/shop/"),
    ]
    assert calls({"aws.paramstore.prefix": "/config", "spring.application.name": "shop"}) == []


@pytest.mark.parametrize("prefix", ["management.cloudwatch.metrics.export", "management.metrics.export.cloudwatch"])
def test_metrics_are_sent_and_nothing_else(prefix: str) -> None:
    """A registry only writes, with its namespace as the one thing that can be held against it."""
    (call,) = asked({f"{prefix}.namespace": "Shop/Prod"})
    assert isinstance(call, Call)
    assert (call.action, call.resource, call.context) == (
        "cloudwatch:PutMetricData", "*", (("cloudwatch:namespace", ("Shop/Prod",)),)
    )  # fmt: skip
    assert call.said == f"it: {prefix}.namespace"
    assert asked({f"{prefix}.namespace": "Shop/Prod", f"{prefix}.enabled": "false"}) == []
    assert asked({f"{prefix}.enabled": "true"}) == []
    unsure = asked({f"{prefix}.namespace": "Shop/Prod", f"{prefix}.enabled": "${ON}"})
    assert [type(one) for one in unsure] == [Involves]


def test_a_log_group_is_written_to() -> None:
    """An appender looks for its group and stream, makes them, and writes."""
    found = calls({"aws.cloudwatch.logs.log-group": "/a/b"})
    assert [action for action, _ in found] == list(WRITES_LOGS)
    assert dict(found)["logs:PutLogEvents"] == f"arn:aws:logs:{REGION}:ACCOUNT:log-group:/a/b:log-stream:*"
    assert dict(found)["logs:CreateLogGroup"] == f"arn:aws:logs:{REGION}:ACCOUNT:log-group:/a/b:*"
    assert dict(found)["logs:DescribeLogGroups"] == "*"
    assert [action for action, _ in calls({}, {"AWS_LOG_GROUP": "/a/b"})] == list(WRITES_LOGS)


def test_traces_are_sent_by_whoever_sends_them() -> None:
    """With a daemon's address the daemon sends, as itself; with an endpoint of AWS's the pod does."""
    assert [action for action, _ in calls({"aws.xray.enabled": "true"})] == list(SENDS_TRACES)
    (involved,) = asked({"aws.xray.enabled": "true"}, {"AWS_XRAY_DAEMON_ADDRESS": "xray.monitoring:2000"})
    assert isinstance(involved, Involves)
    assert asked({"management.tracing.sampling.probability": "0.1"}) == []
    endpoint = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://xray.us-east-1.amazonaws.com/v1/traces"}
    (call,) = asked({}, endpoint, spring=False)
    assert isinstance(call, Call)
    assert (call.action, call.region) == ("xray:PutTraceSegments", "us-east-1")
    assert asked({}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}) == []


def test_logs_over_otlp_go_to_the_group_of_a_header() -> None:
    """Group and stream of CloudWatch's endpoint stand in headers."""
    environment = {
        "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "https://logs.us-east-1.amazonaws.com/v1/logs",
        "OTEL_EXPORTER_OTLP_LOGS_HEADERS": "x-aws-log-group=/a/b,x-aws-log-stream=default",
    }
    assert calls({}, environment) == [
        ("logs:PutLogEvents", "arn:aws:logs:us-east-1:ACCOUNT:log-group:/a/b:log-stream:*")
    ]


def test_kafka_with_iam_connects_to_its_cluster() -> None:
    """Which topics are read and written stands in the code; that it connects is certain."""
    settings = {"SPRING_KAFKA_PROPERTIES_SASL_MECHANISM": "AWS_MSK_IAM"}
    call, involved = asked({"spring.kafka.bootstrap-servers": Ref(CLUSTER, "bootstrap_brokers_sasl_iam")}, settings)
    assert isinstance(call, Call)
    assert (call.action, call.resource) == ("kafka-cluster:Connect", Ref(CLUSTER, "arn"))
    assert isinstance(involved, Involves)
    literal = "b-1.shop.abc123.c2.kafka.us-east-1.amazonaws.com:9098"
    call = asked({"spring.kafka.bootstrap-servers": literal}, settings)[0]
    assert isinstance(call, Call)
    assert call.region == "us-east-1"
    assert str(call.resource).startswith("arn:aws:kafka:us-east-1:{?account}:cluster/{?")
    assert (
        asked({"spring.kafka.bootstrap-servers": literal, "spring.kafka.properties.sasl.mechanism": "SCRAM-SHA-512"})
        == []
    )


def test_databases_that_ask_iam() -> None:
    """The JDBC wrapper signs in as a user of the database; the driver of Secrets Manager reads a secret."""
    url = text("jdbc:aws-wrapper:postgresql://", Ref(DATABASE, "address"), "/shop?wrapperPlugins=iam,failover")
    (call,) = asked({"spring.datasource.url": url, "spring.datasource.username": "app"})
    assert isinstance(call, Call)
    assert call.action == "rds-db:connect"
    assert call.resource == text("arn:aws:rds-db:eu-west-1:", ACCOUNT, ":dbuser:", Ref(DATABASE, "resource_id"), "/app")
    url = "jdbc-secretsmanager:postgresql://db/shop"
    assert [action for action, _ in calls({"spring.datasource.url": url, "spring.datasource.username": "shop/db"})] == [
        "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"
    ]  # fmt: skip
    url = "jdbc:aws-wrapper:mysql://db/shop?wrapperPlugins=awsSecretsManager&secretsManagerSecretId=s&secretsManagerRegion=us-east-1"
    assert [(one.action, one.region) for one in asked({"spring.datasource.url": url}) if isinstance(one, Call)] == [
        ("secretsmanager:GetSecretValue", "us-east-1")
    ]
    assert asked({"spring.datasource.url": "jdbc:postgresql://db/shop", "spring.datasource.username": "app"}) == []


def test_without_spring_its_settings_mean_nothing() -> None:
    """A variable that only Spring reads asks for nothing where nothing of Spring is."""
    assert asked({"management.cloudwatch.metrics.export.namespace": "X"}, spring=False) == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("X", "arn:aws:sns:eu-west-1:123456789012:t", ("sns", "arn:aws:sns:eu-west-1:123456789012:t")),
        ("X", "arn:aws:iam::123456789012:role/x", None),
        ("X", "https://sqs.eu-west-1.amazonaws.com/123456789012/q", ("sqs", "arn:aws:sqs:eu-west-1:123456789012:q")),
        ("X", "s3://bucket/prefix", ("s3", "arn:aws:s3:::bucket")),
        ("X", "https://bucket.s3.eu-west-1.amazonaws.com/x", ("s3", "arn:aws:s3:::bucket")),
        ("S3_BUCKET", "bucket", ("s3", "arn:aws:s3:::bucket")),
        ("UPLOADS_BUCKET_NAME", "my-bucket", ("s3", "arn:aws:s3:::my-bucket")),
        ("BUCKET_COUNT", "12", None),
        ("HISTOGRAM_BUCKETS", "abc", None),
        ("S3_BUCKET", "No_Bucket", None),
        ("X", Ref(QUEUE, "url"), ("sqs", Ref(QUEUE, "arn"))),
        ("X", Ref(DATABASE, "address"), None),
        ("X", Unknown("x", why=SECRET), None),
    ],
)
def test_what_is_named_is_not_thereby_called(name: str, value: Any, expected: Any) -> None:
    """A bucket in a variable says that there is one; nothing says whether it is read or written."""
    found = list(named(SOURCE, [(name, value, f"env: {name}")]))
    assert [(one.service, one.resource) for one in found] == ([expected] if expected else [])
    assert all("nothing says what is done with it" in one.why for one in found)


@pytest.mark.parametrize(
    "settings",
    [
        {IMPORTS: "aws-parameterstore:/hunter2@*/"},
        {IMPORTS: "aws-secretsmanager:hunter2:*"},
        {IMPORTS: "aws-secretsmanager:arn:aws:secretsmanager:eu-west-1:111122223333:secret:hunter2*"},
        {IMPORTS: "aws-s3:hunter2@host/key"},
        {IMPORTS: "aws-s3:bucket/hunter2=*"},
        {"logging.aws.log-group": "hunter2*"},
        {"management.cloudwatch.metrics.export.namespace": "hunter2 $"},
        {"spring.datasource.url": "jdbc-secretsmanager:mysql://db/x", "spring.datasource.username": "hunter2 *"},
        {"aws.xray.enabled": "true", "spring.cloud.aws.region.static": "hunter2@"},
        {
            "spring.datasource.url": "jdbc:aws-wrapper:mysql://db/x?wrapperPlugins=iam",
            "spring.datasource.username": "hunter2*",
        },
    ],
)
def test_no_setting_shows_what_is_no_name(settings: dict[str, Any]) -> None:
    """A value that AWS's grammar has no place for is a hole that does not quote it."""
    found = asked(settings)
    assert found
    assert "hunter2" not in repr(found)


def test_a_daemon_is_not_quoted() -> None:
    """The address of a daemon may hold anything; which setting says it is enough."""
    found = asked({"aws.xray.enabled": "true"}, {"AWS_XRAY_DAEMON_ADDRESS": "user:hunter2@host"})
    assert found
    assert "hunter2" not in repr(found)
