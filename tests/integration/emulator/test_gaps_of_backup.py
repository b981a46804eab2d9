"""Each test here passes with the patch of Backup and fails on plain moto."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any

import pytest

Clients = Callable[..., Any]


def test_a_selection_lives(aws: Clients) -> None:
    """What a backup plan selects is made, found, listed and deleted."""
    backup = aws("backup")
    vault = f"v-{uuid.uuid4().hex[:8]}"
    backup.create_backup_vault(BackupVaultName=vault)
    rule = {"RuleName": "daily", "TargetBackupVaultName": vault}
    plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": vault, "Rules": [rule]})["BackupPlanId"]
    wanted = {"SelectionName": "all", "IamRoleArn": "arn:aws:iam::123456789012:role/backup", "Resources": ["*"]}
    made = backup.create_backup_selection(BackupPlanId=plan, BackupSelection=wanted)
    one = {"BackupPlanId": plan, "SelectionId": made["SelectionId"]}
    assert backup.get_backup_selection(**one)["BackupSelection"]["Resources"] == ["*"]
    listed = backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]
    assert [each["SelectionName"] for each in listed] == ["all"]
    backup.delete_backup_selection(**one)
    with pytest.raises(backup.exceptions.ResourceNotFoundException):
        backup.get_backup_selection(**one)


def test_tags_are_found_without_a_slash_at_the_end(aws: Clients) -> None:
    """Tags are found by the path that Terraform's provider asks for, which is not quite that of boto3."""
    backup, vault = aws("backup"), f"v-{uuid.uuid4().hex[:8]}"
    arn = backup.create_backup_vault(BackupVaultName=vault, BackupVaultTags={"a": "1"})["BackupVaultArn"]
    scope = "Credential=emulator/20260101/ap-northeast-2/backup/aws4_request"
    request = urllib.request.Request(
        f"{backup.meta.endpoint_url}/tags/{urllib.parse.quote(arn, safe='')}",
        headers={"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=none"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request) as answer:
        assert json.load(answer)["Tags"] == {"a": "1"}


def test_recovery_points_can_be_listed(aws: Clients) -> None:
    """A vault without recovery points says so."""
    backup, vault = aws("backup"), f"v-{uuid.uuid4().hex[:8]}"
    backup.create_backup_vault(BackupVaultName=vault)
    assert backup.list_recovery_points_by_backup_vault(BackupVaultName=vault)["RecoveryPoints"] == []


def test_a_vault_tells_a_topic(aws: Clients) -> None:
    """Whom a vault tells, and of what, is kept; and nobody any more once that is deleted."""
    backup, vault = aws("backup"), f"v-{uuid.uuid4().hex[:8]}"
    backup.create_backup_vault(BackupVaultName=vault)
    topic = "arn:aws:sns:ap-northeast-2:123456789012:backups"
    backup.put_backup_vault_notifications(
        BackupVaultName=vault, SNSTopicArn=topic, BackupVaultEvents=["BACKUP_JOB_COMPLETED"]
    )
    assert backup.get_backup_vault_notifications(BackupVaultName=vault)["SNSTopicArn"] == topic
    backup.delete_backup_vault_notifications(BackupVaultName=vault)
    with pytest.raises(backup.exceptions.ResourceNotFoundException):
        backup.get_backup_vault_notifications(BackupVaultName=vault)
