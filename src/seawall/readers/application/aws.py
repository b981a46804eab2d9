"""What an application's configuration makes it call of AWS, by the settings of the libraries that call.

Read are Spring Cloud AWS 2.3 to 4 (docs.awspring.io, "Parameter Store", "Secrets Manager", "S3 config", "CloudWatch";
the older spellings from its 2.3 reference), Micrometer's CloudWatch registry, the AWS JDBC wrapper and the Secrets
Manager JDBC driver (their READMEs), the MSK library for IAM, OpenTelemetry's exporters to the endpoints of X-Ray and
CloudWatch, the X-Ray SDK, and appenders that write to a log group. Names that merely look like a bucket or a queue
say that there is something, and not what is done with it: no call follows from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from seawall.facts.application import Involves
from seawall.facts.demands import Call
from seawall.facts.fact import Known
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, Unknown, text
from seawall.knowledge.resource_names import DATABASE_USER, NAMESPACE, REGION
from seawall.readers.application import names
from seawall.readers.application.spring import Properties
from seawall.readers.aws.arn import ACCOUNT, SECRET_SUFFIX, partition

Found: TypeAlias = Call | Involves

IMPORTS: Final = "spring.config.import"

WRITES_LOGS: Final = (
    "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams",
    "logs:PutLogEvents",
)  # fmt: skip
"""What an appender calls: it looks for its group and stream, makes what is missing, and writes.

Which appender it is no property says. Source: AWS's CloudWatchAgentServerPolicy, without what sets the retention; the
README of logback-awslogs-appender 1.3.0 (read 2026-11-22) names the three that make and write, and not the looking.
"""
SENDS_TRACES: Final = (
    "xray:GetSamplingRules", "xray:GetSamplingStatisticSummaries", "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords", "xray:PutTraceSegments",
)  # fmt: skip
"""What AWS's policy for whoever sends traces by itself allows (AWSXRayDaemonWriteAccess v2 of 2024-02-13)."""

_REGION: Final = ("spring.cloud.aws.region.static", "cloud.aws.region.static")
_ENABLED: Final = ("spring.cloud.aws.enabled",)
_LOG_GROUPS: Final = tuple(
    f"{prefix}.{name}"
    for prefix in ("aws.cloudwatch.logs", "aws.logs", "cloudwatch.logs", "logging.cloudwatch", "logging.aws")
    for name in ("log-group", "log-group-name", "group-name")
)
_LOG_GROUP_VARIABLES: Final = ("AWS_LOG_GROUP", "AWS_LOGS_GROUP", "CLOUDWATCH_LOG_GROUP")
_TRACED: Final = ("aws.xray.enabled", "spring.cloud.aws.xray.enabled", "cloud.aws.xray.enabled")
_ENDPOINT: Final = re.compile(r"https://(?P<service>xray|logs)\.(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com")
_BUCKET_HOST: Final = re.compile(
    r"(?:s3://|https?://)?(?P<name>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com"
)
_BUCKET_URI: Final = re.compile(r"s3a?://(?P<name>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/|$)")
_BUCKET_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_QUEUE: Final = re.compile(r"https://sqs\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<account>\d{12})/(?P<name>[\w.-]+)")
_ARN: Final = re.compile(r"arn:aws[a-z-]*:(?P<service>[a-z0-9-]+):[a-z0-9-]*:(?:\d{12})?:[\w+=,.@:/#-]+", re.ASCII)
_PARAMETER: Final = "ParameterNameWithoutLeadingSlash"
_HIKARI: Final = "spring.datasource.hikari.data-source-properties"


def aws(
    source: Address, properties: Properties, imports: Iterable[tuple[str, Textual]], region: Textual, *, spring: bool
) -> Iterator[Found]:
    """The calls that an application with these properties makes, and what else of AWS it has to do with.

    ``imports`` are the values of ``spring.config.import`` with where each stands: unlike other properties, those of a
    profile add to the common ones. ``region`` is the one that an SDK takes where nothing names another; ``spring``
    says whether there is anything of Spring at all.
    """
    region = names.name(region, REGION, properties.where)
    if spring and properties.flag(*_ENABLED) is not False:
        yield from _imported(source, properties, imports, region)
        yield from _older_imports(source, properties, region)
        yield from _metrics(source, properties, region)
    yield from _logs(source, properties, region)
    yield from _traces(source, properties, region)
    yield from _kafka(source, properties, region)
    yield from _database(source, properties, region)


