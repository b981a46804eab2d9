"""Azure: types of the azurerm provider that take tags, and the sizes of what is used there.

Source: the schema of hashicorp/azurerm 4.55.0, read 2026-11-21: types with an attribute ``tags``.
"""

from __future__ import annotations

from typing import Final

_NAMES: Final = """
    application_gateway container_registry dns_zone key_vault key_vault_secret linux_virtual_machine
    log_analytics_workspace managed_disk monitor_action_group monitor_metric_alert mysql_flexible_server nat_gateway
    network_interface network_security_group network_watcher_flow_log private_dns_zone
    private_dns_zone_virtual_network_link private_endpoint public_ip recovery_services_vault resource_group
    route_table storage_account user_assigned_identity virtual_machine_extension virtual_network
    web_application_firewall_policy
"""

TAGGABLE: Final = frozenset(f"azurerm_{name}" for name in _NAMES.split())
