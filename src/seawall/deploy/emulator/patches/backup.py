"""Backup: moto has plans and vaults, nothing that a plan selects, and finds no tags by the path the provider uses.

A vault tells nobody: aws_backup_vault_notifications ends in a 404.

Seen from the provider: aws_backup_selection ends in a 500; the tags of an aws_backup_plan and an aws_backup_vault plan
changes for ever; a vault that may be emptied cannot be destroyed, because its recovery points cannot be listed.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import Any
from urllib.parse import unquote

from seawall.deploy.emulator.grafting import add_operations, add_routes, around, store


def apply() -> None:
    """Add selections; find tags whether or not a slash ends the path."""
    _selections()
    _recovery_points()
    _notifications()
    _tags()


def _recovery_points() -> None:
    from moto.backup import urls
    from moto.backup.responses import BackupResponse

    def list_recovery_points_by_backup_vault(response: Any) -> str:
        response.backup_backend.describe_backup_vault(response._get_param("backupVaultName"))  # or it is not found
        return json.dumps({"RecoveryPoints": []})  # moto runs no backup job, so there is never one

    add_operations(BackupResponse, list_recovery_points_by_backup_vault)
    add_routes(
        urls.url_paths,
        urls.response.dispatch,
        "{0}/backup-vaults/(?P<name>[^/]+)/recovery-points$",
        "{0}/backup-vaults/(?P<name>[^/]+)/recovery-points/$",
    )


def _notifications() -> None:
    from moto.backup import urls
    from moto.backup.exceptions import ResourceNotFoundException
    from moto.backup.responses import BackupResponse

    def told(response: Any) -> dict[str, Any]:
        return store(response.backup_backend, "notifications")

    def put_backup_vault_notifications(response: Any) -> str:
        name = response._get_param("backupVaultName")
        vault = response.backup_backend.describe_backup_vault(name)  # or it is not found
        told(response)[name] = {
            "BackupVaultName": name,
            "BackupVaultArn": vault.backup_vault_arn,
            "SNSTopicArn": response._get_param("SNSTopicArn"),
            "BackupVaultEvents": response._get_param("BackupVaultEvents"),
        }
        return ""

    def get_backup_vault_notifications(response: Any) -> str:
        name = response._get_param("backupVaultName")
        if name not in told(response):
            raise ResourceNotFoundException(f"Failed reading Backup vault notifications of {name}")
        return json.dumps(told(response)[name])

    def delete_backup_vault_notifications(response: Any) -> str:
        told(response).pop(response._get_param("backupVaultName"), None)
        return ""

    add_operations(
        BackupResponse,
        put_backup_vault_notifications,
        get_backup_vault_notifications,
        delete_backup_vault_notifications,
    )
    add_routes(
        urls.url_paths,
        urls.response.dispatch,
        "{0}/backup-vaults/(?P<name>[^/]+)/notification-configuration$",
    )


def _tags() -> None:
    from moto.backup.responses import BackupResponse

    @around(BackupResponse, "list_tags")
    def list_tags(original: Any, response: Any) -> str:
        arn = unquote(response.parsed_url.path).removeprefix("/tags/").rstrip("/")
        return json.dumps({"Tags": response.backup_backend.list_tags(resource_arn=arn)})


def _selections() -> None:
    from moto.backup import urls
    from moto.backup.exceptions import ResourceNotFoundException
    from moto.backup.responses import BackupResponse

    def selections(response: Any) -> dict[str, dict[str, Any]]:
        return store(response.backup_backend, "selections")

    def asked_for(response: Any) -> dict[str, Any]:
        identifier = response._get_param("selectionId")
        if identifier not in selections(response):
            raise ResourceNotFoundException(f"Cannot find Backup selection with ID {identifier}")
        return selections(response)[identifier]

    def create_backup_selection(response: Any) -> str:
        plan = response._get_param("backupPlanId")
        selection = {
            "BackupPlanId": plan,
            "SelectionId": str(uuid.uuid4()),
            "CreationDate": int(time.time()),
            "BackupSelection": response._get_param("BackupSelection"),
        }
        selections(response)[selection["SelectionId"]] = selection
        return json.dumps({name: selection[name] for name in ("BackupPlanId", "SelectionId", "CreationDate")})

    def get_backup_selection(response: Any) -> str:
        return json.dumps(asked_for(response))

    def list_backup_selections(response: Any) -> str:
        listed = [
            {
                "SelectionId": each["SelectionId"],
                "SelectionName": each["BackupSelection"]["SelectionName"],
                "BackupPlanId": each["BackupPlanId"],
                "CreationDate": each["CreationDate"],
                "IamRoleArn": each["BackupSelection"]["IamRoleArn"],
            }
            for each in selections(response).values()
            if each["BackupPlanId"] == response._get_param("backupPlanId")
        ]
        return json.dumps({"BackupSelectionsList": listed})

    def delete_backup_selection(response: Any) -> str:
        del selections(response)[asked_for(response)["SelectionId"]]
        return "{}"

    add_operations(
        BackupResponse,
        create_backup_selection,
        get_backup_selection,
        list_backup_selections,
        delete_backup_selection,
    )
    add_routes(
        urls.url_paths,
        urls.response.dispatch,
        "{0}/backup/plans/(?P<plan>[^/]+)/selections$",
        "{0}/backup/plans/(?P<plan>[^/]+)/selections/$",
        "{0}/backup/plans/(?P<plan>[^/]+)/selections/(?P<selection>[^/]+)$",
    )
