"""How long a policy document may be, by its kind and by the service of what it is attached to, and how many there are.

IAM counts characters without white space. Sources: the quotas of IAM and AWS STS
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html), of AWS Organizations
(https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html), and of each service.
"""

from __future__ import annotations

from typing import Final

MANAGED: Final = 6_144
"""A managed policy, a permissions boundary among them."""
MANAGED_MOST: Final = 10
"""Managed policies that a role may carry, unless the account was granted more, up to 20."""
INLINE: Final = {"role": 10_240, "user": 2_048, "group": 5_120}
"""All inline policies of one role, user or group together."""
TRUST: Final = 2_048
"""A role's trust policy, unless the account was granted more, up to 4,096."""
ROLE_NAME: Final = 64
"""Characters of a role's name."""
ORGANIZATION: Final = {"scp": 5_120, "rcp": 5_120}
RESOURCE: Final = {
    "s3": 20_480,
    "kms": 32_768,
    "sqs": 8_192,
    "sns": 30_720,
    "secretsmanager": 20_480,
    "ecr": 10_240,
    "elasticfilesystem": 20_000,
    "lambda": 20_480,
}
"""A resource policy, by the service in the ARN of what it is attached to."""
