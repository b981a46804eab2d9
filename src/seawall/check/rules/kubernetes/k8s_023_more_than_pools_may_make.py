"""Pods that at their most want more than every pool together may make."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.capacity import nodes_for
from seawall.analyze.scale import replicas
from seawall.check.rule import Rule
from seawall.facts.compute import Container, NodePool, Workload
from seawall.facts.data import Limit
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.readers.kubernetes.quantities import quantity

RULE = Rule(
    id="K8S-023",
    severity=Severity.HIGH,
    summary="At their most the pods ask for more than their node pools may make",
    why="the autoscaler raises the number and the pods wait: the pools' limits end the growth before the promise does",
    fix="raise the pools' limits, or lower maxReplicas or the requests until the sum fits",
    layers=("kubernetes",),
    source="https://karpenter.sh/docs/concepts/nodepools/",
    read=date(2026, 11, 22),
)

_PER_UNIT = {"cpu": 1000, "memory": 1}
"""How the limits of a pool count: thousandths of a core, and bytes."""


def check(facts: Facts) -> Iterator[Finding]:
    """Per set of pools that some workload is limited to: what all that are limited to them ask for at the most.

    What is not known counts as nothing, and so do pods that may lie on other nodes as well.
    """
    asked = {
        workload: frozenset(nodes.of for nodes in nodes_for(facts, workload))
        for workload in facts.all(Workload)
        if workload.controller != "DaemonSet"
    }
    pools = {pool.of for pool in facts.all(NodePool)}
    for places in sorted({found for found in asked.values() if found and found <= pools}, key=sorted):
        within = [each for each, found in asked.items() if found and found <= places]
        workloads = sorted(within, key=lambda each: each.of)
        for resource in _PER_UNIT:
            limit = _limit(facts, places, resource)
            wants = {each.of: _most(facts, each, resource) for each in workloads}
            total = sum(wants.values())
            if limit is not None and total > limit:
                named = ", ".join(sorted(places))
                yield RULE.refuted(
                    f"{_spelled(resource, total)} of {resource} are asked for at the most, and {named} stop at "
                    f"{_spelled(resource, limit)}",
                    *sorted(places),
                    *(of for of, value in wants.items() if value),
                    evidence=[f"{of}: {_spelled(resource, value)}" for of, value in wants.items() if value],
                )


def _limit(facts: Facts, pools: frozenset[Address], resource: str) -> int | None:
    """What pools may come to together; None if one of them has no limit, or none that is known."""
    total = 0
    for pool in pools:
        stated = [limit.value for limit in facts.where(Limit, of=pool) if limit.what == resource]
        if not stated or not isinstance(stated[0], int):
            return None
        total += stated[0]
    return total


def _most(facts: Facts, workload: Workload, resource: str) -> int:
    _, most = replicas(facts, workload)
    if not isinstance(most, int):
        return 0
    requests = [
        dict(container.requests).get(resource, "0")
        for container in facts.where(Container, workload=workload.of)
        if not container.init
    ]
    try:
        return most * sum(round(quantity(spelling) * _PER_UNIT[resource]) for spelling in requests)
    except ValueError:
        return 0


def _spelled(resource: str, amount: int) -> str:
    return f"{amount / 1000:g} cores" if resource == "cpu" else f"{amount / 2**30:g} GiB"
