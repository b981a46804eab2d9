"""What kind of node pods run on where their own manifest or a Fargate profile decides it."""

from __future__ import annotations

from typing import Final

from seawall.analyze.clusters import fargate_profile
from seawall.facts.compute import Workload
from seawall.facts.facts import Facts

_SYSTEM: Final = ("kubernetes.io/os", "beta.kubernetes.io/os")


def on_windows(facts: Facts, workload: Workload) -> bool:
    """Whether the pods ask for nodes with Windows."""
    asked = dict(workload.nodes)
    return any(asked.get(key) == "windows" for key in _SYSTEM)


def on_fargate(facts: Facts, workload: Workload) -> bool:
    """Whether a profile of the cluster has Fargate run the pods."""
    return fargate_profile(facts, workload) is not None
