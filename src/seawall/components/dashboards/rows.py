"""Rows that several dashboards have: nodes, pods, and the requests that services answer."""

from __future__ import annotations

from collections.abc import Iterable

from seawall.components.cluster import Cluster
from seawall.components.dashboards.panel import Panel, Query, Row, Threshold, Variable
from seawall.components.scope import Scope
from seawall.components.service import Service
from seawall.components.workload import Workload
from seawall.kernel.units import Money

BUSY, FULL = Threshold(0.8, "orange"), Threshold(0.9, "red")
DISKS = 'fstype!~"tmpfs|overlay|squashfs|ramfs",mountpoint="/"'
"""Of a node's file systems, the one on its disk."""


def namespaces(scope: Scope) -> tuple[str, ...]:
    """The platform's own namespaces."""
    return tuple(scope.the(Cluster).namespaces_of(scope))


def namespace(scope: Scope) -> Variable:
    """The namespaces that people choose from; at first the platform's own."""
    return Variable("namespace", "namespace", "kube_pod_info", namespaces(scope))


def services(scope: Scope, framework: str) -> dict[str, Service]:
    """The services of a framework, by name."""
    return {name: found for name, found in scope.every(Service).items() if found.framework == framework}


def jobs(names: Iterable[str]) -> str:
    """A matcher of what is asked of the pods of these components."""
    return f'job=~"{"|".join(names)}"'


def node_row(title: str = "Nodes") -> Row:
    """How busy nodes are, and how much room they have."""
    name = "{{node}}"
    return Row(
        title,
        (
            Panel(
                "Processors in use",
                "percentunit",
                (Query('1 - avg by (node) (rate(node_cpu_seconds_total{mode="idle"}[5m]))', name),),
                thresholds=(BUSY, FULL),
                least=0,
                most=1,
            ),
            Panel(
                "Memory in use",
                "percentunit",
                (
                    Query(
                        "1 - max by (node) (node_memory_MemAvailable_bytes) "
                        "/ max by (node) (node_memory_MemTotal_bytes)",
                        name,
                    ),
                ),
                thresholds=(BUSY, FULL),
                least=0,
                most=1,
            ),
            Panel(
                "Disk in use",
                "percentunit",
                (
                    Query(
                        f"1 - max by (node) (node_filesystem_avail_bytes{{{DISKS}}} / "
                        f"node_filesystem_size_bytes{{{DISKS}}})",
                        name,
                    ),
                ),
                thresholds=(BUSY, FULL),
                least=0,
                most=1,
                description="The disk that a node's containers and images lie on.",
            ),
            Panel(
                "Network",
                "Bps",
                (
                    Query('sum by (node) (rate(node_network_receive_bytes_total{device!="lo"}[5m]))', "in {{node}}"),
                    Query('-sum by (node) (rate(node_network_transmit_bytes_total{device!="lo"}[5m]))', "out {{node}}"),
                ),
                description="What is sent is drawn below the line.",
            ),
        ),
    )


def pod_row(title: str = "Pods") -> Row:
    """What pods of the chosen namespaces use, and how often they had to be started anew."""
    chosen = 'namespace=~"$namespace"'
    real = f'{chosen},container!="",container!="POD"'
    return Row(
        title,
        (
            Panel(
                "Processors",
                "short",
                (Query(f"sum by (namespace, pod) (rate(container_cpu_usage_seconds_total{{{real}}}[5m]))", "{{pod}}"),),
                stacked=True,
                description="How many processors each pod keeps busy.",
            ),
            Panel(
                "Memory",
                "bytes",
                (Query(f"sum by (namespace, pod) (container_memory_working_set_bytes{{{real}}})", "{{pod}}"),),
                stacked=True,
                description="What a pod cannot give back; at its limit the kernel ends it.",
            ),
            Panel(
                "Pods by phase",
                "short",
                (Query(f"sum by (phase) (kube_pod_status_phase{{{chosen}}}) > 0", "{{phase}}"),),
                stacked=True,
                decimals=0,
            ),
            Panel(
                "Restarts in an hour",
                "short",
                (
                    Query(
                        "sum by (namespace, pod, container) "
                        f"(increase(kube_pod_container_status_restarts_total{{{chosen}}}[1h])) > 0",
                        "{{pod}} {{container}}",
                    ),
                ),
                thresholds=(Threshold(5, "red"),),
                decimals=0,
            ),
        ),
    )


def exported(scope: Scope) -> dict[str, tuple[str, ...]]:
    """Every metric of the platform's own applications, with its labels, as the description states them."""
    found: dict[str, tuple[str, ...]] = {}
    for component in scope.platform.components.values():
        if isinstance(component, Workload) and component.metrics is not None:
            found |= component.metrics.own
    return found


def exporting(scope: Scope, metric: str) -> tuple[str, ...]:
    """The names of those whose pods export a metric of their own."""
    return tuple(
        name
        for name, component in scope.platform.components.items()
        if isinstance(component, Workload) and component.metrics is not None and metric in component.metrics.own
    )


def claimed(scope: Scope, subject: str, measure: str) -> float | None:
    """A claim of the platform as a number: seconds, or an amount of money; None where nothing is claimed."""
    for claim in scope.platform.claims:
        if (claim.subject, claim.measure) == (subject, measure):
            value = claim.value
            return float(value.amount) if isinstance(value, Money) else float(value.seconds)
    return None
