"""Terraform's state is locked in a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="TF-001",
    severity=Severity.LOW,
    summary="A DynamoDB table is kept to lock Terraform's state",
    why="since Terraform 1.11 the S3 backend locks with a file beside the state; locking in DynamoDB is deprecated and "
    "will be removed",
    fix="set use_lockfile = true in the backend, then remove dynamodb_table and the table",
    layers=("terraform",),
    source="https://github.com/hashicorp/terraform/blob/v1.11.0/CHANGELOG.md",
    read=date(2025, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Tables whose key is the one under which the backend keeps its locks."""
    for setting in facts.all(Setting):
        if setting.key == "state-lock" and setting.value is True and isinstance(setting.of, Address):
            yield RULE.refuted(f"{setting.of} is keyed by LockID, as a table of state locks is", setting.of)
