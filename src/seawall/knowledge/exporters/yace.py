"""yet-another-cloudwatch-exporter: metrics of CloudWatch under names and labels that follow from its configuration.

Which metrics there are is said there alone, so the table holds only those of its own working.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from seawall.knowledge.exporters.catalogue import Metric

SOURCE: Final = (
    "prometheus-community/yet-another-cloudwatch-exporter@1a0ddb1efec8, pkg/promutil/migrate.go, "
    "pkg/promutil/prometheus.go"
)
METRICS: Final = """
yace_cloudwatch_getmetricdata_metrics_requested_total counter
yace_cloudwatch_getmetricdata_requests_total counter
yace_cloudwatch_getmetricstatistics_requests_total counter
yace_cloudwatch_request_errors counter api_name
yace_cloudwatch_requests_total counter api_name
yace_cloudwatch_resourcegrouptaggingapi_requests_total counter
yace_cloudwatch_targetgroupapi_requests_total counter
"""
DIMENSIONS: Final = {
    "AWS/ApplicationELB": ("AvailabilityZone", "LoadBalancer", "TargetGroup"),
    "AWS/CertificateManager": ("CertificateArn",),
    "AWS/CloudFront": ("DistributionId", "Region"),
    "AWS/EC2": ("AutoScalingGroupName", "ImageId", "InstanceId", "InstanceType"),
    "AWS/EFS": ("FileSystemId", "StorageClass"),
    "AWS/ElastiCache": ("CacheClusterId", "CacheNodeId", "ReplicationGroupId"),
    "AWS/Kafka": ("Broker ID", "Cluster Name", "Consumer Group", "Topic"),
    "AWS/NATGateway": ("NatGatewayId",),
    "AWS/NetworkELB": ("AvailabilityZone", "LoadBalancer", "TargetGroup"),
    "AWS/RDS": ("DBClusterIdentifier", "DBInstanceIdentifier", "DatabaseClass", "EngineName", "Role"),
    "AWS/Route53": ("HealthCheckId",),
    "AWS/S3": ("BucketName", "FilterId", "StorageType"),
    "AWS/SQS": ("QueueName",),
    "AWS/WAFV2": ("Region", "Rule", "RuleGroup", "WebACL"),
}
"""Dimensions that metrics of a namespace have, each in some combination: AWS's lists of each service's metrics."""
_SEPARATORS: Final = " ,\t/\\.-:=@<>()"


def metric(namespace: str, name: str, statistic: str) -> str:
    """The name under which a statistic of a metric is exported: ``aws_rds_cpuutilization_average``.

    A part of the namespace that the metric's name repeats at its beginning is left out, as the exporter does.
    """
    space = _snake(namespace.removeprefix("/").lower())
    words, skip = _snake(name), 0
    for part in space.split("_"):
        if words[skip:].startswith(part):
            skip = len(part)
    prefix = "" if space.startswith("aws") else "aws_"
    return f"{prefix}{space}_{words[skip:].removeprefix('_')}_{_snake(statistic)}"


def labels(
    dimensions: Iterable[str], tags: Iterable[str] = (), custom: Iterable[str] = (), *, snake_case: bool = False
) -> tuple[str, ...]:
    """The labels of a metric with these dimensions, exported tags and custom tags."""

    def spelled(text: str) -> str:
        return _snake(text) if snake_case else _sanitized(text)

    return (
        "name",
        "region",
        "account_id",
        *(f"dimension_{spelled(dimension)}" for dimension in dimensions),
        *(f"tag_{spelled(tag)}" for tag in tags),
        *(f"custom_tag_{spelled(tag)}" for tag in custom),
    )


def info(namespace: str, tags: Iterable[str]) -> tuple[str, Metric]:
    """The series that names each thing found in a namespace, with its exported tags."""
    space = _snake(namespace.removeprefix("/").lower())
    name = f"{'' if space.startswith('aws') else 'aws_'}{space}_info"
    return name, Metric("gauge", labels((), tags))


def _snake(text: str) -> str:
    found, before = "", ""
    for letter in text:
        if letter in _SEPARATORS:
            found += "_"
        elif letter == "%":
            found += "_percent"
        else:
            if letter.isupper() and (before.islower() or before.isdigit()):
                found += "_"
            found += letter.lower()
        before = letter
    return found


def _sanitized(text: str) -> str:
    return "".join("_" if letter in _SEPARATORS else letter for letter in text).replace("%", "_percent")
