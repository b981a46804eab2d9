"""004 Nodes: what each machine has, what it is asked for, and what it is short of."""

from __future__ import annotations

from seawall.components.dashboards import rows
from seawall.components.dashboards.panel import Dashboard, Panel, Query, Row, Threshold
from seawall.components.scope import Scope


def dashboard(scope: Scope) -> Dashboard:
    """The nodes of the cluster."""
    return Dashboard(
        uid=f"{scope.platform.name}-nodes",
        title="004 Nodes",
        tags=(scope.platform.name, "infrastructure"),
        rows=(_now(), rows.node_row("Use"), _pressure(), _promised()),
    )


def _now() -> Row:
    return Row(
        "Now",
        (
            Panel(
                "Nodes that are ready",
                "short",
                (Query('sum(kube_node_status_condition{condition="Ready",status="true"})'),),
                "stat",
                decimals=0,
            ),
            Panel(
                "Nodes that are not",
                "short",
                (Query('sum(kube_node_status_condition{condition="Ready",status=~"false|unknown"})'),),
                "stat",
                (Threshold(1, "red"),),
                decimals=0,
            ),
            Panel(
                "Nodes under pressure",
                "short",
                (Query('sum(kube_node_status_condition{condition=~".*Pressure",status="true"})'),),
                "stat",
                (Threshold(1, "red"),),
                "Short of memory, disk or process numbers: their pods are about to be moved.",
                decimals=0,
            ),
            Panel(
                "Closed to new pods",
                "short",
                (Query("sum(kube_node_spec_unschedulable)"),),
                "stat",
                (Threshold(1, "orange"),),
                decimals=0,
            ),
        ),
    )


def _pressure() -> Row:
    return Row(
        "Waiting",
        (
            Panel(
                "Load for each processor",
                "short",
                (
                    Query(
                        'sum by (node) (node_load5) / count by (node) (node_cpu_seconds_total{mode="idle"})',
                        "{{node}}",
                    ),
                ),
                thresholds=(Threshold(1, "orange"),),
            ),
            Panel(
                "Waiting for the disk",
                "percentunit",
                (Query("max by (node) (rate(node_pressure_io_waiting_seconds_total[5m]))", "{{node}}"),),
                thresholds=(Threshold(0.2, "orange"),),
                description="The share of time in which some process waited.",
            ),
            Panel(
                "Disk",
                "Bps",
                (
                    Query("sum by (node) (rate(node_disk_read_bytes_total[5m]))", "read {{node}}"),
                    Query("-sum by (node) (rate(node_disk_written_bytes_total[5m]))", "written {{node}}"),
                ),
                description="What is written is drawn below the line.",
            ),
            Panel(
                "Dropped packets",
                "pps",
                (
                    Query(
                        "sum by (node) (rate(node_network_receive_drop_total[5m])) + "
                        "sum by (node) (rate(node_network_transmit_drop_total[5m]))",
                        "{{node}}",
                    ),
                ),
            ),
        ),
    )


def _promised() -> Row:
    return Row(
        "Promised to pods",
        (
            Panel(
                "Processors asked for",
                "percentunit",
                (Query(_asked("cpu"), "{{node}}"),),
                thresholds=(rows.FULL,),
                least=0,
                description="Of what a node can give: where it is all asked for, no further pod finds a place.",
            ),
            Panel(
                "Memory asked for",
                "percentunit",
                (Query(_asked("memory"), "{{node}}"),),
                thresholds=(rows.FULL,),
                least=0,
            ),
            Panel(
                "Pods that find no node",
                "short",
                (Query("sum by (namespace) (kube_pod_status_unschedulable)", "{{namespace}}"),),
                thresholds=(Threshold(1, "red"),),
                decimals=0,
            ),
            Panel(
                "Volumes in use",
                "percentunit",
                (
                    Query(
                        "max by (namespace, persistentvolumeclaim) "
                        "(kubelet_volume_stats_used_bytes / kubelet_volume_stats_capacity_bytes)",
                        "{{namespace}} {{persistentvolumeclaim}}",
                    ),
                ),
                thresholds=(rows.BUSY, rows.FULL),
                least=0,
                most=1,
            ),
        ),
    )


def _asked(resource: str) -> str:
    return (
        f'sum by (node) (kube_pod_container_resource_requests{{resource="{resource}"}}) / '
        f'sum by (node) (kube_node_status_allocatable{{resource="{resource}"}})'
    )
