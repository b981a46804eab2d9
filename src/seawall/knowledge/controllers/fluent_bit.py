"""Fluent Bit: logs of nodes and pods, to where its outputs say.

Read in fluent/fluent-bit: plugins/out_cloudwatch_logs (a group is made only where `auto_create_group` says so and there
is none) and plugins/out_s3; and fluent/fluent-bit-docs, "Amazon CloudWatch" and "Amazon S3", read 2026-11-22.
"""

from __future__ import annotations

from seawall.knowledge.controllers.controller import Controller, Need, each

CONTROLLER = Controller(
    name="fluent-bit",
    version="5.1.1",
    source="https://docs.fluentbit.io/manual/pipeline/outputs/cloudwatch",
    read="2026-11-22",
    images=("fluent/fluent-bit", "aws-observability/aws-for-fluent-bit", "aws-for-fluent-bit"),
    charts=("fluent-bit", "aws-for-fluent-bit"),
    account="fluent-bit",
    namespace="logging",
    needs=(
        Need(each("logs", "CreateLogStream", "PutLogEvents"), ("{log-streams}",)),
        Need(("logs:CreateLogGroup",), ("{new-log-group}",)),
        Need(("logs:PutRetentionPolicy",), ("{log-group-with-retention}",)),
        Need(("s3:PutObject",), ("{objects}",)),
        Need(each("firehose", "PutRecordBatch"), ("{firehose}",)),
        Need(each("kinesis", "PutRecords"), ("{stream}",)),
    ),
)
