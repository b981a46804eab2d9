"""The CloudWatch agent, as EKS's observability add-on installs it, with Fluent Bit under the same account.

Read in aws/amazon-cloudwatch-agent at 0316fb693cef: the receiver of Container Insights asks for volumes and tags, the
exporter of logs makes a group and its retention only where there is none. Metrics of its own, traces and a
configuration from Parameter Store are asked for where its configuration has them. Published: AWS's
CloudWatchAgentServerPolicy.
"""

from __future__ import annotations

from seawall.knowledge.controllers.controller import Controller, Need, Told, each

CONTROLLER = Controller(
    name="cloudwatch-agent",
    version="1.300",
    source="https://docs.aws.amazon.com/aws-managed-policy/latest/reference/CloudWatchAgentServerPolicy.html",
    read="2026-11-22",
    images=("cloudwatch-agent/cloudwatch-agent", "cloudwatch-agent"),
    charts=("amazon-cloudwatch-observability",),
    addons=("amazon-cloudwatch-observability",),
    account="cloudwatch-agent",
    namespace="amazon-cloudwatch",
    account_at=("agent.serviceAccount.name",),
    told=(
        Told("metrics", ("agent.config.metrics",)),
        Told("traces", ("agent.config.traces",)),
        Told("signals", ("agent.config.logs.metrics_collected.application_signals",)),
        Told("configured", ("agent.config",)),
        Told("describes-logs", ("agent.config.logs.logs_collected",)),
        Told("logs-of-containers", ("containerLogs.enabled",), default="true"),
    ),
    needs=(
        Need(each("ec2", "DescribeTags", "DescribeVolumes")),
        Need(each("logs", "CreateLogStream", "PutLogEvents"), ("{log-streams}",)),
        Need(each("logs", "CreateLogGroup", "PutRetentionPolicy"), ("{new-log-group}",)),
        Need(
            each("logs", "DescribeLogGroups", "DescribeLogStreams"),
            ("arn:{partition}:logs:{region}:{account}:log-group:*",),
            when="describes-logs",
        ),
        Need(("cloudwatch:PutMetricData",), when="metrics"),
        Need(
            each(
                "xray", "GetSamplingRules", "GetSamplingStatisticSummaries", "GetSamplingTargets",
                "PutTelemetryRecords",
                "PutTraceSegments",
            ),
            when="traces",
        ),
    ),
    unused=("ssm:GetParameter",),  # in a cluster its configuration is a ConfigMap
)  # fmt: skip
