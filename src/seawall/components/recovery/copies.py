"""Copies in Azure: an account that holds nothing else, who may write to it, and how long they are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from seawall.components.offer import Right
from seawall.components.recovery.azure import Azure
from seawall.graph.resource import Resource
from seawall.kernel.units import Duration
from seawall.kernel.value import Ref, Textual, text

AUDIENCE = "api://AzureADTokenExchange"
"""Whom a token is for that Entra ID exchanges for one of its own."""
EXCHANGE_SECONDS = 300
"""How long the token lives that is exchanged."""
_WRITER, _READER = "writer", "reader"
_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"


@dataclass(frozen=True, slots=True)
class BackupTarget:
    """Where copies go, and how whoever writes them proves who it is; nothing here is secret.

    ``url`` is the container's, without a slash at its end.  ``parameter`` is the SSM parameter at home that holds
    ``{"tenant": ..., "client": ...}`` as JSON once Azure is up: it is read when a copy is made, so that no stack of
    AWS has to wait for Azure.  The writer gets a token of its own role (``sts:GetWebIdentityToken``, RS256, for
    ``audience``) or of its service account, and exchanges it at Entra ID for one that lasts an hour.  ``rights`` are
    what its role needs to find out who it is; ``token_right()`` what it needs to prove it.
    """

    account: str
    container: str
    region: str
    url: str
    parameter: str
    audience: str
    rights: tuple[Right, ...]


def target(azure: Azure, container: str) -> BackupTarget:
    """The target that copies of this platform go to."""
    account = azure.world_name("copies")
    parameter = f"/{azure.scope.title}/recovery/azure"
    # SSM leaves the account's number out of no name, and a role can only reach parameters of its own account.
    reading = Right(("ssm:GetParameter",), (f"arn:aws:ssm:{azure.scope.region}:*:parameter{parameter}",))
    return BackupTarget(
        account,
        container,
        azure.region,
        f"https://{account}.blob.core.windows.net/{container}",
        parameter,
        AUDIENCE,
        (reading,),
    )


def token_right() -> Right:
    """What lets a role prove to Azure who it is: a token for that audience and no other, of minutes.

    Source: AWS IAM User Guide, "Federating AWS identities to external services", read 2026-11-21.
    """
    return Right(
        ("sts:GetWebIdentityToken",),
        ("*",),
        (
            # A request that names no audience would pass the first alone.
            ("ForAllValues:StringEquals", "sts:IdentityTokenAudience", (AUDIENCE,)),
            ("Null", "sts:IdentityTokenAudience", ("false",)),
            ("NumericLessThanEquals", "sts:DurationSeconds", (str(EXCHANGE_SECONDS),)),
        ),
    )


def group(azure: Azure) -> Iterator[Resource]:
    """The resource group, and who Terraform is there."""
    yield azure.lookup("azurerm_client_config", "current")
    yield azure.make("azurerm_resource_group", "main", {"name": azure.title, "location": azure.region})


def storage(
    azure: Azure,
    container: str,
    *,
    keep: Duration,
    reached_from: Sequence[Textual],
    subnets: Sequence[Ref] = (),
) -> Iterator[Resource]:
    """The account and container of the copies, closed but to addresses of ours, and their life cycle.

    ``reached_from`` are public addresses and ranges: where copies come from, and where Terraform runs.
    """
    days = round(keep.days)
    body = account_body(azure.world_name("copies"), public=False) | {
        "blob_properties": [
            {
                "versioning_enabled": True,
                "delete_retention_policy": [{"days": 7}],
                "container_delete_retention_policy": [{"days": 7}],
            }
        ],
        "network_rules": [
            {
                "default_action": "Deny",
                # Azure's own services still need a right; none of ours has one.
                "bypass": ["AzureServices"],
                "ip_rules": list(reached_from),
                "virtual_network_subnet_ids": list(subnets),
            }
        ],
    }
    yield azure.placed("azurerm_storage_account", "copies", body)
    account = azure.ref("azurerm_storage_account", "copies", "id")
    private = {"name": container, "storage_account_id": account, "container_access_type": "private"}
    yield azure.make("azurerm_storage_container", "copies", private)
    ends = {
        "name": "end-of-life",
        "enabled": True,
        "filters": [{"blob_types": ["blockBlob"], "prefix_match": [f"{container}/"]}],
        "actions": [
            {
                "base_blob": [{"delete_after_days_since_modification_greater_than": days}],
                "snapshot": [{"delete_after_days_since_creation_greater_than": days}],
                "version": [{"delete_after_days_since_creation": days}],
            }
        ],
    }
    yield azure.make("azurerm_storage_management_policy", "copies", {"storage_account_id": account, "rule": [ends]})


def account_body(name: str, *, public: bool) -> dict[str, Any]:
    """What every storage account says: TLS 1.2, Entra ID alone instead of keys, and whether a blob may be public."""
    return {
        "name": name,
        "account_kind": "StorageV2",
        # Of three zones; another region would be a third copy of what AWS has twice.
        "account_replication_type": "ZRS",
        "infrastructure_encryption_enabled": True,
        "account_tier": "Standard",
        "min_tls_version": "TLS1_2",
        "https_traffic_only_enabled": True,
        "shared_access_key_enabled": False,
        "default_to_oauth_authentication": True,
        "local_user_enabled": False,
        "cross_tenant_replication_enabled": False,
        "allow_nested_items_to_be_public": public,
        "public_network_access_enabled": True,
    }


def writer(azure: Azure, trusted: Mapping[str, tuple[Textual, Textual]]) -> Iterator[Resource]:
    """The identity that writes copies, and whose tokens are taken for it: name -> issuer and subject.

    It may add to the container and nothing else: it can neither read what is there nor delete it, and what it
    overwrites stays as an earlier version.
    """
    yield from _identity(azure, _WRITER, trusted)
    neither = " AND ".join(f"!(ActionMatches{{'{_BLOBS}/{action}'}})" for action in ("read", "delete"))
    assigned = {
        "scope": azure.ref("azurerm_storage_container", "copies", "id"),
        "role_definition_name": "Storage Blob Data Contributor",
        "principal_id": writer_principal(azure),
        "principal_type": "ServicePrincipal",
        "description": "Adds copies; reads and deletes none",
        "condition_version": "2.0",
        # Reading or deleting would have to name a container that cannot be: no name begins with a hyphen.
        "condition": (
            f"(({neither}) OR (@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name]"
            " StringEquals '-none-'))"
        ),
    }
    yield azure.make("azurerm_role_assignment", "writer_of_copies", assigned)


def reader(azure: Azure, trusted: Mapping[str, tuple[Textual, Textual]]) -> Iterator[Resource]:
    """The identity that reads copies, to find out whether they are whole; it can neither add nor delete any."""
    yield from _identity(azure, _READER, trusted)
    assigned = {
        "scope": azure.ref("azurerm_storage_container", "copies", "id"),
        "role_definition_name": "Storage Blob Data Reader",
        "principal_id": azure.ref("azurerm_user_assigned_identity", _READER, "principal_id"),
        "principal_type": "ServicePrincipal",
        "description": "Reads copies to find out whether they are whole",
    }
    yield azure.make("azurerm_role_assignment", "reader_of_copies", assigned)


def _identity(azure: Azure, who: str, trusted: Mapping[str, tuple[Textual, Textual]]) -> Iterator[Resource]:
    yield azure.placed("azurerm_user_assigned_identity", who, {"name": f"{azure.title}-{who}"})
    identity = azure.ref("azurerm_user_assigned_identity", who, "id")
    for name, (issuer, subject) in trusted.items():
        body = {
            **azure.grouped,
            "name": name,
            "parent_id": identity,
            "issuer": issuer,
            "subject": subject,
            "audience": [AUDIENCE],
        }
        yield azure.make("azurerm_federated_identity_credential", name.replace("-", "_"), body)


def reading(target: BackupTarget) -> BackupTarget:
    """The same copies for whoever reads them: who it is lies in a parameter of its own."""
    named = f"{target.parameter}-{_READER}"
    rights = tuple(
        replace(right, resources=tuple(f"{resource}-{_READER}" for resource in right.resources))
        for right in target.rights
    )
    return replace(target, parameter=named, rights=rights)


def writer_principal(azure: Azure) -> Ref:
    """The identity that writes copies, as rights name it."""
    return azure.ref("azurerm_user_assigned_identity", _WRITER, "principal_id")


def parameter(azure: Azure, name: str, *, reads: bool = False) -> Iterator[Resource]:
    """The parameter at home by which writers, or readers, learn who they are; in the stack that waits for Azure."""
    identity = _READER if reads else _WRITER
    who = {
        "tenant": azure.ref("data.azurerm_client_config", "current", "tenant_id"),
        "subscription": azure.ref("data.azurerm_client_config", "current", "subscription_id"),
        "client": azure.ref("azurerm_user_assigned_identity", identity, "client_id"),
    }
    value: list[Textual] = ["{"]
    for key, item in who.items():
        value += ["" if len(value) == 1 else ",", f'"{key}":"', item, '"']
    body = {
        "name": name,
        "description": f"Who {identity}s of copies are in Azure; nothing secret",
        "type": "String",
        "value": text(*value, "}"),
    }
    yield azure.scope.aws("aws_ssm_parameter", "azure_reader" if reads else "azure", body, called=name)
