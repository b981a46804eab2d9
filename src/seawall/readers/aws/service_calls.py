"""What services of AWS call in an account's name: as which role, and on which things, as what they were told says.

Sources, as known and not read again but where a day is said: Amazon VPC User Guide, "IAM role for publishing flow logs"
(2026-11-22); Amazon Data Firehose Developer Guide, "Controlling access"; Amazon S3 User Guide, "Setting up permissions
for live replication"; Amazon MSK Developer Guide, "IAM permissions required to create an MSK Replicator"; AWS Lambda
Developer Guide, "Execution role"; AWS Step Functions Developer Guide, "Logging to CloudWatch Logs"; EventBridge
Scheduler User Guide, "Setting up"; AWS Budgets, "Configuring a budget action".

A reader sees one body: what is asked of a key follows from the thing that the key encrypts (``permissions.needed``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from seawall.facts.demands import Call
from seawall.facts.fact import Demand, Fact
from seawall.facts.identity import Assumes, Identifier
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref, Text, Textual, Unknown, text
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import ACCOUNT, arn, made_up
from seawall.readers.registry import reads

LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
"""How Step Functions comes by the right to write a machine's log; none of these can be narrowed."""
_TRACING = (
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)
_INTERFACES = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)


def _calls(resource: Resource, resources: Iterable[Textual], *actions: str, said: str = "") -> Iterator[Call]:
    region = resource.region
    for each in resources:
        for action in actions:
            yield Call(resource.address, action, each, region, said=said or f"{resource.address}")


def _acts(resource: Resource, body: Arguments, name: str) -> Iterator[Fact]:
    """As whom it acts; nothing where no role is named."""
    role = body.link_or_text(name)
    if role is not None:
        yield Assumes(resource.address, role, "service")


def _group(resource: Resource, body: Arguments, name: str) -> Textual:
    """The ARN of a log group that is named by its name, or by its ARN with ``:*`` or without."""
    value = body.text(name)
    if isinstance(value, Ref):
        return Ref(value.to, "arn")
    if isinstance(value, Text) and isinstance(value.parts[0], Ref) and value.parts[1:] == (":*",):
        return value.parts[0]
    if isinstance(value, str):
        bare = value.removesuffix(":*")
        return bare if bare.startswith("arn:") else arn(resource, "logs", "log-group:", bare)
    return value


_WRITING: Final = ("logs:CreateLogStream", "logs:PutLogEvents")
_STREAMS: Final = ":log-stream:*"
"""What AWS asks about when a stream is made or written: its refusals name ``log-group:GROUP:log-stream:STREAM``."""


@reads("aws_flow_log")
def flow_log(resource: Resource) -> Iterator[Fact | Demand]:
    """A flow log writes streams of a group; into a bucket or a stream it writes by itself."""
    body = Arguments(resource)
    log = arn(resource, "ec2", "vpc-flow-log/", made_up(resource, "id"))
    yield Identifier(resource.address, "arn", log)
    yield from _acts(resource, body, "iam_role_arn")
    if body.has("iam_role_arn") and body.known_text("log_destination_type", "cloud-watch-logs") == "cloud-watch-logs":
        group = _group(resource, body, "log_destination" if body.has("log_destination") else "log_group_name")
        yield from _calls(resource, (text(group, _STREAMS),), *_WRITING)
        yield from _calls(resource, (text(group, ":*"),), "logs:DescribeLogStreams")


@reads("aws_lambda_function")
def function(resource: Resource) -> Iterator[Fact | Demand]:
    """What Lambda itself does as a function's role: log, dead letters, variables, network, traces."""
    body = Arguments(resource)
    logging = body.block("logging_config")
    group = _group(resource, logging, "log_group") if logging.has("log_group") else None
    if group is None:
        group = arn(resource, "logs", "log-group:/aws/lambda/", body.text("function_name"))
    yield from _calls(resource, (text(group, _STREAMS),), *_WRITING)
    for dead in body.blocks("dead_letter_config"):
        target = dead.text("target_arn")
        yield from _calls(resource, (target,), _sending(target))
    if body.has("kms_key_arn"):
        yield from _calls(resource, (body.text("kms_key_arn"),), "kms:Decrypt")
    if body.has("vpc_config"):
        yield from _calls(resource, ("*",), *_INTERFACES)
    if body.block("tracing_config").known_text("mode") == "Active":
        yield from _calls(resource, ("*",), "xray:PutTelemetryRecords", "xray:PutTraceSegments")


