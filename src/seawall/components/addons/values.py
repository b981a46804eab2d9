"""What the values of many charts have in common: where pods lie, what they may use, how they are confined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seawall.components.nodes import LABEL
from seawall.components.scope import Scope

TOLERATIONS = [{"key": "CriticalAddonsOnly", "operator": "Exists"}]
"""What lets controllers lie on nodes that are kept for them, beside EKS's own."""
CONFINED_POD: Mapping[str, Any] = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
CONFINED: Mapping[str, Any] = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
ON_GROUPS = [{"key": "eks.amazonaws.com/nodegroup", "operator": "Exists"}]
"""What a node has whose number EKS keeps."""


def monitored(scope: Scope) -> bool:
    """Whether the platform has a Prometheus of its own, which is told of every controller that it asks."""
    from seawall.components.cluster import Cluster  # the cluster finds the add-ons while it is imported itself

    return "prometheus" in scope.the(Cluster).chosen_addons(scope)


def resources(cpu: str, memory: str, most: str | None = None) -> dict[str, Any]:
    """What a container asks for, and the memory at which it is ended; none for CPU, which would only slow it down."""
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": most or memory}}


def affinity(scope: Scope, *, only: bool = False) -> dict[str, Any]:
    """Nodes whose number EKS keeps rather than those that Karpenter makes; ``only`` those. Nothing where all are."""
    from seawall.components.cluster import Cluster

    if not scope.the(Cluster).node_pools:
        return {}
    terms = [{"matchExpressions": ON_GROUPS}]
    if only:
        return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}
    preferred = [{"weight": 100, "preference": terms[0]}]
    return {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}}


def spread(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Constraints by which the pods with these labels lie on different nodes and in different zones, if they can."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": dict(labels)},
        }
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]


def placed(scope: Scope, labels: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Where pods lie, and that those with these labels lie apart, under the keys that charts take it by."""
    found: dict[str, Any] = {"tolerations": TOLERATIONS}
    if labels:
        found["topologySpreadConstraints"] = spread(labels)
    chosen = affinity(scope)
    return {**found, "affinity": chosen} if chosen else found


def has_gpus(scope: Scope) -> bool:
    """Whether there are, or may be, nodes with graphics processors."""
    return bool(_with_gpus(scope))


def _with_gpus(scope: Scope) -> list[str]:
    from seawall.components.cluster import Cluster

    cluster = scope.the(Cluster)
    groups = (name for name, group in cluster.node_groups.items() if group.image == "al2023-nvidia")
    pools = (name for name, pool in cluster.node_pools.items() if pool.limits.gpus)
    return sorted((*groups, *pools))


def on_gpus(scope: Scope) -> dict[str, Any]:
    """Every node of groups and pools with graphics processors, and no other, whatever taint keeps others away."""
    named = [{"matchExpressions": [{"key": LABEL, "operator": "In", "values": _with_gpus(scope)}]}]
    return {
        "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": named}}},
        # Taints of every kind: what belongs on each of these nodes must be there before anything else is.
        "tolerations": [{"operator": "Exists"}],
    }
