"""Services of AWS as principals: which of them say on whose behalf they call, so that a policy can ask.

Sources: IAM User Guide, "The confused deputy problem", and each service's own page on how to prevent it; that of VPC
("IAM role for publishing flow logs") was read again on 2026-11-22, the others are as known and were not.
Services that are not listed send neither key, or their page does not say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SENDS_SOURCE_TO_ROLES: Final = frozenset(
    {
        "backup.amazonaws.com",
        "budgets.amazonaws.com",
        "chatbot.amazonaws.com",
        "cloudtrail.amazonaws.com",
        "codebuild.amazonaws.com",
        "config.amazonaws.com",
        "eks.amazonaws.com",
        "firehose.amazonaws.com",
        "grafana.amazonaws.com",
        "monitoring.rds.amazonaws.com",
        "s3.amazonaws.com",
        "scheduler.amazonaws.com",
        "states.amazonaws.com",
        "vpc-flow-logs.amazonaws.com",
    }
)
"""Services whose request to assume a role carries ``aws:SourceArn`` or ``aws:SourceAccount``."""

_TO_FUNCTIONS: Final = frozenset(
    {
        "apigateway.amazonaws.com",
        "cloudwatch.amazonaws.com",
        "elasticloadbalancing.amazonaws.com",
        "events.amazonaws.com",
        "iot.amazonaws.com",
        "logs.amazonaws.com",
        "s3.amazonaws.com",
        "ses.amazonaws.com",
        "sns.amazonaws.com",
    }
)
SENDS_SOURCE_TO_RESOURCES: Final[Mapping[str, frozenset[str]]] = {
    "aws_lambda_function": _TO_FUNCTIONS,
    "aws_s3_bucket": frozenset(
        {
            "cloudfront.amazonaws.com",
            "cloudtrail.amazonaws.com",
            "config.amazonaws.com",
            "delivery.logs.amazonaws.com",
            "logdelivery.elasticloadbalancing.amazonaws.com",
            "logging.s3.amazonaws.com",
        }
    ),
    "aws_sns_topic": frozenset(
        {
            "backup.amazonaws.com",
            "budgets.amazonaws.com",
            "cloudwatch.amazonaws.com",
            "cloudtrail.amazonaws.com",
            "s3.amazonaws.com",
            "ses.amazonaws.com",
        }
    ),
    "aws_sqs_queue": frozenset({"events.amazonaws.com", "s3.amazonaws.com", "sns.amazonaws.com"}),
}
"""By the type of what they use: services whose calls carry one of the keys. (To topics EventBridge sends none.)"""
