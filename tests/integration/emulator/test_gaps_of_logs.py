"""Each test here passes with the patch of CloudWatch Logs and fails on plain moto."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Clients = Callable[..., Any]


def test_a_saved_query_lives(aws: Clients) -> None:
    """A query of Logs Insights is saved, changed under the same id, and deleted."""
    logs = aws("logs")
    identifier = logs.put_query_definition(name="petclinic/slow", queryString="one")["queryDefinitionId"]
    logs.put_query_definition(name="petclinic/slow", queryString="two", queryDefinitionId=identifier)
    found = logs.describe_query_definitions(queryDefinitionNamePrefix="petclinic/")["queryDefinitions"]
    assert [each["queryString"] for each in found] == ["two"]
    assert logs.delete_query_definition(queryDefinitionId=identifier)["success"] is True
    assert logs.describe_query_definitions(queryDefinitionNamePrefix="petclinic/")["queryDefinitions"] == []
