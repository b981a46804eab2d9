"""The standby: a machine and a database in Azure that are restored from each copy, and serve once a person says so.

Nobody reaches the machine but by HTTPS: port 22 is closed, and whoever has to act on it says so to Azure
(``az vm run-command invoke --command-id RunShellScript --scripts /opt/standby/promote.sh``), which asks who they are
and keeps a record.  The database lies in a subnet of its own and has no public address.

Passwords: that of the database's administrator is made when Terraform applies, goes to the server and to the vault,
and stays in no state (write-only arguments, an ephemeral value); the application's is made on the machine.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field

from seawall.components.recovery.azure import Azure
from seawall.components.recovery.copies import BackupTarget
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.value import Ref
from seawall.model.fields import Cidr, Frame, Size

PublicKey = Annotated[str, Field(pattern=r"^(ssh-ed25519|ssh-rsa) [A-Za-z0-9+/]+={0,2}( [\x21-\x7e]*)?$")]
ADMINISTRATOR = "standby"
SECRET = "database-administrator"


class Standby(Frame):
    """What serves in the other cloud, and how large it is."""

    key: PublicKey
    """Azure makes no machine without a password or a public key; nobody can use either, since port 22 is closed."""
    size: Annotated[str, Field(pattern=r"^Standard_[A-Za-z0-9_]+$")] = "Standard_B2ls_v2"
    disk: Size = units.Size(32 * 2**30)
    network: Cidr = units.Cidr.parse("10.200.0.0/16")
    database: Annotated[str, Field(pattern=r"^(B|GP|MO)_Standard_[A-Za-z0-9_]+$")] = "B_Standard_B1ms"
    version: Annotated[str, Field(pattern=r"^\d\.\d(\.\d+)?$")] = "8.4"
    storage: Size = units.Size(50 * 2**30)
    password: Annotated[int, Field(ge=1)] = 1
    """Which password the database's administrator has; raise it, and Terraform has another made."""
    backups: Annotated[int, Field(ge=1, le=35)] = 7
    """How many days the database there is kept by Azure itself."""


COPY_OF = "copy-of"
"""The tag of a store that says of which other its content is a copy."""


def server(azure: Azure) -> str:
    """The database server's name; its host is below ``mysql.database.azure.com``."""
    return azure.world_name("db", 40)


def registry(azure: Azure) -> str:
    """The registry's name."""
    return azure.world_name("images", 40)


def registry_path(azure: Azure) -> str:
    """The registry's path in Azure's API, below the subscription."""
    group = f"/resourceGroups/{azure.title}"
    return f"{group}/providers/Microsoft.ContainerRegistry/registries/{registry(azure)}"


def machine_subnet(azure: Azure) -> Ref:
    """The machine's subnet, which the copies' account lets in."""
    return azure.ref("azurerm_subnet", "machine", "id")


def address(azure: Azure) -> Ref:
    """The machine's public address."""
    return azure.ref("azurerm_public_ip", "machine", "ip_address")


def proof_zone(domain: str) -> str:
    """The zone in Azure where the machine proves that its names are ours."""
    return f"acme-standby.{domain}"


def standby(
    azure: Azure,
    options: Standby,
    *,
    domain: str,
    operators: Sequence[str],
    writer: Ref,
    copied: Ref,
    files: Mapping[str, str],
) -> Iterator[Resource]:
    """Network, database, vault, registry, zone and machine; ``files`` (path -> text) are put onto the machine.

    ``copied`` is the ARN of the database whose copies are restored here.
    """
    yield from _network(azure, options)
    yield from _vault(azure, options, operators)
    yield from _database(azure, options, copied)
    yield from _registry(azure, writer)
    yield azure.make("azurerm_dns_zone", "proofs", {**azure.grouped, "name": proof_zone(domain)})
    yield from _machine(azure, options, files)


