"""How many pods a workload runs, at the least and at the most, and how many of them may be away."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from seawall.analyze.selecting import selected
from seawall.facts.compute import Autoscaler, DisruptionBudget, Workload
from seawall.facts.fact import Known
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown

_RUNS_TO_AN_END = ("Job", "CronJob")


def replicas(facts: Facts, workload: Workload) -> tuple[Known[int], Known[int]]:
    """The least and the most pods of a workload: its autoscaler's bounds, else the number it states, else one.

    A DaemonSet has as many pods as nodes, which is Unknown here.
    """
    if workload.controller == "DaemonSet":
        nodes = Unknown(f"{workload.of}.replicas", why="it runs a pod on every node")
        return nodes, nodes
    scalers = facts.where(Autoscaler, target=workload.of)
    if scalers:
        first = min(scalers, key=lambda scaler: scaler.of)
        return first.least, first.most
    stated = 1 if workload.replicas is None else workload.replicas
    return stated, stated


@dataclass(frozen=True, slots=True)
class Allowed:
    """How many pods a budget lets go when as few run as may: ``count`` of ``pods``; ``wants`` is the demand "
    "as written."""

    count: int
    pods: int
    workloads: tuple[Address, ...]
    wants: str


def disruptions_allowed(facts: Facts, budget: DisruptionBudget) -> Allowed | Unknown | None:
    """What a budget allows; None if it means no pods of the input, or if it asks for nothing."""
    meant = [
        workload
        for workload in selected(facts, budget.namespace, budget.selector)
        if workload.controller not in (*_RUNS_TO_AN_END, "DaemonSet")
    ]
    if not meant:
        return None
    pods = 0
    for workload in meant:
        least, _ = replicas(facts, workload)
        if isinstance(least, Unknown):
            return least
        pods += least
    if budget.max_unavailable is not None:
        count, wants = _part(budget.max_unavailable, pods), f"maxUnavailable {budget.max_unavailable}"
    elif budget.min_available is not None:
        count, wants = pods - _part(budget.min_available, pods), f"minAvailable {budget.min_available}"
    else:
        return None
    return Allowed(count, pods, tuple(sorted(workload.of for workload in meant)), wants)


def _part(spelling: str, whole: int) -> int:
    """A number or a percentage as written; Kubernetes rounds a budget's percentages up."""
    if spelling.endswith("%"):
        return ceil(whole * int(spelling[:-1]) / 100)
    return int(spelling)