def _sending(target: Textual) -> str:
    """The action by which something is sent to a topic, a queue or a function."""
    if isinstance(target, Ref) and (named := target.to.as_terraform()) is not None:
        kind = named.type
    else:
        first = target.parts[0] if isinstance(target, Text) else target
        kind = first if isinstance(first, str) else ""
    if "sns" in kind:
        return "sns:Publish"
    return "lambda:InvokeFunction" if "lambda" in kind else "sqs:SendMessage"


@reads("aws_sfn_state_machine")
def state_machine(resource: Resource) -> Iterator[Demand]:
    """What Step Functions does as a machine's role beside the calls of its states: its log and its traces."""
    body = Arguments(resource)
    logging = body.block("logging_configuration")
    if body.has("logging_configuration") and logging.known_text("level", "OFF") != "OFF":
        yield from _calls(resource, ("*",), *LOG_DELIVERY)
    if body.block("tracing_configuration").flag("enabled") is True:
        yield from _calls(resource, ("*",), *_TRACING)


@reads("aws_scheduler_schedule")
def schedule(resource: Resource) -> Iterator[Fact | Demand]:
    """A schedule calls its target, and sends what could not be delivered to a queue."""
    body = Arguments(resource).block("target")
    yield from _acts(resource, body, "role_arn")
    target = body.text("arn")
    universal = re.fullmatch(r"arn:aws[a-z-]*:scheduler:::aws-sdk:([a-z0-9]+):([a-zA-Z0-9]+)", str(target))
    if universal is not None:
        service, operation = universal.groups()
        yield from _calls(resource, ("*",), f"{service}:{operation[:1].upper()}{operation[1:]}")
    elif (action := _target(target)) is not None:
        yield from _calls(resource, (target,), action)
    for dead in body.blocks("dead_letter_config"):
        yield from _calls(resource, (dead.text("arn"),), "sqs:SendMessage")


_TARGETS = {
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
    "lambda": "lambda:InvokeFunction",
    "sfn": "states:StartExecution",
    "states": "states:StartExecution",
    "kinesis": "kinesis:PutRecord",
}


def _target(target: Textual) -> str | None:
    """What a schedule or rule calls of a target, by its type or the service in its ARN."""
    if isinstance(target, Ref):
        named = target.to.as_terraform()
        return _TARGETS.get(named.type.split("_")[1]) if named is not None and "_" in named.type else None
    first = target.parts[0] if isinstance(target, Text) else target
    fields = first.split(":") if isinstance(first, str) else []
    return _TARGETS.get(fields[2]) if len(fields) > 2 else None


@reads("aws_cloudwatch_event_target")
def event_target(resource: Resource) -> Iterator[Fact | Demand]:
    """A rule calls its target as a role where one is named; topics, queues and functions let the rule in themselves."""
    body = Arguments(resource)
    yield from _acts(resource, body, "role_arn")
    if body.has("role_arn") and (action := _target(body.text("arn"))) is not None:
        yield from _calls(resource, (body.text("arn"),), action)


@reads("aws_s3_bucket_replication_configuration")
def replication(resource: Resource) -> Iterator[Fact | Demand]:
    """S3 reads versions of the bucket and writes them into others."""
    body = Arguments(resource)
    yield from _acts(resource, body, "role")
    bucket = body.text("bucket")
    source: Textual = Ref(bucket.to, "arn") if isinstance(bucket, Ref) else text("arn:aws:s3:::", bucket)
    yield from _calls(resource, (source,), "s3:GetReplicationConfiguration", "s3:ListBucket")
    reading = ("s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging")
    yield from _calls(resource, (text(source, "/*"),), *reading)
    for rule in body.blocks("rule"):
        if rule.text("status") == "Disabled":
            continue
        destination = rule.block("destination")
        writing = ["s3:ReplicateObject", "s3:ReplicateTags"]
        if rule.block("delete_marker_replication").known_text("status", "Enabled") != "Disabled":
            writing.append("s3:ReplicateDelete")
        yield from _calls(resource, (text(destination.text("bucket"), "/*"),), *writing)
        encryption = destination.block("encryption_configuration")
        if encryption.has("replica_kms_key_id"):
            yield _under_key(resource, encryption.text("replica_kms_key_id"))


def _under_key(resource: Resource, key: Textual) -> Call:
    """That S3 encrypts copies with a key, in the key's own region."""
    made = key.to.as_terraform() if isinstance(key, Ref) else None
    fields = key.split(":") if isinstance(key, str) else []
    region = made.region if made is not None else fields[3] if len(fields) > 3 else ""
    context: tuple[tuple[str, tuple[Textual, ...]], ...] = ()
    if region:
        context = (("kms:viaservice", (f"s3.{region}.amazonaws.com",)),)
    return Call(resource.address, "kms:Encrypt", key, region, context, said=f"{resource.address}")