def settings(
    azure: Azure,
    target: BackupTarget,
    component: str,
    database: str,
    names: Sequence[str],
    domain: str,
    every: units.Duration,
) -> str:
    """What the machine's scripts read; nothing in it is secret."""
    values = {
        "PLATFORM": azure.scope.title,
        "CONTAINER_URL": target.url,
        "COMPONENT": component,
        "DATABASE": database,
        "DATABASE_HOST": f"{server(azure)}.mysql.database.azure.com",
        "DATABASE_USER": ADMINISTRATOR,
        "VAULT_URL": f"https://{azure.world_name('vault')}.vault.azure.net",
        "SECRET": SECRET,
        "REGISTRY": f"{registry(azure)}.azurecr.io",
        "GROUP": azure.title,
        "PROOF_ZONE": proof_zone(domain),
        "NAMES": " ".join(names),
        # As old as a copy may be, and what it takes to make and restore one.
        "OLDEST_SECONDS": str(round(every.seconds) + 2 * 3600),
    }
    return "".join(f"{name}='{value}'\n" for name, value in values.items())


# -- parts -------------------------------------------------------------------------------------------------------------


def _network(azure: Azure, options: Standby) -> Iterator[Resource]:
    network = {"name": azure.title, "address_space": [str(options.network)]}
    yield azure.placed("azurerm_virtual_network", "main", network)
    for name, number in (("machine", 0), ("database", 1)):
        body = {
            **azure.grouped,
            "name": name,
            "virtual_network_name": azure.ref("azurerm_virtual_network", "main", "name"),
            "address_prefixes": [str(options.network.subnet(24, number))],
            "default_outbound_access_enabled": False,
        }
        if name == "machine":
            # Vault and copies let this subnet in; its requests to them never leave Azure's own network.
            body["service_endpoints"] = ["Microsoft.KeyVault", "Microsoft.Storage"]
        else:
            body["delegation"] = [
                {
                    "name": "mysql",
                    "service_delegation": [
                        {
                            "name": "Microsoft.DBforMySQL/flexibleServers",
                            "actions": ["Microsoft.Network/virtualNetworks/subnets/join/action"],
                        }
                    ],
                }
            ]
        yield azure.make("azurerm_subnet", name, body)
        yield azure.placed("azurerm_network_security_group", name, {"name": f"{azure.title}-{name}"})
        association = {
            "subnet_id": azure.ref("azurerm_subnet", name, "id"),
            "network_security_group_id": azure.ref("azurerm_network_security_group", name, "id"),
        }
        yield azure.make("azurerm_subnet_network_security_group_association", name, association)
    machine = str(options.network.subnet(24, 0))
    # CloudFront's ranges are two hundred and change; a group of Azure's has no name for them. So the world may speak
    # TLS to it, and nginx answers only to our own names, and only once it is promoted.
    yield _rule(azure, "machine", "https_from_anywhere", 100, "Allow", "Internet", "443")
    yield _rule(azure, "machine", "nothing_else", 4000, "Deny", "*", "*")
    yield _rule(azure, "database", "mysql_from_machine", 100, "Allow", machine, "3306")
    yield _rule(azure, "database", "nothing_else_to_database", 4000, "Deny", "*", "*")


def _rule(azure: Azure, group: str, name: str, priority: int, access: str, source: str, port: str) -> Resource:
    body = {
        **azure.grouped,
        "network_security_group_name": azure.ref("azurerm_network_security_group", group, "name"),
        "name": name.replace("_", "-"),
        "priority": priority,
        "direction": "Inbound",
        "access": access,
        "protocol": "Tcp" if access == "Allow" else "*",
        "source_address_prefix": source,
        "source_port_range": "*",
        "destination_address_prefix": "*",
        "destination_port_range": port,
    }
    return azure.make("azurerm_network_security_rule", name, body)


