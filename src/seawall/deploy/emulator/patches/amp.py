"""Managed Prometheus: moto has no configuration of the alert manager.

Seen from the provider: aws_prometheus_alert_manager_definition ends in a 404.
"""

from __future__ import annotations

import time
from typing import Any

from seawall.deploy.emulator.unknown_services import Call, Refusal, serve


def apply() -> None:
    """Keep the definition of a workspace; the rest of the service stays moto's."""
    definitions: dict[str, dict[str, Any]] = {}

    def handle(call: Call) -> dict[str, Any] | None:
        if not call.path.endswith("/alertmanager/definition"):
            return None
        workspace = call.path.split("/")[2]
        if call.method in {"POST", "PUT"}:
            now = int(time.time())
            definitions[workspace] = {
                "data": call.body["data"],
                "status": {"statusCode": "ACTIVE"},
                "createdAt": definitions.get(workspace, {}).get("createdAt", now),
                "modifiedAt": now,
            }
            return {"status": {"statusCode": "ACTIVE"}}
        if workspace not in definitions:
            raise Refusal(
                "ResourceNotFoundException",
                f"{workspace} has no alert manager definition",
                status=404,
                resourceId=workspace,
                resourceType="alertmanager",
            )
        if call.method == "DELETE":
            del definitions[workspace]
            return {}
        return {"alertManagerDefinition": definitions[workspace]}

    serve("aps", handle)
