"""Each test here passes with the patch of Managed Prometheus and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

Clients = Callable[..., Any]


def test_the_definition_of_an_alert_manager_lives(aws: Clients) -> None:
    """The alert manager of a workspace is configured and its configuration deleted; workspaces stay moto's."""
    amp = aws("amp")
    workspace = amp.create_workspace(alias=uuid.uuid4().hex)["workspaceId"]
    amp.create_alert_manager_definition(workspaceId=workspace, data=b"alertmanager_config: {}")
    found = amp.describe_alert_manager_definition(workspaceId=workspace)["alertManagerDefinition"]
    assert (found["data"], found["status"]["statusCode"]) == (b"alertmanager_config: {}", "ACTIVE")
    amp.delete_alert_manager_definition(workspaceId=workspace)
    with pytest.raises(amp.exceptions.ResourceNotFoundException):
        amp.describe_alert_manager_definition(workspaceId=workspace)
