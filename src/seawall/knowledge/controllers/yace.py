"""Yet another CloudWatch exporter: what CloudWatch knows, for Prometheus.

Read in prometheus-community/yet-another-cloudwatch-exporter at 1a0ddb1efec8: README.md, and pkg/job: things are looked
for by their tags where there is a discovery job, metrics listed for those and for namespaces of others, and statistics
asked for one by one only in a static job.
"""

from __future__ import annotations

from seawall.knowledge.controllers.controller import Controller, Need, each

CONTROLLER = Controller(
    name="yace",
    version="0.67.0",
    source="https://github.com/prometheus-community/yet-another-cloudwatch-exporter/blob/1a0ddb1efec8/README.md",
    read="2026-11-22",
    images=("prometheuscommunity/yet-another-cloudwatch-exporter", "yet-another-cloudwatch-exporter"),
    charts=("prometheus-yet-another-cloudwatch-exporter",),
    account="yace",
    namespace="yace",
    needs=(
        Need(("tag:GetResources",), region="{discovery}"),
        Need(each("cloudwatch", "GetMetricData", "ListMetrics"), region="{discovery}"),
        Need(each("cloudwatch", "GetMetricData", "ListMetrics"), region="{custom}"),
        Need(("cloudwatch:GetMetricStatistics",), region="{static}"),
        Need(("autoscaling:DescribeAutoScalingGroups",), region="{AWS/AutoScaling}"),
        Need(("apigateway:GET",), ("arn:{partition}:apigateway:{AWS/ApiGateway}::/*",)),
        Need(each("dms", "DescribeReplicationInstances", "DescribeReplicationTasks"), region="{AWS/DMS}"),
        Need(("ec2:DescribeTransitGatewayAttachments",), region="{AWS/TransitGateway}"),
        Need(("ec2:DescribeSpotFleetRequests",), region="{AWS/EC2Spot}"),
        Need(each("aps", "ListWorkspaces"), region="{AWS/Prometheus}"),
        Need(("shield:ListProtections",), region="{AWS/DDoSProtection}"),
        Need(each("storagegateway", "ListGateways", "ListTagsForResource"), region="{AWS/StorageGateway}"),
        Need(("sts:AssumeRole",), ("{role}",)),
    ),
)
