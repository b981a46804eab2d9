"""CloudWatch Logs: moto has no saved queries of Logs Insights.

Seen from the provider: aws_cloudwatch_query_definition ends in a 500.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from seawall.deploy.emulator.grafting import add_operations, store


def apply() -> None:
    """Add query definitions."""
    from moto.logs.responses import LogsResponse

    def put_query_definition(response: Any) -> str:
        identifier = response._get_param("queryDefinitionId") or str(uuid.uuid4())
        store(response.logs_backend, "queries")[identifier] = {
            "queryDefinitionId": identifier,
            "name": response._get_param("name"),
            "queryString": response._get_param("queryString"),
            "logGroupNames": response._get_param("logGroupNames") or [],
            "lastModified": int(time.time() * 1000),
        }
        return json.dumps({"queryDefinitionId": identifier})

    def describe_query_definitions(response: Any) -> str:
        prefix = response._get_param("queryDefinitionNamePrefix") or ""
        queries = store(response.logs_backend, "queries").values()
        return json.dumps({"queryDefinitions": [query for query in queries if query["name"].startswith(prefix)]})

    def delete_query_definition(response: Any) -> str:
        removed = store(response.logs_backend, "queries").pop(response._get_param("queryDefinitionId"), None)
        return json.dumps({"success": removed is not None})

    add_operations(LogsResponse, put_query_definition, describe_query_definitions, delete_query_definition)
