"""Infrastructure: nodes, pods, restarts, and what Karpenter makes and takes away."""

from __future__ import annotations

from seawall.components.cluster import Cluster
from seawall.components.dashboards import rows
from seawall.components.dashboards.panel import Dashboard, Panel, Query, Row, Threshold
from seawall.components.scope import Scope


def dashboard(scope: Scope) -> Dashboard:
    """The cluster beneath the services; Karpenter's part where there are pools."""
    pools = bool(scope.the(Cluster).node_pools)
    return Dashboard(
        uid=f"{scope.platform.name}-infrastructure",
        title="Infrastructure",
        tags=(scope.platform.name, "infrastructure"),
        variables=(rows.namespace(scope),),
        rows=(_now(), rows.node_row(), rows.pod_row(), *((_karpenter(),) if pools else ())),
    )


def _now() -> Row:
    return Row(
        "Now",
        (
            Panel(
                "Busiest node",
                "percentunit",
                (Query('max(1 - avg by (node) (rate(node_cpu_seconds_total{mode="idle"}[5m])))'),),
                "gauge",
                (rows.BUSY, rows.FULL),
                least=0,
                most=1,
            ),
            Panel(
                "Nodes that are ready",
                "short",
                (Query('sum(kube_node_status_condition{condition="Ready",status="true"})'),),
                "stat",
                decimals=0,
            ),
            Panel(
                "Pods that are not ready",
                "short",
                (
                    Query(
                        'sum(kube_pod_status_ready{namespace=~"$namespace",condition="false"} * on (namespace, pod) '
                        'group_left () (kube_pod_status_phase{phase=~"Running|Pending"} == 1)) or vector(0)'
                    ),
                ),
                "stat",
                (Threshold(1, "red"),),
                decimals=0,
            ),
            Panel(
                "Most restarts in an hour",
                "short",
                (
                    Query(
                        'max(increase(kube_pod_container_status_restarts_total{namespace=~"$namespace"}[1h]))',
                    ),
                ),
                "stat",
                (Threshold(5, "red"),),
                decimals=0,
            ),
        ),
    )


def _karpenter() -> Row:
    return Row(
        "Karpenter",
        (
            Panel(
                "Nodes made and taken away in an hour",
                "short",
                (
                    Query("sum by (nodepool) (increase(karpenter_nodes_created_total[1h]))", "made {{nodepool}}"),
                    Query(
                        "-sum by (nodepool) (increase(karpenter_nodes_terminated_total[1h]))", "taken away {{nodepool}}"
                    ),
                ),
                decimals=0,
                description="What is taken away is drawn below the line.",
            ),
            Panel(
                "Why nodes were given up, in an hour",
                "short",
                (
                    Query(
                        "sum by (reason, nodepool) (increase(karpenter_nodeclaims_disrupted_total[1h])) > 0",
                        "{{reason}} {{nodepool}}",
                    ),
                ),
                decimals=0,
            ),
            Panel(
                "What AWS announced, in an hour",
                "short",
                (
                    Query(
                        "sum by (message_type) (increase(karpenter_interruption_received_messages_total[1h]))",
                        "{{message_type}}",
                    ),
                ),
                decimals=0,
                description="Spot nodes that it takes back, trouble with machines, and changes of their state.",
            ),
            Panel(
                "Of the pools' limits",
                "percentunit",
                (
                    Query(
                        "max by (nodepool, resource_type) "
                        "(karpenter_nodepools_usage / (karpenter_nodepools_limit > 0))",
                        "{{nodepool}} {{resource_type}}",
                    ),
                ),
                thresholds=(rows.BUSY, rows.FULL),
                least=0,
                description="At 100 % no further node is made.",
            ),
            Panel(
                "Pods that no pool has a node for",
                "short",
                (Query("max(karpenter_scheduler_unschedulable_pods_count)", "pods"),),
                thresholds=(Threshold(1, "red"),),
                decimals=0,
            ),
            Panel(
                "Errors of AWS",
                "cpm",
                (
                    Query(
                        "60 * sum by (method, error) (rate(karpenter_cloudprovider_errors_total[5m]))",
                        "{{method}} {{error}}",
                    ),
                ),
                description="Such as a type of instance that is sold out, or a quota that is reached.",
            ),
        ),
    )