def _in(properties: Properties, region: Textual, *own: str) -> Textual:
    chosen = properties.get(*own, *_REGION)
    return region if chosen is None else names.name(chosen, REGION, properties.where)


def _call(
    source: Address,
    action: str,
    resource: Textual,
    region: Textual,
    said: str,
    context: tuple[tuple[str, tuple[Textual, ...]], ...] = (),
) -> Call:
    known = region if isinstance(region, str | Unknown) else Unknown(said, why=f"its region is {region}")
    return Call(source, action, resource, known, context, said=said)


def _arn(service: str, region: Textual, *name: Textual, everywhere: bool = False) -> Textual:
    known = region if isinstance(region, str) else Unknown(str(region))
    where: Textual = "" if everywhere else region
    account: Textual = "" if service == "s3" else ACCOUNT
    return text("arn:", partition(known), ":", service, ":", where, ":", account, ":", *name)


# -- Parameter Store, Secrets Manager, S3 as sources of configuration


def _imported(
    source: Address, properties: Properties, imports: Iterable[tuple[str, Textual]], region: Textual
) -> Iterator[Found]:
    for said, value in imports:
        whole = properties.filled(value, IMPORTS)
        for location in _split(whole, ","):
            start = _leading(location)
            if start.startswith("optional:"):
                location = _without(location, "optional:")
                start = _leading(location)
            for kind, switch, own in (
                ("aws-parameterstore:", "parameterstore", "parameterstore"),
                ("aws-secretsmanager:", "secretsmanager", "secretsmanager"),
                ("aws-s3:", "s3.config", "s3"),
            ):
                if start.startswith(kind) and properties.flag(f"spring.cloud.aws.{switch}.enabled") is not False:
                    there = _in(properties, region, f"spring.cloud.aws.{own}.region")
                    yield from _locations(source, kind, _without(location, kind), there, said)


def _locations(source: Address, kind: str, value: Textual, region: Textual, said: str) -> Iterator[Found]:
    for one in _split(value, ";"):
        name = _before(one, "?")
        if name == "":
            continue
        match kind:
            case "aws-parameterstore:":
                path = names.of_variable(_without(name, "/"), "ssm", _PARAMETER, said)
                resource = _arn("ssm", region, "parameter/", path)
                yield _call(source, "ssm:GetParametersByPath", resource, region, said)
            case "aws-secretsmanager:":
                yield secret(source, name, region, said)
            case _:
                bucket, key = _bucket_and_key(_without(name, "/"))
                bucket = names.of_variable(bucket, "s3", "BucketName", said)
                if key is None:
                    yield Involves(source, "s3", _arn("s3", region, bucket, everywhere=True), said)
                else:
                    resource = _arn("s3", region, bucket, "/", names.key(key, said), everywhere=True)
                    yield _call(source, "s3:GetObject", resource, region, said)


def secret(source: Address, name: Textual, region: Textual, said: str) -> Call:
    """Reading the secret of that name or ARN; six characters that AWS makes up end the ARN of a name."""
    if _leading(name).startswith("arn:"):
        name = names.arn(name, said)
        return _call(source, "secretsmanager:GetSecretValue", name, _region_in(name, region), said)
    name = names.of_variable(name, "secretsmanager", "SecretId", said)
    why = "AWS makes it up when the secret is created"
    suffix = Unknown(f"{name}.suffix", why=why, length=SECRET_SUFFIX)
    resource = _arn("secretsmanager", region, "secret:", name, "-", suffix)
    return _call(source, "secretsmanager:GetSecretValue", resource, region, said)


