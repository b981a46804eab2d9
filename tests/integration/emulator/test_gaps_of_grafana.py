"""Each test here passes with the patch of Managed Grafana and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

Clients = Callable[..., Any]


def test_a_workspace_lives(aws: Clients) -> None:
    """A workspace is made active, changed and deleted."""
    grafana, name = aws("grafana"), f"w-{uuid.uuid4().hex[:8]}"
    made = grafana.create_workspace(
        workspaceName=name,
        accountAccessType="CURRENT_ACCOUNT",
        permissionType="SERVICE_MANAGED",
        authenticationProviders=["AWS_SSO"],
        tags={"a": "1"},
    )["workspace"]
    arn = f"arn:aws:grafana:ap-northeast-2:123456789012:/workspaces/{made['id']}"
    grafana.tag_resource(resourceArn=arn, tags={"b": "2"})
    grafana.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert grafana.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    grafana.update_workspace(workspaceId=made["id"], workspaceDescription="changed")
    found = grafana.describe_workspace(workspaceId=made["id"])["workspace"]
    assert (found["status"], found["name"], found["description"]) == ("ACTIVE", name, "changed")
    grafana.delete_workspace(workspaceId=made["id"])
    with pytest.raises(grafana.exceptions.ResourceNotFoundException):
        grafana.describe_workspace(workspaceId=made["id"])
