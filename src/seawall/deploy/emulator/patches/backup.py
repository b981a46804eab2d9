"""Backup: moto has plans and vaults, and nothing that a plan selects.

Seen from the provider: aws_backup_selection ends in a 500.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from seawall.deploy.emulator.grafting import add_operations, add_routes, store


def apply() -> None:
    """Add selections."""
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
        "{0}/backup/plans/(?P<plan>[^/]+)/selections/?$",
        "{0}/backup/plans/(?P<plan>[^/]+)/selections/(?P<selection>[^/]+)/?$",
    )