def _vault(azure: Azure, options: Standby, operators: Sequence[str]) -> Iterator[Resource]:
    body = {
        "name": azure.world_name("vault"),
        "tenant_id": azure.ref("data.azurerm_client_config", "current", "tenant_id"),
        "sku_name": "standard",
        "rbac_authorization_enabled": True,
        "purge_protection_enabled": True,
        "soft_delete_retention_days": 90,
        "network_acls": [
            {
                "default_action": "Deny",
                "bypass": "AzureServices",
                "ip_rules": list(operators),
                "virtual_network_subnet_ids": [machine_subnet(azure)],
            }
        ],
    }
    yield azure.placed("azurerm_key_vault", "main", body)
    vault = azure.ref("azurerm_key_vault", "main", "id")
    terraform = azure.ref("data.azurerm_client_config", "current", "object_id")
    yield _assignment(azure, "terraform_of_vault", vault, "Key Vault Secrets Officer", terraform, None)
    password = {"length": 40, "special": True, "override_special": "-_.", "min_special": 2, "min_numeric": 2}
    at = azure.address("ephemeral.random_password", "administrator")
    yield Resource(at, "ephemeral.random_password", password, azure.scope.origin, azure.region)
    secret = {
        "name": SECRET,
        "key_vault_id": vault,
        "content_type": "password",
        "value_wo": Ref(at, "result"),
        "value_wo_version": options.password,
    }
    before = [azure.address("azurerm_role_assignment", "terraform_of_vault")]
    yield azure.make("azurerm_key_vault_secret", "administrator", secret, depends_on=before)


def _database(azure: Azure, options: Standby, copied: Ref) -> Iterator[Resource]:
    zone = f"{azure.scope.platform.name}.private.mysql.database.azure.com"
    yield azure.make("azurerm_private_dns_zone", "database", {**azure.grouped, "name": zone})
    link = {
        **azure.grouped,
        "name": azure.title,
        "private_dns_zone_name": azure.ref("azurerm_private_dns_zone", "database", "name"),
        "virtual_network_id": azure.ref("azurerm_virtual_network", "main", "id"),
    }
    yield azure.make("azurerm_private_dns_zone_virtual_network_link", "database", link)
    body = {
        "name": server(azure),
        "version": options.version,
        "sku_name": options.database,
        "administrator_login": ADMINISTRATOR,
        "administrator_password_wo": Ref(azure.address("ephemeral.random_password", "administrator"), "result"),
        "administrator_password_wo_version": options.password,
        "delegated_subnet_id": azure.ref("azurerm_subnet", "database", "id"),
        "private_dns_zone_id": azure.ref("azurerm_private_dns_zone", "database", "id"),
        "public_network_access": "Disabled",
        "backup_retention_days": options.backups,
        # AWS has the original, and these are the copies of it.
        "geo_redundant_backup_enabled": False,
        "storage": [{"size_gb": int(options.storage.gib), "auto_grow_enabled": True}],
        "tags": {COPY_OF: copied},
    }
    linked = [azure.address("azurerm_private_dns_zone_virtual_network_link", "database")]
    # Azure chooses the zone, and may choose another after a failure.
    kept = {"ignore_changes": ["zone"]}
    yield azure.placed("azurerm_mysql_flexible_server", "main", body, depends_on=linked, lifecycle=kept)
    of = {**azure.grouped, "server_name": azure.ref("azurerm_mysql_flexible_server", "main", "name")}
    for name, value in (("require_secure_transport", "ON"), ("tls_version", "TLSv1.2,TLSv1.3")):
        yield azure.make("azurerm_mysql_flexible_server_configuration", name, {**of, "name": name, "value": value})


def _registry(azure: Azure, writer: Ref) -> Iterator[Resource]:
    body = {"name": registry(azure), "sku": "Basic", "admin_enabled": False}
    yield azure.placed("azurerm_container_registry", "main", body)
    it = azure.ref("azurerm_container_registry", "main", "id")
    yield _assignment(
        azure, "writer_of_images", it, "Container Registry Data Importer and Data Reader", writer, "ServicePrincipal"
    )


def _assignment(azure: Azure, name: str, scope: Ref, role: str, principal: Ref, kind: str | None) -> Resource:
    body = {"scope": scope, "role_definition_name": role, "principal_id": principal, "principal_type": kind}
    return azure.make("azurerm_role_assignment", name, body)


