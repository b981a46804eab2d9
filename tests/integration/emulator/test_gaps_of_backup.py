"""Each test here passes with the patch of Backup and fails on plain moto."""

from __future__ import annotations

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
