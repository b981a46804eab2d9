"""GPU: how busy and how warm the graphics processors are, what takes spot nodes away, and how long pods wait."""

from __future__ import annotations

from seawall.components.cluster import Cluster
from seawall.components.dashboards import rows
from seawall.components.dashboards.panel import Dashboard, Panel, Query, Row, Threshold
from seawall.components.dashboards.registry import lacks
from seawall.components.scope import Scope

IDLE = Threshold(50, "green")
HOT = Threshold(80, "red")


def dashboard(scope: Scope) -> Dashboard:
    """The graphics processors of the pools; InputError where there are none, or nothing that says how they are."""
    cluster = scope.the(Cluster)
    if not any(pool.limits.gpus for pool in cluster.node_pools.values()):
        raise lacks(scope, "gpu", "graphics processors", "have a node pool with `limits: {gpus: ...}`")
    if "dcgm-exporter" not in cluster.chosen_addons(scope):
        raise lacks(scope, "gpu", "what NVIDIA's exporter exports", "add dcgm-exporter to cluster.addons")
    return Dashboard(
        uid=f"{scope.platform.name}-gpu",
        title="GPU",
        tags=(scope.platform.name, "infrastructure"),
        rows=(_now(), _processors(), _spot(), _waiting()),
    )


def _now() -> Row:
    return Row(
        "Now",
        (
            Panel("Processors", "short", (Query("count(DCGM_FI_DEV_GPU_UTIL) or vector(0)"),), "stat", decimals=0),
            Panel(
                "Busy, on average",
                "percent",
                (Query("avg(DCGM_FI_DEV_GPU_UTIL)"),),
                "gauge",
                (IDLE,),
                "Below half, fewer would do.",
                base="yellow",
                least=0,
                most=100,
            ),
            Panel(
                "Warmest",
                "celsius",
                (Query("max(DCGM_FI_DEV_GPU_TEMP)"),),
                "gauge",
                (Threshold(70, "orange"), HOT),
                least=0,
                most=100,
            ),
            Panel(
                "Reported faults",
                "short",
                (Query("count(DCGM_FI_DEV_XID_ERRORS > 0) or vector(0)"),),
                "stat",
                (Threshold(1, "red"),),
                "Processors whose last message from the driver was an error (XID).",
                decimals=0,
            ),
        ),
    )


def _processors() -> Row:
    name = "{{hostname}} {{gpu}}"
    return Row(
        "Processors",
        (
            Panel(
                "Busy",
                "percent",
                (Query("avg by (hostname, gpu) (DCGM_FI_DEV_GPU_UTIL)", name),),
                least=0,
                most=100,
                base="yellow",
                thresholds=(IDLE,),
            ),
            Panel(
                "Memory in use",
                "percentunit",
                (
                    Query(
                        "avg by (hostname, gpu) (DCGM_FI_DEV_FB_USED / (DCGM_FI_DEV_FB_USED + DCGM_FI_DEV_FB_FREE))",
                        name,
                    ),
                ),
                thresholds=(rows.FULL,),
                least=0,
                most=1,
            ),
            Panel(
                "Temperature",
                "celsius",
                (Query("max by (hostname, gpu) (DCGM_FI_DEV_GPU_TEMP)", name),),
                thresholds=(HOT,),
            ),
            Panel("Power", "watt", (Query("sum by (hostname, gpu) (DCGM_FI_DEV_POWER_USAGE)", name),), least=0),
        ),
    )


def _spot() -> Row:
    return Row(
        "Spot nodes",
        (
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
                description="A spot node that is taken back is announced two minutes before.",
            ),
            Panel(
                "Nodes given up, in an hour",
                "short",
                (
                    Query(
                        "sum by (reason, nodepool) (increase(karpenter_nodeclaims_disrupted_total[1h])) > 0",
                        "{{reason}} {{nodepool}}",
                    ),
                ),
                decimals=0,
            ),
        ),
    )


def _waiting() -> Row:
    asked = 'kube_pod_container_resource_requests{resource="nvidia_com_gpu"}'
    given = 'kube_node_status_allocatable{resource="nvidia_com_gpu"}'
    return Row(
        "Waiting",
        (
            Panel(
                "Until a pod has its node",
                "s",
                tuple(
                    Query(
                        f"histogram_quantile({share}, "
                        "sum by (le) (rate(karpenter_pods_bound_duration_seconds_bucket[15m])))",
                        f"p{share * 100:g}",
                    )
                    for share in (0.5, 0.95, 0.99)
                ),
                description="Of all pods that Karpenter saw: what waits longest waits for a node to be made.",
            ),
            Panel(
                "Pods without a node",
                "s",
                (
                    Query(
                        "topk(10, max by (exported_namespace, name) (karpenter_pods_unbound_time_seconds))",
                        "{{exported_namespace}} {{name}}",
                    ),
                ),
                description="How long each has waited so far.",
            ),
            Panel(
                "Asked for and there",
                "short",
                (Query(f"sum({asked})", "asked for"), Query(f"sum({given})", "there")),
                decimals=0,
                least=0,
            ),
        ),
    )
