"""KEDA's operator: numbers of pods by what queues, streams, tables and metrics say.

Read in kedacore/keda-docs at a55c5d345e2c: 2.17/authentication-providers/aws.md and 2.17/scalers/aws-*.md. The operator
asks as itself where a trigger authentication says `podIdentity.provider: aws` or a trigger `identityOwner: operator`.
"""

from __future__ import annotations

from seawall.knowledge.controllers.controller import Controller, Need, each

CONTROLLER = Controller(
    name="keda",
    version="2.20.2",
    source="https://github.com/kedacore/keda-docs/blob/a55c5d345e2c/content/docs/2.17/authentication-providers/aws.md",
    read="2026-11-22",
    images=("kedacore/keda",),
    charts=("keda",),
    account="keda-operator",
    namespace="keda",
    account_at=("serviceAccount.operator.name",),
    needs=(
        Need(("cloudwatch:GetMetricData",), region="{aws-cloudwatch}"),
        Need(("sqs:GetQueueAttributes",), ("{aws-sqs-queue}",)),
        Need(("kinesis:DescribeStreamSummary",), ("{aws-kinesis-stream}",)),
        Need(("dynamodb:Query",), ("{aws-dynamodb}",)),
        Need(
            each("dynamodb", "DescribeStream", "DescribeTable", "ListStreams"),
            ("{aws-dynamodb-streams}",),
        ),
        Need(("sts:AssumeRole",), ("{role}",)),
    ),
)
