"""What kind of node pods run on where their own manifest or a Fargate profile decides it."""

from __future__ import annotations

from typing import Final

from seawall.analyze.clusters import cluster_of
from seawall.facts.compute import FargateProfile, Workload
from seawall.facts.facts import Facts

_SYSTEM: Final = ("kubernetes.io/os", "beta.kubernetes.io/os")


def on_windows(facts: Facts, workload: Workload) -> bool:
    """Whether the pods ask for nodes with Windows."""
    asked = dict(workload.nodes)
    return any(asked.get(key) == "windows" for key in _SYSTEM)


def on_fargate(facts: Facts, workload: Workload) -> bool:
    """Whether a profile of the cluster has Fargate run the pods: by their namespace, and labels that all match.

    A star of a profile's namespace or label stands for any number of characters, a question mark for one.
    Source: https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
    """
    cluster = cluster_of(facts, workload.of)
    name = workload.of.as_kubernetes()
    if cluster is None or name is None or workload.controller == "DaemonSet":
        return False
    own = dict(workload.labels)
    return any(
        _fits(name.namespace, namespace) and all(key in own and _fits(own[key], value) for key, value in labels)
        for profile in facts.where(FargateProfile, cluster=cluster.of)
        for namespace, labels in profile.selectors
    )


def _fits(value: str, pattern: str) -> bool:
    from fnmatch import fnmatchcase

    return fnmatchcase(value, pattern.replace("[", "[[]"))