def _machine(azure: Azure, options: Standby, files: Mapping[str, str]) -> Iterator[Resource]:
    ip = {
        "name": azure.title,
        "allocation_method": "Static",
        "sku": "Standard",
        "zones": ["1", "2", "3"],
    }
    yield azure.placed("azurerm_public_ip", "machine", ip)
    interface = {
        "name": azure.title,
        "ip_configuration": [
            {
                "name": "main",
                "subnet_id": machine_subnet(azure),
                "private_ip_address_allocation": "Dynamic",
                "public_ip_address_id": azure.ref("azurerm_public_ip", "machine", "id"),
            }
        ],
    }
    yield azure.placed("azurerm_network_interface", "machine", interface)
    yield azure.placed("azurerm_user_assigned_identity", "machine", {"name": f"{azure.title}-machine"})
    identity = azure.ref("azurerm_user_assigned_identity", "machine", "principal_id")
    secret = azure.ref("azurerm_key_vault_secret", "administrator", "resource_versionless_id")
    rights = (
        ("container", azure.ref("azurerm_storage_container", "copies", "id"), "Storage Blob Data Reader"),
        ("secret", secret, "Key Vault Secrets User"),
        ("images", azure.ref("azurerm_container_registry", "main", "id"), "AcrPull"),
        ("proofs", azure.ref("azurerm_dns_zone", "proofs", "id"), "DNS Zone Contributor"),
    )  # fmt: skip
    for name, what, role in rights:
        yield _assignment(azure, f"machine_of_{name}", what, role, identity, "ServicePrincipal")
    body = {
        "name": azure.title[:60],
        "computer_name": "standby",
        "size": options.size,
        "network_interface_ids": [azure.ref("azurerm_network_interface", "machine", "id")],
        "admin_username": ADMINISTRATOR,
        "admin_ssh_key": [{"username": ADMINISTRATOR, "public_key": options.key}],
        "disable_password_authentication": True,
        "os_disk": [
            {
                "caching": "ReadWrite",
                "storage_account_type": "Premium_LRS",
                "disk_size_gb": int(options.disk.gib),
            }
        ],
        "source_image_reference": [
            {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server", "version": "latest"}
        ],
        "identity": [
            {
                "type": "UserAssigned",
                "identity_ids": [azure.ref("azurerm_user_assigned_identity", "machine", "id")],
            }
        ],
        "secure_boot_enabled": True,
        "vtpm_enabled": True,
        "patch_mode": "AutomaticByPlatform",
        "patch_assessment_mode": "AutomaticByPlatform",
        "boot_diagnostics": [{}],
        "custom_data": base64.b64encode(_cloud_init(files).encode()).decode(),
    }
    before = [azure.address("azurerm_role_assignment", f"machine_of_{name}") for name, _, _ in rights]
    yield azure.placed("azurerm_linux_virtual_machine", "main", body, depends_on=before)


_PACKAGES = ("certbot", "curl", "docker.io", "gettext-base", "jq", "mysql-client", "nginx", "unattended-upgrades")


def _cloud_init(files: Mapping[str, str]) -> str:
    """What the machine does when it is first started, as cloud-init reads it: packages, files, timers."""
    document = {
        "package_update": True,
        "package_upgrade": True,
        "packages": list(_PACKAGES),
        "write_files": [
            {
                "path": path,
                "permissions": "0755" if path.endswith(".sh") else "0644",
                "encoding": "b64",
                "content": base64.b64encode(content.encode()).decode(),
            }
            for path, content in sorted(files.items())
        ],
        "runcmd": [
            ["systemctl", "daemon-reload"],
            ["systemctl", "enable", "--now", "standby-certificate.timer", "standby-restore.timer"],
        ],
    }
    # JSON is YAML.
    return "#cloud-config\n" + json.dumps(document, indent=1, sort_keys=True) + "\n"
