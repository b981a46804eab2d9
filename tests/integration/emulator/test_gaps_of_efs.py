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


def test_a_file_system_can_be_copied_to_another_region(aws: Clients, file_system: str) -> None:
    """A copy that is not protected against it is replicated to, seen from both sides, until that ends."""
    here, there = aws("efs"), aws("efs", "eu-west-1")
    copy = there.create_file_system(CreationToken=uuid.uuid4().hex)["FileSystemId"]
    there.update_file_system_protection(FileSystemId=copy, ReplicationOverwriteProtection="DISABLED")
    wanted = [{"Region": "eu-west-1", "FileSystemId": copy}]
    here.create_replication_configuration(SourceFileSystemId=file_system, Destinations=wanted)
    for client, of in ((here, file_system), (there, copy)):
        made = client.describe_replication_configurations(FileSystemId=of)["Replications"]
        assert [one["Destinations"][0]["FileSystemId"] for one in made] == [copy]
    described = there.describe_file_systems(FileSystemId=copy)["FileSystems"][0]
    assert described["FileSystemProtection"] == {"ReplicationOverwriteProtection": "REPLICATING"}
    here.delete_replication_configuration(SourceFileSystemId=file_system)
    with pytest.raises(here.exceptions.ReplicationNotFound):
        here.describe_replication_configurations(FileSystemId=file_system)


def test_a_protected_file_system_is_not_replicated_to(aws: Clients, file_system: str) -> None:
    """What nobody opened for it is not overwritten, as on AWS."""
    efs = aws("efs")
    copy = efs.create_file_system(CreationToken=uuid.uuid4().hex)["FileSystemId"]
    described = efs.describe_file_systems(FileSystemId=copy)["FileSystems"][0]
    assert described["FileSystemProtection"] == {"ReplicationOverwriteProtection": "ENABLED"}
    with pytest.raises(efs.exceptions.ReplicationAlreadyExists):
        efs.create_replication_configuration(
            SourceFileSystemId=file_system, Destinations=[{"Region": "ap-northeast-2", "FileSystemId": copy}]
        )
