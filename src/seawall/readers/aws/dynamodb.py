"""DynamoDB tables."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.data import Backup, Store
from seawall.facts.fact import Fact
from seawall.facts.identity import Identifier
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import arn
from seawall.readers.aws.quantities import DAY, times
from seawall.readers.registry import reads

LOCK_KEY = "LockID"
"""The key under which Terraform's S3 backend keeps its locks (Terraform, "Backend Type: s3")."""


@reads("aws_dynamodb_table")
def table(resource: Resource) -> Iterator[Fact]:
    """A table; DynamoDB encrypts every one, with a key of its own unless another is named."""
    body, address = Arguments(resource), resource.address
    key = body.block("server_side_encryption").link("kms_key_arn")
    protected = body.flag("deletion_protection_enabled")
    yield Store(
        address, "table", "dynamodb", "", resource.region, encrypted=True, key=key, deletion_protected=protected
    )
    yield Setting(address, "state-lock", body.text("hash_key") == LOCK_KEY)
    recovery = body.block("point_in_time_recovery")
    enabled = recovery.flag("enabled")
    if isinstance(enabled, Unknown) or enabled:
        keeps = times(recovery.count("recovery_period_in_days", 35), DAY)
        yield Backup(address, keeps, None, enabled, resource.region, key)
    yield Identifier(address, "arn", arn(resource, "dynamodb", "table/", body.text("name")))
