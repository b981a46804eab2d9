"""The maintenance page in Azure: one public blob in an account that holds nothing else.

A static website's host has a number that Azure chooses, and CloudFront has to know it before Azure is there; a blob's
host is the account's name, which is ours.
"""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.edge import maintenance
from seawall.components.recovery.azure import Azure
from seawall.components.recovery.copies import account_body
from seawall.graph.resource import Resource

_CONTAINER, _NAME = "page", "index.html"


def url(azure: Azure) -> str:
    """Where the page is read."""
    return f"https://{azure.world_name('page')}.blob.core.windows.net/{_CONTAINER}/{_NAME}"


def page(azure: Azure, contact: str) -> Iterator[Resource]:
    """The account, the one container whose blobs anybody may read, and the page."""
    body = account_body(azure.world_name("page"), public=True) | {
        "blob_properties": [{"versioning_enabled": True, "delete_retention_policy": [{"days": 7}]}],
    }
    yield azure.placed("azurerm_storage_account", "page", body)
    account = azure.ref("azurerm_storage_account", "page", "id")
    # Blobs may be read by whoever knows their name; nobody may list them.
    container = {"name": _CONTAINER, "storage_account_id": account, "container_access_type": "blob"}
    yield azure.make("azurerm_storage_container", "page", container)
    writing = {
        "scope": account,
        "role_definition_name": "Storage Blob Data Contributor",
        "principal_id": azure.ref("data.azurerm_client_config", "current", "object_id"),
        "description": "Terraform writes the page",
    }
    yield azure.make("azurerm_role_assignment", "terraform_of_page", writing)
    blob = {
        "name": _NAME,
        "storage_account_name": azure.ref("azurerm_storage_account", "page", "name"),
        "storage_container_name": azure.ref("azurerm_storage_container", "page", "name"),
        "type": "Block",
        "content_type": "text/html; charset=utf-8",
        "cache_control": "no-store",
        "source_content": maintenance.page(azure.scope, contact),
    }
    before = [azure.address("azurerm_role_assignment", "terraform_of_page")]
    yield azure.make("azurerm_storage_blob", "page", blob, depends_on=before)
