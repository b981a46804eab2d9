"""Karpenter on nodes that Karpenter makes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.capacity import nodes_for
from seawall.check.rule import Rule
from seawall.facts.compute import NodePool, Workload
from seawall.facts.delivery import Controller
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-014",
    severity=Severity.HIGH,
    summary="Karpenter may run on nodes that it makes itself",
    why="when its own node goes, nobody is left to make another: the controller waits for a node, and so does all else",
    fix="require the absence of karpenter.sh/nodepool by node affinity, and keep a node group or Fargate for it",
    layers=("kubernetes", "terraform"),
    source="https://github.com/aws/aws-eks-best-practices/blob/master/latest/bpg/autoscaling/karpenter.adoc",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads that are Karpenter, whose pods some pool may take; those of a Fargate profile go to none."""
    for controller in facts.where(Controller, name="karpenter"):
        workload = facts.one(Workload, of=controller.of)
        if workload is None:
            continue
        pools = [nodes.of for nodes in nodes_for(facts, workload) if isinstance(nodes, NodePool)]
        if pools:
            yield RULE.refuted(f"nothing keeps {workload.of} off the nodes of {', '.join(pools)}", workload.of, *pools)