def _older_imports(source: Address, properties: Properties, region: Textual) -> Iterator[Found]:
    """The contexts of Spring Cloud AWS before 2.4, which are derived from the application's name.

    They are read only where the switch stands there: the older versions were on by default, the newer have none.
    """
    for prefixes, default, action in (
        (("aws.paramstore", "spring.cloud.aws.paramstore"), "/config", "ssm:GetParametersByPath"),
        (("aws.secretsmanager",), "/secret", "secretsmanager:GetSecretValue"),
    ):
        for prefix in prefixes:
            if properties.flag(f"{prefix}.enabled") is not True:
                continue
            said = properties.said(f"{prefix}.enabled")
            start = properties.get(f"{prefix}.prefix")
            own = properties.get(f"{prefix}.name", "spring.application.name")
            common = properties.get(f"{prefix}.default-context")
            there = _in(properties, region, f"{prefix}.region")
            contexts: list[Textual] = ["application" if common is None else common]
            if own is not None:
                contexts.append(own)
            for name in contexts:
                path = text(default if start is None else start, "/", name)
                if action == "ssm:GetParametersByPath":
                    parameter = names.of_variable(_without(path, "/"), "ssm", _PARAMETER, said)
                    resource = _arn("ssm", there, "parameter/", parameter, "/")
                    yield _call(source, action, resource, there, said)
                else:
                    yield secret(source, path, there, said)


# -- telemetry


def _metrics(source: Address, properties: Properties, region: Textual) -> Iterator[Found]:
    """Micrometer's registry sends metrics, and does nothing else; without a namespace it is not made."""
    for prefix in ("management.cloudwatch.metrics.export", "management.metrics.export.cloudwatch"):
        namespace = properties.get(f"{prefix}.namespace")
        enabled = properties.flag(f"{prefix}.enabled")
        if namespace is None or enabled is False:
            continue
        if isinstance(enabled, Unknown):
            yield Involves(source, "cloudwatch", "*", f"{properties.said(f'{prefix}.enabled')}: {enabled.why}")
            continue
        own = f"{prefix}.region" if prefix.endswith("cloudwatch") else "spring.cloud.aws.cloudwatch.region"
        said = properties.said(f"{prefix}.namespace")
        context = (("cloudwatch:namespace", (names.name(namespace, NAMESPACE, said),)),)
        yield _call(source, "cloudwatch:PutMetricData", "*", _in(properties, region, own), said, context)


def _logs(source: Address, properties: Properties, region: Textual) -> Iterator[Found]:
    """A log group that an application is told of is one that it writes to by itself, as appenders do."""
    group, said = properties.get(*_LOG_GROUPS), properties.said(*_LOG_GROUPS)
    for name in _LOG_GROUP_VARIABLES:
        if group is None and (found := properties.variable(name)) is not None:
            group, said = found, f"{properties.where}: {name}"
    if group is None:
        return
    there = _in(properties, region, "aws.cloudwatch.logs.region", "logging.aws.region", "aws.region")
    yield from _written(source, group, there, said, WRITES_LOGS)


def _written(source: Address, group: Textual, region: Textual, said: str, actions: tuple[str, ...]) -> Iterator[Found]:
    group = names.of_variable(group, "logs", "LogGroupName", said)
    whole = _arn("logs", region, "log-group:", group, ":*")
    streams = _arn("logs", region, "log-group:", group, ":log-stream:*")
    for action in actions:
        if action == "logs:DescribeLogGroups":
            yield _call(source, action, "*", region, said)
        elif action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            yield _call(source, action, streams, region, said)
        else:
            yield _call(source, action, whole, region, said)


def _traces(source: Address, properties: Properties, region: Textual) -> Iterator[Found]:
    if properties.flag(*_TRACED) is True:
        said = properties.said(*_TRACED)
        daemon = properties.variable("AWS_XRAY_DAEMON_ADDRESS")
        if daemon is not None:
            why = f"{said}: its traces go to the daemon at AWS_XRAY_DAEMON_ADDRESS, which sends them as itself"
            yield Involves(source, "xray", "*", why)
        else:
            there = _in(properties, region, "aws.xray.region", "aws.region")
            for action in SENDS_TRACES:
                yield _call(source, action, "*", there, said)
    for variable, protocol in (
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "xray"),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "logs"),
    ):
        endpoint = properties.variable(variable)
        match = _ENDPOINT.match(endpoint) if isinstance(endpoint, str) else None
        if match is None or match["service"] != protocol:
            continue
        said = f"{properties.where}: {variable}"
        if protocol == "xray":
            yield _call(source, "xray:PutTraceSegments", "*", match["region"], said)
        else:
            group = _header(properties.variable("OTEL_EXPORTER_OTLP_LOGS_HEADERS"), "x-aws-log-group")
            named = Unknown(said, why="no header x-aws-log-group names it") if group is None else group
            yield from _written(source, named, match["region"], said, ("logs:PutLogEvents",))


