"""Pods that take longer to end than a spot node gives them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.capacity import SPOT, bought, nodes_for
from seawall.check.rule import Rule
from seawall.facts.compute import Workload
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="K8S-022",
    severity=Severity.MEDIUM,
    summary="Pods may take longer to end than the notice of a spot node",
    why="two minutes after the notice the machine is gone, and with it what a pod was still finishing",
    fix="finish within 120 seconds, or keep such pods on on-demand nodes",
    layers=("kubernetes", "terraform"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html",
    read=date(2026, 11, 22),
)

NOTICE = 120
"""Seconds between the notice and the end of a spot instance."""


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads with a longer grace period that may lie on nodes bought as spot."""
    for workload in facts.all(Workload):
        if isinstance(workload.grace, Unknown) or workload.grace <= NOTICE or workload.controller == "DaemonSet":
            continue
        spot = []
        for nodes in nodes_for(facts, workload):
            ways = bought(facts, workload, nodes)
            if not isinstance(ways, Unknown) and SPOT in ways:
                spot.append(nodes.of)
        if spot:
            yield RULE.refuted(
                f"{workload.of} may take {workload.grace} s to end, and spot nodes give it {NOTICE} s",
                workload.of,
                *spot,
            )
