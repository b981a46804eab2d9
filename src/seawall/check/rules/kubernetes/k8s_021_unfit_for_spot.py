"""What must not go away, on nodes that do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.capacity import SPOT, bought, nodes_for
from seawall.analyze.scale import replicas
from seawall.check.rule import Rule
from seawall.facts.compute import Claims, Mounts, Workload
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-021",
    severity=Severity.HIGH,
    summary="What has state, is alone or keeps the cluster going can only run on spot nodes",
    why="EC2 takes a spot node back with two minutes' notice, and several at a time when capacity is short: a single "
    "pod is "
    "away until another node is there, and a store loses its members together",
    fix="give it on-demand nodes: a node group or pool, or karpenter.sh/capacity-type: on-demand where a pool has both",
    layers=("kubernetes", "terraform"),
    source="https://github.com/aws/aws-eks-best-practices/blob/master/latest/bpg/aiml/aiml_compute.adoc",
    read=date(2026, 11, 22),
)

_SYSTEM = ("system-cluster-critical", "system-node-critical")
_RUNS_TO_AN_END = ("Job", "CronJob", "Pod")


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads of these three sorts, every node of which is bought as spot for certain."""
    for workload in facts.all(Workload):
        why = _unfit(facts, workload)
        if not why:
            continue
        nodes = nodes_for(facts, workload)
        if nodes and all(bought(facts, workload, each) == (SPOT,) for each in nodes):
            yield RULE.refuted(
                f"{workload.of} {why}, and every node that may take it is a spot node",
                workload.of,
                *(each.of for each in nodes),
            )


def _unfit(facts: Facts, workload: Workload) -> str:
    """Why it should not run on spot nodes alone; "" if nothing speaks against it."""
    if workload.controller in _RUNS_TO_AN_END or workload.controller == "DaemonSet":
        return ""
    if workload.priority in _SYSTEM:
        return f"has the priority {workload.priority}"
    mounted = [facts.one(Claims, of=mount.volume) for mount in facts.where(Mounts, workload=workload.of)]
    if any(claim is not None and set(claim.modes) & {"ReadWriteOnce", "ReadWriteOncePod"} for claim in mounted):
        return "keeps data on volumes of its own"
    return "runs one pod" if replicas(facts, workload) == (1, 1) else ""