def _header(headers: Textual | None, name: str) -> str | None:
    if not isinstance(headers, str):
        return None
    found = (pair.partition("=") for pair in headers.split(","))
    return next((value.strip() for key, _, value in found if key.strip().lower() == name), None)


# -- brokers and databases that ask IAM


def _kafka(source: Address, properties: Properties, region: Textual) -> Iterator[Found]:
    """A client of Kafka with IAM connects to its cluster; which topics it reads and writes stands in its code."""
    keys = (
        "spring.kafka.properties.sasl.mechanism",
        "spring.kafka.properties[sasl.mechanism]",
        "spring.kafka.consumer.properties.sasl.mechanism",
        "spring.kafka.producer.properties.sasl.mechanism",
    )
    mechanism = properties.get(*keys)
    if mechanism != "AWS_MSK_IAM":
        return
    servers = properties.get("spring.kafka.bootstrap-servers")
    said = properties.said(*keys)
    cluster = next((part for part in _parts(servers) if isinstance(part, Ref)), None) if servers is not None else None
    if cluster is not None:
        yield _call(source, "kafka-cluster:Connect", Ref(cluster.to, "arn"), region, said)
        resource: Textual = Ref(cluster.to, "arn")
    else:
        there = _region_of_brokers(servers, region)
        unsaid = Unknown(f"{said}: the cluster", why="brokers' names do not say which cluster they are of")
        resource = _arn("kafka", there, "cluster/", unsaid)
        yield _call(source, "kafka-cluster:Connect", resource, there, said)
    yield Involves(source, "kafka-cluster", resource, f"{said}: which topics it reads and writes stands in its code")


def _region_of_brokers(servers: Textual | None, region: Textual) -> Textual:
    match = (
        re.search(r"\.kafka(?:-serverless)?\.([a-z0-9-]+)\.amazonaws\.com", servers)
        if isinstance(servers, str)
        else None
    )
    return match[1] if match else region


def _database(source: Address, properties: Properties, region: Textual) -> Iterator[Found]:
    url = properties.get("spring.datasource.url", "spring.datasource.hikari.jdbc-url")
    user = properties.get("spring.datasource.username", "spring.datasource.hikari.username")
    if url is None:
        return
    said = properties.said("spring.datasource.url", "spring.datasource.hikari.jdbc-url")
    start = _leading(url)
    if start.startswith("jdbc-secretsmanager:"):
        if user is not None:
            where = properties.said("spring.datasource.username", "spring.datasource.hikari.username")
            reading = secret(source, user, region, where)
            yield reading
            # The driver's cache asks which version is current before it asks for the value.
            yield _call(source, "secretsmanager:DescribeSecret", reading.resource, region, where)
        return
    if not start.startswith("jdbc:aws-wrapper:"):
        return
    plugins = _parameter(url, "wrapperPlugins")
    if plugins is None:
        plugins = properties.get(f"{_HIKARI}.wrapperPlugins")
    if not isinstance(plugins, str):
        return
    named = {plugin.strip() for plugin in plugins.split(",")}
    if "iam" in named:
        account = user if user is not None else _parameter(url, "user")
        name: Textual = (
            Unknown(said, why="it names no user") if account is None else names.name(account, DATABASE_USER, said)
        )
        database = next((part for part in _parts(url) if isinstance(part, Ref)), None)
        of: Textual = (
            Unknown(said, why="the host's name does not say which database it is")
            if database is None
            else Ref(database.to, "cluster_resource_id" if "_rds_cluster." in database.to else "resource_id")
        )
        yield _call(source, "rds-db:connect", _arn("rds-db", region, "dbuser:", of, "/", name), region, said)
    if "awsSecretsManager" in named:
        identifier = _parameter(url, "secretsManagerSecretId")
        if identifier is None:
            identifier = properties.get(f"{_HIKARI}.secretsManagerSecretId")
        there = _parameter(url, "secretsManagerRegion")
        if there is None:
            there = properties.get(f"{_HIKARI}.secretsManagerRegion")
        if identifier is not None:
            yield secret(source, identifier, region if there is None else names.name(there, REGION, said), said)


# -- what is merely named


