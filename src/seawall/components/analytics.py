"""Analytics: a stream's records as files that can be asked with SQL, without a server of our own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from seawall.components.buckets import bucket
from seawall.components.component import Expandable
from seawall.components.keys import by_logs, key
from seawall.components.offer import Right
from seawall.components.policy import allow, calls, document, granting, trust
from seawall.components.scope import Scope
from seawall.components.steps import back
from seawall.components.stream import Stream
from seawall.components.watch import Watch
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.errors import InputError
from seawall.kernel.value import Textual, text
from seawall.model.fields import Duration, Size

SMALLEST_BATCH = 64
"""MiB: Firehose collects at least so much for a file of columns (its developer guide, "Record format conversion")."""
COLD = 90
"""Days after which hardly anybody asks for a record."""

Column = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,127}$")]
Kind = Literal["string", "boolean", "int", "bigint", "double", "timestamp", "date", "map<string,string>"]
_PARTS = ("year", "month", "day")


class Analytics(Expandable):
    """Firehose reads a stream's topic and writes columns of Parquet; Glue knows what they are, and Athena asks them."""

    section: ClassVar[bool] = True
    stack: ClassVar[str] = "analytics"

    kind: Literal["analytics"]
    topic: str = ""
    """The topic that is read; where silent the stream's first."""
    columns: Annotated[Mapping[Column, Kind], Field(min_length=1)]
    """The fields of a record, which is JSON, that become columns; others are left out."""
    kept: Duration = units.Duration(400 * 86400)
    """How long records are kept; after 90 days where they are cheap to keep and dear to read."""
    results: Duration = units.Duration(30 * 86400)
    """How long the answers to questions are kept."""
    scan: Size = units.Size(10 * 2**30)
    """How much one question may read; it is ended where it would read more."""
    protected: bool = True
    """Whether its buckets refuse to be deleted while they hold something."""

    @model_validator(mode="after")
    def _sound(self) -> Analytics:
        for part in _PARTS:
            if part in self.columns:
                raise ValueError(f"columns says {part}, by which the files are divided already")
        if self.kept.days <= COLD:
            raise ValueError(f"kept is {self.kept}; records move to colder storage after {COLD} d and stay for longer")
        return self

    def watches(self, scope: Scope) -> Iterator[Watch]:
        """Records that arrive late, or not at all."""
        if not scope.is_home:
            return
        firehose = (("DeliveryStreamName", _called(scope)),)
        here = f"--region {scope.region}"
        reading = f"Why: `aws logs tail /aws/kinesisfirehose/{_called(scope)} --since 1h {here}`."
        yield Watch(
            "late",
            "The oldest record that Firehose still has to write is older than half an hour: analyses lag behind.",
            "DeliveryToS3.DataFreshness", "AWS/Firehose", firehose, "Maximum", ">", 1800, "notBreaching",
            period=300,
            layer="stream",
            first=(
                reading,
                f"Its state: `aws firehose describe-delivery-stream --delivery-stream-name {_called(scope)} {here} "
                "--query 'DeliveryStreamDescription.[DeliveryStreamStatus,FailureDescription]'`.",
                "Access denied to bucket, key, table or topic: `seawall plan` shows what somebody changed.",
                "Nothing is lost while the stream keeps its records: Firehose goes on where it stopped.",
            ),
        )  # fmt: skip
        yield Watch(
            "unreadable",
            "Records do not fit the table's columns; they lie under errors/ in the bucket.",
            "FailedConversion.Records", "AWS/Firehose", firehose, "Sum", ">", 0, "notBreaching", period=300,
            layer="stream",
            first=(
                "Which records, and why: `aws s3 ls --recursive s3://BUCKET/errors/ | tail -5` and read the newest; "
                "each line names the error and holds the record in base64. The bucket is named in `aws firehose "
                f"describe-delivery-stream --delivery-stream-name {_called(scope)} {here}`.",
                *back(scope),
                "The records are right and the columns are not: change `analytics.columns`, apply, and put the "
                "records once more.",
            ),
        )  # fmt: skip

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """Key, buckets, table, role, delivery and workgroup, at home alone: a site's stream holds the same records."""
        if not scope.is_home:
            return
        name, stream = self._source(scope)
        topic = self.topic or stream.topics[0]
        if topic not in stream.topics:
            raise InputError(
                f"analytics reads the topic {topic}, which {name} does not have",
                fix=f"choose one of {', '.join(stream.topics)}",
                origin=scope.origin,
            )
        yield scope.lookup("aws_caller_identity", scope.identifier, {})
        account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
        logs = f"/aws/kinesisfirehose/{_called(scope)}"
        yield from key(
            scope,
            scope.identifier,
            account=account,
            called=_called(scope),
            purpose=f"Records, answers and logs of {_called(scope)}",
            statements=(by_logs(scope, account, logs),),
        )
        encrypts = scope.ref("aws_kms_key", scope.identifier, "arn")
        yield from bucket(
            scope,
            "records",
            purpose="records",
            expires_after=round(self.kept.days),
            versions=7,
            emptied=not self.protected,
            key=encrypts,
            moves=((COLD, "GLACIER_IR"),),
        )
        yield from bucket(
            scope,
            "answers",
            purpose="answers",
            expires_after=round(self.results.days),
            emptied=not self.protected,
            key=encrypts,
        )
        yield from self._table(scope)
        yield from self._delivery(scope, name, stream, topic, logs)
        yield self._workgroup(scope)

    def _source(self, scope: Scope) -> tuple[str, Stream]:
        for need in self.needs:
            found = scope.component(need)
            if isinstance(found, Stream):
                return need, found
        raise InputError("analytics needs a stream to read", fix="name one under `needs`", origin=scope.origin)

    # -- what the files are ----------------------------------------------------------------------------------------

    def _table(self, scope: Scope) -> Iterator[Resource]:
        schema = _schema(scope)
        yield scope.aws(
            "aws_glue_catalog_database",
            "main",
            {"name": schema, "description": f"Records of {scope.title}"},
            called=_called(scope),
        )
        where = text("s3://", scope.ref("aws_s3_bucket", "records", "bucket"), "/records/")
        parquet = "org.apache.hadoop.hive.ql.io.parquet"
        body = {
            "name": "records",
            "database_name": scope.ref("aws_glue_catalog_database", "main", "name"),
            "table_type": "EXTERNAL_TABLE",
            # Days are computed from the path: no crawler has to find them, and none is paid for.
            "parameters": {
                "classification": "parquet",
                "projection.enabled": "true",
                "projection.year.type": "integer",
                "projection.year.range": "2025,2040",
                "projection.month.type": "integer",
                "projection.month.range": "1,12",
                "projection.month.digits": "2",
                "projection.day.type": "integer",
                "projection.day.range": "1,31",
                "projection.day.digits": "2",
                "storage.location.template": text(where, "year=${year}/month=${month}/day=${day}/"),
            },
            "partition_keys": [{"name": part, "type": "int"} for part in _PARTS],
            "storage_descriptor": [
                {
                    "location": where,
                    "input_format": f"{parquet}.MapredParquetInputFormat",
                    "output_format": f"{parquet}.MapredParquetOutputFormat",
                    "compressed": True,
                    "ser_de_info": [{"serialization_library": f"{parquet}.serde.ParquetHiveSerDe"}],
                    "columns": [{"name": column, "type": kind} for column, kind in self.columns.items()],
                }
            ],
        }
        yield scope.aws("aws_glue_catalog_table", "records", body)

    # -- how they get there ----------------------------------------------------------------------------------------

    def _delivery(self, scope: Scope, need: str, stream: Stream, topic: str, logs: str) -> Iterator[Resource | Demand]:
        called = _called(scope)
        encrypts = scope.ref("aws_kms_key", scope.identifier, "arn")
        yield scope.aws(
            "aws_cloudwatch_log_group",
            "firehose",
            {"name": logs, "retention_in_days": 30, "kms_key_id": encrypts},
        )
        group = scope.ref("aws_cloudwatch_log_group", "firehose", "name")
        line = {"name": "delivery", "log_group_name": group}
        yield scope.aws("aws_cloudwatch_log_stream", "firehose", line)
        account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
        trusted = trust("firehose.amazonaws.com", {"StringEquals": {"aws:SourceAccount": account}})
        role = {"name": f"{called}-firehose", "assume_role_policy": trusted}
        yield scope.aws("aws_iam_role", "firehose", role, called=f"{called}-firehose")
        rights = {
            "name": f"{called}-firehose",
            "role": scope.ref("aws_iam_role", "firehose", "name"),
            "policy": document(*self._rights(scope, need, stream, topic)),
        }
        yield scope.aws("aws_iam_role_policy", "firehose", rights)
        as_it = scope.ref("aws_iam_role", "firehose", "arn")
        path = "records/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/"
        conversion: dict[str, Any] = {
            "enabled": True,
            "input_format_configuration": [{"deserializer": [{"open_x_json_ser_de": [{"case_insensitive": True}]}]}],
            "output_format_configuration": [{"serializer": [{"parquet_ser_de": [{"compression": "SNAPPY"}]}]}],
            "schema_configuration": [
                {
                    "database_name": scope.ref("aws_glue_catalog_database", "main", "name"),
                    "table_name": scope.ref("aws_glue_catalog_table", "records", "name"),
                    "role_arn": as_it,
                    "region": scope.region,
                }
            ],
        }
        files = {
            "role_arn": as_it,
            "bucket_arn": scope.ref("aws_s3_bucket", "records", "arn"),
            "prefix": path,
            "error_output_prefix": "errors/!{firehose:error-output-type}/!{timestamp:yyyy}/!{timestamp:MM}/",
            "buffering_size": SMALLEST_BATCH * 2,
            "buffering_interval": 300,
            "compression_format": "UNCOMPRESSED",  # Parquet packs its columns itself
            "kms_key_arn": encrypts,
            "cloudwatch_logging_options": [
                {
                    "enabled": True,
                    "log_group_name": group,
                    "log_stream_name": scope.ref("aws_cloudwatch_log_stream", "firehose", "name"),
                }
            ],
            "data_format_conversion_configuration": [conversion],
        }
        body = {
            "name": called,
            "destination": "extended_s3",
            "msk_source_configuration": [
                {
                    "msk_cluster_arn": scope.at(need).ref("aws_msk_cluster", scope.at(need).identifier, "arn"),
                    "topic_name": topic,
                    "authentication_configuration": [{"connectivity": "PRIVATE", "role_arn": as_it}],
                }
            ],
            "extended_s3_configuration": [files],
        }
        before = [scope.address("aws_iam_role_policy", "firehose")]
        yield scope.aws("aws_kinesis_firehose_delivery_stream", "records", body, depends_on=before, called=called)
        it = scope.address("aws_kinesis_firehose_delivery_stream", "records")
        yield from calls(it, self._reading(scope, need, stream, topic), f"{scope.origin} reads {need}")

    def _reading(self, scope: Scope, need: str, stream: Stream, topic: str) -> Iterator[Right]:
        """What it does with the stream; the rest is said by what Firehose is told."""
        at = scope.at(need)
        cluster = at.ref("aws_msk_cluster", at.identifier, "arn")
        yield Right(("kafka-cluster:Connect", "kafka:DescribeCluster", "kafka:DescribeClusterV2"), (cluster,))
        # It is about no resource (Service Authorization Reference), so that an ARN would grant nothing.
        yield Right(("kafka:GetBootstrapBrokers",), ("*",))
        topics = ("DescribeTopic", "DescribeTopicDynamicConfiguration", "ReadData")
        yield Right(tuple(f"kafka-cluster:{verb}" for verb in topics), (stream.within(at, "topic", topic),))
        # Firehose reads as a group whose name it chooses.
        yield Right(("kafka-cluster:DescribeGroup",), (stream.within(at, "group", "*"),))

    def _rights(self, scope: Scope, need: str, stream: Stream, topic: str) -> Iterator[dict[str, Any]]:
        yield from (granting(right) for right in self._reading(scope, need, stream, topic))
        files = scope.ref("aws_s3_bucket", "records", "arn")
        yield allow(["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], [files])
        yield allow(["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], [text(files, "/*")])
        account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
        schema = _schema(scope)
        yield allow(
            ["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"],
            [
                text(f"arn:aws:glue:{scope.region}:", account, f":{what}")
                for what in ("catalog", f"database/{schema}", f"table/{schema}/records")
            ],
        )
        yield allow(
            ["kms:Decrypt", "kms:GenerateDataKey"],
            [scope.ref("aws_kms_key", scope.identifier, "arn")],
            {"StringEquals": {"kms:ViaService": f"s3.{scope.region}.amazonaws.com"}},
        )
        group: Textual = scope.ref("aws_cloudwatch_log_group", "firehose", "arn")
        yield allow(["logs:PutLogEvents"], [text(group, ":log-stream:delivery")])

    # -- how they are asked ----------------------------------------------------------------------------------------

    def _workgroup(self, scope: Scope) -> Resource:
        body = {
            "name": _called(scope),
            "description": f"Questions about the records of {scope.title}",
            "force_destroy": not self.protected,
            "configuration": [
                {
                    # Nobody can ask past the limit, or write answers elsewhere, by settings of their own.
                    "enforce_workgroup_configuration": True,
                    "publish_cloudwatch_metrics_enabled": True,
                    "bytes_scanned_cutoff_per_query": self.scan.bytes,
                    "result_configuration": [
                        {
                            "output_location": text("s3://", scope.ref("aws_s3_bucket", "answers", "bucket"), "/"),
                            "encryption_configuration": [
                                {
                                    "encryption_option": "SSE_KMS",
                                    "kms_key_arn": scope.ref("aws_kms_key", scope.identifier, "arn"),
                                }
                            ],
                        }
                    ],
                }
            ],
        }
        return scope.aws("aws_athena_workgroup", "main", body, called=_called(scope))


def _called(scope: Scope) -> str:
    """The delivery stream's name, of at most 64 characters."""
    return f"{scope.title[:54].rstrip('-')}-analytics"


def _schema(scope: Scope) -> str:
    """The name of the database; Athena knows no hyphens."""
    return scope.title.replace("-", "_")
