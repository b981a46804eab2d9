"""Which service's actions a Terraform resource of AWS needs: the word before the colon in IAM.

Source: the service prefixes of the Service Authorization Reference, read 2026-11-21:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from functools import cache
from typing import Final

PREFIXES: Final = {
    "acm": "acm",
    "ami": "ec2",
    "appautoscaling": "application-autoscaling",
    "athena": "athena",
    "autoscaling": "autoscaling",
    "backup": "backup",
    "budgets": "budgets",
    "caller_identity": "sts",
    "chatbot": "chatbot",
    "cloudfront": "cloudfront",
    "cloudwatch": "cloudwatch",
    "cloudwatch_event": "events",
    "cloudwatch_log": "logs",
    "db": "rds",
    "default": "ec2",
    "ebs": "ec2",
    "ec2": "ec2",
    "ecr": "ecr",
    "efs": "elasticfilesystem",
    "eip": "ec2",
    "eks": "eks",
    "elasticache": "elasticache",
    "flow": "ec2",
    "glue": "glue",
    "grafana": "grafana",
    "iam": "iam",
    "instance": "ec2",
    "internet": "ec2",
    "kinesis_firehose": "firehose",
    "kms": "kms",
    "lambda": "lambda",
    "launch": "ec2",
    "lb": "elasticloadbalancing",
    "msk": "kafka",
    "nat": "ec2",
    "network": "ec2",
    "rds": "rds",
    "route": "ec2",
    "route53": "route53",
    "s3": "s3",
    "scheduler": "scheduler",
    "secretsmanager": "secretsmanager",
    "security": "ec2",
    "sfn": "states",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "subnet": "ec2",
    "vpc": "ec2",
    "wafv2": "wafv2",
    "xray": "xray",
}
"""The first word or words of a resource type after ``aws_``, with IAM's prefix of the service; the longest fits."""


@cache
def service(type: str) -> str | None:
    """IAM's prefix for a resource type, with or without ``data.``; None for one that is not known, or not of AWS."""
    words = type.removeprefix("data.").split("_")
    if words[0] != "aws":
        return None
    for end in range(len(words), 1, -1):
        known = PREFIXES.get("_".join(words[1:end]))
        if known is not None:
            return known
    return None
