"""Autoscalers by processor and memory, and nobody who measures them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import cluster_of
from seawall.check.rule import Rule
from seawall.facts.compute import Addon, ApiVersion, Autoscaler, Cluster, Container
from seawall.facts.delivery import Installed
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-036",
    severity=Severity.HIGH,
    summary="Autoscalers follow processor or memory use, and the cluster has no metrics server",
    why="EKS brings none: nobody serves metrics.k8s.io, the autoscaler shows <unknown> and never scales",
    fix="install the add-on metrics-server",
    layers=("kubernetes", "terraform"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/horizontal-pod-autoscaler.html",
    read=date(2026, 11, 22),
)

_SERVES = "metrics-server"
_MAY_SERVE = ("prometheus-adapter", "kube-metrics-adapter", "datadog")
"""Charts that serve the same API where they are told to."""


def check(facts: Facts) -> Iterator[Finding]:
    """Clusters of the input that are told what runs in them, and by whose autoscalers such a server is needed."""
    needing: dict[Cluster, list[Address]] = {}
    for scaler in facts.all(Autoscaler):
        if any(name in ("cpu", "memory") for name, _ in scaler.signals):
            cluster = cluster_of(facts, scaler.of)
            if cluster is not None:
                needing.setdefault(cluster, []).append(scaler.of)
    for cluster, scalers in needing.items():
        addons = facts.ask(Addon, cluster=cluster.of)
        # An input without add-ons says nothing of what is installed, so nothing of what is not.
        if addons.matches and not addons.doubts and not _served(facts, cluster):
            yield RULE.refuted(
                f"{cluster.of} has no metrics server, and {len(scalers)} autoscaler{'s' * (len(scalers) > 1)} need one",
                *sorted(scalers),
                cluster.of,
            )


def _served(facts: Facts, cluster: Cluster) -> bool:
    if any(addon.name == _SERVES for addon in facts.where(Addon, cluster=cluster.of)):
        return True
    charts = [installed.chart for installed in facts.all(Installed)]
    # A chart whose name is not known may be anyone's.
    if any(not isinstance(chart, str) or chart == _SERVES or chart.startswith(_MAY_SERVE) for chart in charts):
        return True
    if any(_SERVES in str(container.image) for container in facts.all(Container)):
        return True
    return any(each.kind == "APIService" and each.of.endswith(".metrics.k8s.io") for each in facts.all(ApiVersion))
