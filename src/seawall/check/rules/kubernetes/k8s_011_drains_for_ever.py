"""Nodes that expire under pods that must not be moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.capacity import nodes_for
from seawall.check.rule import Rule
from seawall.facts.compute import NodePool, Workload
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-011",
    severity=Severity.MEDIUM,
    summary="Expired nodes wait for ever for pods that must not be disturbed",
    why="an expired node is drained at once, and a pod annotated do-not-disrupt is never evicted: the node is left "
    "tainted, "
    "paid for and half empty, until somebody deletes the pod",
    fix="set terminationGracePeriod in the pool's template, or expireAfter: Never",
    layers=("kubernetes",),
    source="https://karpenter.sh/docs/concepts/disruption/",
    read=date(2026, 11, 22),
)

_LEFT_ALONE = ("DaemonSet", "Job", "CronJob")
"""Whose pods go with their node, or end by themselves, and the node after them."""


def check(facts: Facts) -> Iterator[Finding]:
    """Pools whose nodes expire and drain without an end, on which such pods may lie."""
    stuck: dict[NodePool, list[Address]] = {}
    for workload in facts.all(Workload):
        if not workload.undisturbed or workload.controller in _LEFT_ALONE:
            continue
        for nodes in nodes_for(facts, workload):
            if isinstance(nodes, NodePool) and isinstance(nodes.expires, int) and nodes.drains is None:
                stuck.setdefault(nodes, []).append(workload.of)
    for pool, workloads in stuck.items():
        yield RULE.refuted(
            f"{pool.of} replaces its nodes after {pool.expires} s, and {', '.join(sorted(workloads))} may not be moved",
            pool.of,
            *sorted(workloads),
            evidence=(f"{pool.of}: expireAfter {pool.expires} s, no terminationGracePeriod",),
        )