@reads("aws_msk_replicator")
def replicator(resource: Resource) -> Iterator[Fact]:
    """Amazon MSK reads and writes both clusters as this role."""
    yield from _acts(resource, Arguments(resource), "service_execution_role_arn")


@reads("aws_kinesis_firehose_delivery_stream")
def delivery_stream(resource: Resource) -> Iterator[Fact | Demand]:
    """Firehose reads its source, looks its schema up, and writes objects and its log."""
    body = Arguments(resource)
    for place in ("extended_s3_configuration", "s3_configuration"):
        for target in body.blocks(place):
            yield from _acts(resource, target, "role_arn")
            yield from _into_bucket(resource, target)
    for source in body.blocks("msk_source_configuration"):
        cluster = source.text("msk_cluster_arn")
        yield from _calls(
            resource, (cluster,), "kafka:DescribeCluster", "kafka:DescribeClusterV2", "kafka-cluster:Connect"
        )
        yield from _calls(resource, ("*",), "kafka:GetBootstrapBrokers")


def _into_bucket(resource: Resource, target: Arguments) -> Iterator[Demand]:
    bucket = target.text("bucket_arn")
    yield from _calls(resource, (bucket,), "s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")
    yield from _calls(resource, (text(bucket, "/*"),), "s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject")
    if target.has("kms_key_arn"):
        through: tuple[tuple[str, tuple[Textual, ...]], ...] = ()
        if isinstance(resource.region, str) and resource.region:
            through = (("kms:viaservice", (f"s3.{resource.region}.amazonaws.com",)),)
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            said = f"{resource.address}"
            yield Call(resource.address, action, target.text("kms_key_arn"), resource.region, through, said=said)
    logging = target.block("cloudwatch_logging_options")
    if target.has("cloudwatch_logging_options") and logging.flag("enabled") is True:
        group, stream = _group(resource, logging, "log_group_name"), logging.text("log_stream_name")
        name = stream if isinstance(stream, str) else "*"
        yield from _calls(resource, (text(group, f":log-stream:{name}"),), "logs:PutLogEvents")
    for schema in target.block("data_format_conversion_configuration").blocks("schema_configuration"):
        region = schema.text("region") if schema.has("region") else resource.region
        parts = ("catalog", _named("database/", schema, "database_name"), _named_table(schema))
        for part in parts:
            what = text("arn:aws:glue:", region, ":", ACCOUNT, ":", part)
            yield from _calls(resource, (what,), "glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions")


def _named(prefix: str, body: Arguments, name: str) -> Textual:
    return text(prefix, body.text(name))


def _named_table(schema: Arguments) -> Textual:
    return text("table/", schema.text("database_name"), "/", schema.text("table_name"))


@reads("aws_budgets_budget_action")
def budget_action(resource: Resource) -> Iterator[Fact | Demand]:
    """Budgets attaches a policy to principals, and takes it off again when the month is new."""
    body = Arguments(resource)
    yield from _acts(resource, body, "execution_role_arn")
    for action in body.block("definition").blocks("iam_action_definition"):
        policy = action.text("policy_arn")
        for plural, kind in (("roles", "Role"), ("users", "User"), ("groups", "Group")):
            names = action.texts(plural)
            for name in () if isinstance(names, Unknown) else names:
                whom = (
                    Ref(name.to, "arn")
                    if isinstance(name, Ref)
                    else arn(resource, "iam", f"{kind.lower()}/", name, everywhere=True)
                )
                for verb in ("Attach", "Detach"):
                    yield Call(
                        resource.address,
                        f"iam:{verb}{kind}Policy",
                        whom,
                        "",
                        (("iam:policyarn", (policy,)),),
                        said=f"{resource.address}",
                    )


@reads("aws_chatbot_slack_channel_configuration", "aws_chatbot_teams_channel_configuration")
def chat_channel(resource: Resource) -> Iterator[Fact]:
    """What people in a channel may do in the account."""
    yield from _acts(resource, Arguments(resource), "iam_role_arn")


@reads("aws_grafana_workspace")
def grafana_workspace(resource: Resource) -> Iterator[Fact]:
    """What a workspace of Amazon Managed Grafana reads with."""
    yield from _acts(resource, Arguments(resource), "role_arn")


@reads("aws_backup_selection")
def backup_selection(resource: Resource) -> Iterator[Fact]:
    """AWS Backup copies what is selected as this role."""
    yield from _acts(resource, Arguments(resource), "iam_role_arn")


@reads("aws_db_instance", "aws_rds_cluster_instance", "aws_rds_cluster")
def monitored(resource: Resource) -> Iterator[Fact]:
    """RDS reports what a server's operating system measures as this role."""
    yield from _acts(resource, Arguments(resource), "monitoring_role_arn")