def named(source: Address, variables: Iterable[tuple[str, Textual, str]]) -> Iterator[Involves]:
    """What values of configuration name by their shape: an ARN, the address of a queue, a bucket.

    ``variables`` are names, values and where each stands. What is done with it no value says.
    """
    for name, value, where in variables:
        why = f"{where} names it, and nothing says what is done with it"
        if isinstance(value, Ref):
            found = value.to.as_terraform()
            service = _SERVICES.get(found.type) if found is not None else None
            if service is not None:
                yield Involves(source, service, Ref(value.to, "arn"), why)
            continue
        if not isinstance(value, str):
            continue
        arn, queue = _ARN.fullmatch(value), _QUEUE.fullmatch(value)
        bucket = _BUCKET_URI.match(value) or _BUCKET_HOST.match(value)
        if arn is not None and arn["service"] != "iam":
            yield Involves(source, arn["service"], value, why)
        elif queue is not None:
            resource = f"arn:{partition(queue['region'])}:sqs:{queue['region']}:{queue['account']}:{queue['name']}"
            yield Involves(source, "sqs", resource, why)
        elif bucket is not None:
            yield Involves(source, "s3", f"arn:aws:s3:::{bucket['name']}", why)
        elif _is_bucket(name) and _BUCKET_NAME.fullmatch(value):
            yield Involves(source, "s3", f"arn:aws:s3:::{value}", why)


_SERVICES: Final = {
    "aws_s3_bucket": "s3",
    "aws_sqs_queue": "sqs",
    "aws_sns_topic": "sns",
    "aws_dynamodb_table": "dynamodb",
    "aws_kinesis_stream": "kinesis",
    "aws_secretsmanager_secret": "secretsmanager",
    "aws_ssm_parameter": "ssm",
    "aws_sfn_state_machine": "states",
    "aws_lambda_function": "lambda",
}


def _is_bucket(name: str) -> bool:
    words = re.split(r"[^A-Za-z0-9]+", name.upper())
    return words[-1] == "BUCKET" or words[-2:] == ["BUCKET", "NAME"]


# -- texts with holes


def _parts(value: Textual) -> tuple[str | Ref | Unknown, ...]:
    return value.parts if isinstance(value, Text) else (value,)


def _leading(value: Textual) -> str:
    first = _parts(value)[0]
    return first if isinstance(first, str) else ""


def _without(value: Textual, start: str) -> Textual:
    first, *rest = _parts(value)
    return text(first.removeprefix(start), *rest) if isinstance(first, str) else value


def _split(value: Textual, separator: str) -> list[Textual]:
    pieces: list[list[Textual]] = [[]]
    for part in _parts(value):
        if not isinstance(part, str):
            pieces[-1].append(part)
            continue
        first, *rest = part.split(separator)
        pieces[-1].append(first)
        pieces.extend([piece] for piece in rest)
    found = [text(*piece) for piece in pieces]
    return [piece.strip() if isinstance(piece, str) else piece for piece in found if piece != ""]


def _before(value: Textual, mark: str) -> Textual:
    kept: list[Textual] = []
    for part in _parts(value):
        if isinstance(part, str) and mark in part:
            kept.append(part.partition(mark)[0])
            break
        kept.append(part)
    return text(*kept)


def _bucket_and_key(value: Textual) -> tuple[Textual, Textual | None]:
    before: list[Textual] = []
    parts = _parts(value)
    for number, part in enumerate(parts):
        if isinstance(part, str) and "/" in part:
            bucket, _, key = part.partition("/")
            return text(*before, bucket), text(key, *parts[number + 1 :])
        before.append(part)
    return value, None


def _parameter(url: Textual, name: str) -> Textual | None:
    """A parameter of a JDBC URL."""
    for piece in _split(_after(url, "?"), "&"):
        if _leading(piece).startswith(f"{name}="):
            return _without(piece, f"{name}=")
    return None


def _after(value: Textual, mark: str) -> Textual:
    parts = _parts(value)
    for number, part in enumerate(parts):
        if isinstance(part, str) and mark in part:
            return text(part.partition(mark)[2], *parts[number + 1 :])
    return ""


def _region_in(arn: Textual, region: Textual) -> Known[str] | Textual:
    fields = _leading(arn).split(":")
    return fields[3] if len(fields) > 4 and fields[3] else region
