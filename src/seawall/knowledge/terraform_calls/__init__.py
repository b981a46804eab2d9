"""What Terraform's AWS provider calls for each type of resource: to make it, to look at it, to take it away.

May import kernel. Law: only what was seen. ``calls.json`` was recorded from the provider's own log while shipped
platforms came up and went down on the emulator, by ``benchmarks/terraform_calls.py``, which makes it again; it says
which version of the provider and on which day. What was not done there (most updates) is not in it, and neither is what
AWS asks for besides, such as passing a role or the tags of what is made.

No command asks for it: it is what the tests hold the roles against that shipped platforms deploy as.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final, Literal, TypeAlias

Phase: TypeAlias = Literal["create", "read", "delete"]

SERVICES: Final[Mapping[str, str]] = {
    "ACM": "acm",
    "API Gateway": "apigateway",
    "Application Auto Scaling": "application-autoscaling",
    "Athena": "athena",
    "Auto Scaling": "autoscaling",
    "Backup": "backup",
    "Budgets": "budgets",
    "chatbot": "chatbot",
    "CloudFront": "cloudfront",
    "CloudWatch": "cloudwatch",
    "CloudWatch Logs": "logs",
    "EC2": "ec2",
    "ECR": "ecr",
    "EFS": "elasticfilesystem",
    "EKS": "eks",
    "ElastiCache": "elasticache",
    "Elastic Load Balancing v2": "elasticloadbalancing",
    "EventBridge": "events",
    "Firehose": "firehose",
    "Glue": "glue",
    "grafana": "grafana",
    "IAM": "iam",
    "Kafka": "kafka",
    "KMS": "kms",
    "Lambda": "lambda",
    "RDS": "rds",
    "Route 53": "route53",
    "S3": "s3",
    "S3 Control": "s3",
    "Scheduler": "scheduler",
    "Secrets Manager": "secretsmanager",
    "SFN": "states",
    "SNS": "sns",
    "SQS": "sqs",
    "SSM": "ssm",
    "STS": "sts",
    "WAFV2": "wafv2",
    "XRay": "xray",
}
"""IAM's prefix of a service by the name that the AWS SDK for Go gives it."""

_CALLED_OTHERWISE: Final[Mapping[str, tuple[str, ...]]] = {
    "budgets:CreateBudget": ("budgets:ModifyBudget",),
    "budgets:CreateNotification": ("budgets:ModifyBudget",),
    "budgets:CreateSubscriber": ("budgets:ModifyBudget",),
    "budgets:DeleteBudget": ("budgets:ModifyBudget",),
    "budgets:DeleteNotification": ("budgets:ModifyBudget",),
    "budgets:DeleteSubscriber": ("budgets:ModifyBudget",),
    "budgets:DescribeBudget": ("budgets:ViewBudget",),
    "budgets:DescribeNotificationsForBudget": ("budgets:ViewBudget",),
    "budgets:DescribeSubscribersForNotification": ("budgets:ViewBudget",),
    "budgets:UpdateBudget": ("budgets:ModifyBudget",),
    "cloudfront:CreateDistributionWithTags": ("cloudfront:CreateDistribution", "cloudfront:TagResource"),
    "s3:DeleteObjects": ("s3:DeleteObject",),
    "s3:GetBucketAccelerateConfiguration": ("s3:GetAccelerateConfiguration",),
    "s3:GetBucketCors": ("s3:GetBucketCORS",),
    "s3:GetBucketEncryption": ("s3:GetEncryptionConfiguration",),
    "s3:GetBucketLifecycleConfiguration": ("s3:GetLifecycleConfiguration",),
    "s3:GetBucketReplication": ("s3:GetReplicationConfiguration",),
    "s3:GetObjectLockConfiguration": ("s3:GetBucketObjectLockConfiguration",),
    "s3:GetPublicAccessBlock": ("s3:GetBucketPublicAccessBlock",),
    "s3:DeletePublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "s3:DeleteBucketCors": ("s3:PutBucketCORS",),
    "s3:DeleteBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "s3:DeleteBucketLifecycle": ("s3:PutLifecycleConfiguration",),
    "s3:DeleteBucketOwnershipControls": ("s3:PutBucketOwnershipControls",),
    "s3:DeleteBucketReplication": ("s3:PutReplicationConfiguration",),
    "s3:DeleteBucketTagging": ("s3:PutBucketTagging",),
    "s3:HeadBucket": ("s3:ListBucket",),
    "s3:HeadObject": ("s3:GetObject",),
    "s3:ListObjectVersions": ("s3:ListBucketVersions",),
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "s3:PutBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "s3:PutBucketLifecycleConfiguration": ("s3:PutLifecycleConfiguration",),
    "s3:PutBucketReplication": ("s3:PutReplicationConfiguration",),
    "s3:PutPublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
}
"""IAM's actions for calls of another name (Service Authorization Reference; S3: "Required permissions")."""

NO_PERMISSION: Final = frozenset({"sts:GetCallerIdentity"})
"""Calls that need none."""


def actions(type: str, phase: Phase) -> tuple[str, ...]:
    """IAM's actions for what Terraform does with a resource of a type; empty for a type that was not seen.

    A data source's type begins with ``data.``, that of a value which is never kept with ``ephemeral.``.
    """
    found: dict[str, None] = {}
    for call in _recorded()["types"].get(type, {}).get(phase, ()):
        for action in _CALLED_OTHERWISE.get(call, (call,)):
            if action not in NO_PERMISSION:
                found[action] = None
    return tuple(found)


def seen() -> frozenset[str]:
    """The types that were seen."""
    return frozenset(_recorded()["types"])


def edition() -> str:
    """The provider's version, and the day on which it was watched."""
    recorded = _recorded()
    return f"hashicorp/aws {recorded['provider']} on {recorded['day']}"


@cache
def _recorded() -> dict[str, dict[str, dict[str, tuple[str, ...]]]]:
    text = files(__name__).joinpath("calls.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, dict[str, tuple[str, ...]]]] = json.loads(text)
    return found
