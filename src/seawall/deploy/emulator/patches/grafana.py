"""Managed Grafana: moto has no such service.

Seen from the provider: aws_grafana_workspace cannot be made.
"""

from __future__ import annotations

import time
import uuid
from typing import Any

from seawall.deploy.emulator.unknown_services import Call, Refusal, serve

VERSION = "10.4"

# Members of the request that the description of a workspace has under other names.
OPTIONAL = {
    "workspaceName": "name",
    "workspaceDescription": "description",
    "workspaceRoleArn": "workspaceRoleArn",
    "workspaceDataSources": "dataSources",
    "workspaceNotificationDestinations": "notificationDestinations",
}


def apply() -> None:
    """Keep workspaces by id."""
    workspaces: dict[str, dict[str, Any]] = {}

    def handle(call: Call) -> dict[str, Any]:
        parts = call.path.strip("/").split("/")
        if parts[0] == "tags":
            return _tags(workspaces, call)
        if len(parts) == 1:
            if call.method == "POST":
                workspace = _workspace(call)
                workspaces[workspace["id"]] = workspace
                return {"workspace": workspace}
            return {"workspaces": list(workspaces.values())}
        identifier = parts[1]
        if identifier not in workspaces:
            raise Refusal(
                "ResourceNotFoundException",
                f"{identifier} does not exist",
                status=404,
                resourceId=identifier,
                resourceType="workspace",
            )
        if len(parts) > 2:
            return {"configuration": "{}", "grafanaVersion": workspaces[identifier]["grafanaVersion"]}
        if call.method == "DELETE":
            return {"workspace": workspaces.pop(identifier) | {"status": "DELETING"}}
        if call.method == "PUT":
            workspaces[identifier] |= _optional(call)
        return {"workspace": workspaces[identifier]}

    serve("grafana", handle)


def _tags(workspaces: dict[str, dict[str, Any]], call: Call) -> dict[str, Any]:
    """Answer about the tags of a workspace, whose ARN ends with its id."""
    tags = workspaces[call.path.rsplit("/", 1)[-1]]["tags"]
    if call.method == "POST":
        tags |= call.body["tags"]
    if call.method == "DELETE":
        for key in call.query["tagKeys"]:
            tags.pop(key, None)
    return {"tags": tags} if call.method == "GET" else {}


def _workspace(call: Call) -> dict[str, Any]:
    identifier, now = f"g-{uuid.uuid4().hex[:10]}", int(time.time())
    return {
        "id": identifier,
        "status": "ACTIVE",
        "created": now,
        "modified": now,
        "endpoint": f"{identifier}.grafana-workspace.{call.region}.amazonaws.com",
        "grafanaVersion": call.body.get("grafanaVersion", VERSION),
        "accountAccessType": call.body["accountAccessType"],
        "permissionType": call.body["permissionType"],
        "dataSources": [],
        "notificationDestinations": [],
        "tags": call.body.get("tags") or {},
        "authentication": {
            "providers": call.body["authenticationProviders"],
            "samlConfigurationStatus": "NOT_CONFIGURED",
        },
    } | _optional(call)


def _optional(call: Call) -> dict[str, Any]:
    return {name: call.body[given] for given, name in OPTIONAL.items() if given in call.body}
