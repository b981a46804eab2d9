"""Of which letters AWS makes the names that are parts of ARNs, by service and the variable of the ARN.

A value that does not fit is no name, and may be anything: a password, an address with one in it, a pattern. How long
a name is at least is left out. Sources: S3 User Guide, "Bucket naming rules" (with the capitals and underscores of
buckets made before 2018) and "Naming Amazon S3 objects" (its safe characters, without those that patterns and secrets
have); the API references of SQS (CreateQueue), SNS (CreateTopic), DynamoDB (CreateTable), Systems Manager
(PutParameter), Secrets Manager (CreateSecret), CloudWatch Logs (CreateLogGroup, CreateLogStream), IAM (CreateRole) and
CloudWatch (PutMetricData), as known and not read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Grammar:
    """What is named, the letters its names are made of (as within ``[]`` of an expression), and how many at most."""

    noun: str
    letters: str
    most: int


_ANY: Final = Grammar("resource", r"A-Za-z0-9_.#:/+-", 512)
"""What names of anything else are made of; ``@`` and ``=``, which user names and passwords have, are not."""
_IDENTITY: Final = Grammar("principal or policy", r"A-Za-z0-9_+=,.@/-", 512)
ARN: Final = Grammar("resource", r"A-Za-z0-9_+=,.@:/#-", 2_048)
"""An ARN as a whole."""
REGION: Final = Grammar("region", r"a-z0-9-", 32)
NAMESPACE: Final = Grammar("namespace", r"A-Za-z0-9_./#:-", 255)
"""A namespace of CloudWatch's metrics."""
DATABASE_USER: Final = Grammar("database user", r"A-Za-z0-9_.-", 63)
KEY_LETTERS: Final = r"A-Za-z0-9_./-"
"""What is kept of the key of an object: such letters from its beginning on."""

_NAMES: Final[Mapping[tuple[str, str], Grammar]] = {
    ("s3", "BucketName"): Grammar("bucket", r"A-Za-z0-9_.-", 255),
    ("sqs", "QueueName"): Grammar("queue", r"A-Za-z0-9_.-", 80),
    ("sns", "TopicName"): Grammar("topic", r"A-Za-z0-9_.-", 256),
    ("dynamodb", "TableName"): Grammar("table", r"A-Za-z0-9_.-", 255),
    ("dynamodb", "IndexName"): Grammar("index", r"A-Za-z0-9_.-", 255),
    ("ssm", "ParameterNameWithoutLeadingSlash"): Grammar("parameter", r"A-Za-z0-9_./:-", 1_024),
    ("secretsmanager", "SecretId"): Grammar("secret", r"A-Za-z0-9/_+=.@-", 512),
    ("logs", "LogGroupName"): Grammar("log group", r"A-Za-z0-9_./#-", 512),
    ("logs", "LogStreamName"): Grammar("log stream", r"A-Za-z0-9_./#\[\]-", 512),
    ("ses", "IdentityName"): Grammar("identity", r"A-Za-z0-9_+.@-", 320),
    ("rds-db", "DbUserName"): DATABASE_USER,
}


def grammar(service: str, variable: str) -> Grammar:
    """What a variable of a service's ARNs may hold, by IAM's prefix; no service's own where none is known."""
    if service in ("iam", "sts"):
        return _IDENTITY
    return _NAMES.get((service, variable), _ANY)
