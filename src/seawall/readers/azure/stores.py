"""Stores: storage accounts with their containers, MySQL servers, registries, vaults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.facts.data import Backup, Replicates, Store
from seawall.facts.fact import Fact, Known
from seawall.facts.identity import Secret
from seawall.facts.network import Hostname, Interface, Listens
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.units import Estimate, Ports
from seawall.kernel.value import Unknown, text
from seawall.readers.arguments import Arguments
from seawall.readers.aws.quantities import DAY, GIB, times
from seawall.readers.registry import link, reads

COPY_OF = "copy-of"
"""The tag by which a store says of which other its content is a copy."""

# Somebody decides, a script is run, three checks and a minute of DNS pass; or the last copy has to be restored first.
RESTORED: Final = Estimate(90, 300, 3600, "s")

SINGLE_SERVER: Final = "Azure Database for MySQL Single Server"

link("azurerm_mysql_flexible_server_configuration", "server_name", to="azurerm_mysql_flexible_server", by="name")


@reads("azurerm_storage_account")
def storage_account(resource: Resource) -> Iterator[Fact]:
    """An account; Azure encrypts all of it. Whether a blob may be public, and who reaches it at all, it says itself."""
    body, address = Arguments(resource), resource.address
    properties = body.block("blob_properties")
    versioned = properties.flag("versioning_enabled")
    # From 4.0 on the provider's default is that blobs may be made public.
    may_be_public = body.flag("allow_nested_items_to_be_public", default=True)
    yield Store(
        address, "bucket", "azure-blob", "", resource.region, encrypted=True, public=may_be_public, versioned=versioned
    )
    blocked = may_be_public if isinstance(may_be_public, Unknown) else not may_be_public
    yield Setting(address, "block-public", blocked)
    yield Setting(address, "tls-required", body.flag("https_traffic_only_enabled", default=True))
    yield Hostname(address, "primary_blob_host", text(body.text("name"), ".blob.core.windows.net"))


@reads("azurerm_storage_management_policy")
def management_policy(resource: Resource) -> Iterator[Fact]:
    """Old blobs are removed, if a rule that is on says so."""
    body = Arguments(resource)
    ends = [
        action.has("delete_after_days_since_modification_greater_than")
        or action.has("delete_after_days_since_creation_greater_than")
        for rule in body.blocks("rule")
        if rule.flag("enabled") is not False
        for action in rule.block("actions").blocks("base_blob")
    ]
    unknown = body.unknown_blocks("rule")
    yield Setting(body.required_link("storage_account_id"), "expires-old", any(ends) if unknown is None else unknown)


@reads("azurerm_mysql_flexible_server")
def mysql_flexible_server(resource: Resource) -> Iterator[Fact]:
    """A MySQL server: encrypted, backed up every day and to any moment between."""
    body, address = Arguments(resource), resource.address
    storage = body.block("storage")
    size = storage.number("size_gb", 20)
    access = body.known_text("public_network_access", "Enabled")
    public: Known[bool] = access if isinstance(access, Unknown) else access == "Enabled"
    yield Store(
        address,
        "database",
        "mysql",
        body.known_text("version", "5.7"),
        resource.region,
        nodes=2 if body.has("high_availability") else 1,
        class_=body.known_text("sku_name"),
        size=None if size is None else times(size, GIB),
        encrypted=True,
        public=public,
    )
    copied = body.block("tags").link(COPY_OF)
    if copied is not None:
        yield Replicates(copied, address, "asynchronous", "cloud", "manual", RESTORED)
    keeps = times(body.count("backup_retention_days", 7), DAY)
    yield Backup(address, keeps, DAY, point_in_time=True, region=resource.region)
    yield Listens(address, "tcp", Ports.one(3306), "required")
    subnets = body.links("delegated_subnet_id")
    yield Interface(address, subnets, (), public, guarded=False)
    yield Hostname(address, "fqdn", text(body.text("name"), ".mysql.database.azure.com"), "writer")


@reads("azurerm_mysql_server")
def mysql_single_server(resource: Resource) -> Iterator[Fact]:
    """A server of the product line before Flexible Server."""
    body, address = Arguments(resource), resource.address
    size = body.number("storage_mb")
    public = body.flag("public_network_access_enabled", default=True)
    yield Store(
        address,
        "database",
        "mysql",
        body.known_text("version"),
        resource.region,
        class_=body.known_text("sku_name"),
        size=None if size is None else times(size, 2**20),
        encrypted=True,
        public=public,
    )
    yield Setting(address, "offering", SINGLE_SERVER)
    yield Setting(address, "tls-required", body.flag("ssl_enforcement_enabled"))
    copied = body.block("tags").link(COPY_OF)
    if copied is not None:
        yield Replicates(copied, address, "asynchronous", "cloud", "manual", RESTORED)
    keeps = times(body.count("backup_retention_days", 7), DAY)
    yield Backup(address, keeps, DAY, point_in_time=True, region=resource.region)
    yield Listens(
        address, "tcp", Ports.one(3306), "required" if body.flag("ssl_enforcement_enabled") is True else "optional"
    )
    yield Hostname(address, "fqdn", text(body.text("name"), ".mysql.database.azure.com"), "writer")


@reads("azurerm_mysql_flexible_server_configuration")
def mysql_configuration(resource: Resource) -> Iterator[Fact]:
    """One of a server's parameters, where anybody asks for it."""
    body = Arguments(resource)
    if body.known_text("name") == "require_secure_transport":
        value = body.known_text("value")
        required: Known[bool] = value if isinstance(value, Unknown) else value.upper() == "ON"
        yield Setting(body.required_link("server_name"), "tls-required", required)


@reads("azurerm_container_registry")
def container_registry(resource: Resource) -> Iterator[Fact]:
    """A registry of images; Azure encrypts it."""
    yield Store(resource.address, "registry", "acr", "", resource.region, encrypted=True)


@reads("azurerm_key_vault_secret")
def key_vault_secret(resource: Resource) -> Iterator[Fact]:
    """A secret's whereabouts."""
    body = Arguments(resource)
    yield Secret(resource.address, body.text("name"), resource.region)
