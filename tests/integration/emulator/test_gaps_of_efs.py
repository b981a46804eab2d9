"""Each test here passes with the patch of EFS and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

Clients = Callable[..., Any]


@pytest.fixture
def file_system(aws: Clients) -> str:
    """A file system of its own."""
    return aws("efs").create_file_system(CreationToken=uuid.uuid4().hex)["FileSystemId"]


def test_backups_of_a_file_system_can_be_switched(aws: Clients, file_system: str) -> None:
    """The backup policy is set after the file system was made."""
    efs = aws("efs")
    efs.put_backup_policy(FileSystemId=file_system, BackupPolicy={"Status": "ENABLED"})
    assert efs.describe_backup_policy(FileSystemId=file_system)["BackupPolicy"]["Status"] == "ENABLED"


def test_the_policy_of_a_file_system_can_be_deleted(aws: Clients, file_system: str) -> None:
    """A file system without a resource policy says that there is none."""
    efs = aws("efs")
    efs.put_file_system_policy(FileSystemId=file_system, Policy='{"Version": "2012-10-17", "Statement": []}')
    efs.delete_file_system_policy(FileSystemId=file_system)
    with pytest.raises(efs.exceptions.PolicyNotFound):
        efs.describe_file_system_policy(FileSystemId=file_system)
