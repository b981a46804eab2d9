"""Azure Monitor and Event Grid: that somebody is told of something; of what is not read."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact
from seawall.facts.telemetry import Notifies
from seawall.graph.resource import Resource
from seawall.readers.registry import reads


@reads(
    "azurerm_eventgrid_event_subscription",
    "azurerm_eventgrid_system_topic_event_subscription",
    "azurerm_monitor_activity_log_alert",
    "azurerm_monitor_metric_alert",
    "azurerm_monitor_scheduled_query_rules_alert",
    "azurerm_monitor_scheduled_query_rules_alert_v2",
)
def watches(resource: Resource) -> Iterator[Fact]:
    """An alert or a subscription passes on what it sees, by the service that it is of."""
    yield Notifies(resource.address, resource.type.split("_")[1])
