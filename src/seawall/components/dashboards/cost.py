"""005 Cost: what nodes and volumes cost a month, by namespace and pod, beside what is claimed."""

from __future__ import annotations

from seawall.components.cluster import Cluster
from seawall.components.dashboards import rows
from seawall.components.dashboards.panel import Dashboard, Panel, Query, Row, Threshold
from seawall.components.dashboards.registry import lacks
from seawall.components.scope import Scope

HOURS = 730
"""Of a month, as AWS's price lists count."""
_GIB = 2**30
_CPU = "container_cpu_allocation * on (node) group_left () avg by (node) (node_cpu_hourly_cost)"
_MEMORY = f"container_memory_allocation_bytes / {_GIB} * on (node) group_left () avg by (node) (node_ram_hourly_cost)"
_NODES = "sum(avg by (node) (node_total_hourly_cost))"
_VOLUMES = (
    f"sum(avg by (persistentvolume) (pv_hourly_cost) * on (persistentvolume) "
    f"avg by (persistentvolume) (kube_persistentvolume_capacity_bytes) / {_GIB})"
)


def dashboard(scope: Scope) -> Dashboard:
    """What the cluster costs; InputError where OpenCost is not there to say it."""
    if "opencost" not in scope.the(Cluster).chosen_addons(scope):
        raise lacks(scope, "cost", "what OpenCost exports", "add opencost to cluster.addons")
    return Dashboard(
        uid=f"{scope.platform.name}-cost",
        title="005 Cost",
        tags=(scope.platform.name, "cost"),
        variables=(rows.namespace(scope),),
        description="List prices of what runs in the cluster, taken to run for a month. What lies outside it, such as "
        "databases, CloudFront or traffic, is not in it: the budget counts that.",
        since="now-7d",
        rows=(_now(scope), _over_time(), _shares()),
    )


def _now(scope: Scope) -> Row:
    claim = rows.claimed(scope, "platform", "monthly_cost")
    panels = [
        Panel("Nodes", "currencyUSD", (Query(f"{HOURS} * {_NODES}"),), "stat", description="A month.", decimals=0),
        Panel("Volumes", "currencyUSD", (Query(f"{HOURS} * {_VOLUMES}"),), "stat", description="A month.", decimals=2),
        Panel(
            "Asked for by nobody",
            "percentunit",
            (Query(f"1 - sum({_CPU} + {_MEMORY}) / {_NODES}"),),
            "gauge",
            (Threshold(0.4, "orange"), Threshold(0.6, "red")),
            "Of what nodes cost, the share that no pod has asked for.",
            least=0,
            most=1,
        ),
    ]
    if claim is not None:
        panels.append(
            Panel(
                "Claimed for the whole platform",
                "currencyUSD",
                (Query(f"vector({claim:g})"),),
                "stat",
                description="A month, with everything that lies outside the cluster.",
                base="text",
                decimals=0,
            )
        )
    return Row("A month, as it stands now", tuple(panels))


def _over_time() -> Row:
    return Row(
        "Over time",
        (
            Panel(
                "Nodes by type",
                "currencyUSD",
                (
                    Query(
                        f"{HOURS} * sum by (instance_type) (avg by (node, instance_type) (node_total_hourly_cost))",
                        "{{instance_type}}",
                    ),
                ),
                stacked=True,
                least=0,
                description="A month.",
            ),
            Panel(
                "Namespaces",
                "currencyUSD",
                (Query(f"{HOURS} * sum by (namespace) ({_CPU} + {_MEMORY})", "{{namespace}}"),),
                stacked=True,
                least=0,
                description="A month, of processors and memory that pods ask for or use, whichever is more.",
            ),
        ),
    )


def _shares() -> Row:
    at = 'namespace=~"$namespace"'
    cpu = _CPU.replace("container_cpu_allocation", f"container_cpu_allocation{{{at}}}")
    memory = _MEMORY.replace("container_memory_allocation_bytes", f"container_memory_allocation_bytes{{{at}}}")
    return Row(
        "Who",
        (
            Panel(
                "Pods",
                "currencyUSD",
                (Query(f"topk(20, {HOURS} * sum by (namespace, pod) ({cpu} + {memory}))"),),
                "table",
                columns=(("namespace", "namespace"), ("pod", "pod")),
                value="a month",
                decimals=2,
            ),
            Panel(
                "Nodes",
                "currencyUSD",
                (Query(f"{HOURS} * avg by (node, instance_type) (node_total_hourly_cost)"),),
                "table",
                columns=(("node", "node"), ("instance_type", "type")),
                value="a month",
                decimals=2,
            ),
        ),
    )
