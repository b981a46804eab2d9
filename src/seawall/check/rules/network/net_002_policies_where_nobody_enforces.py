"""NetworkPolicies for pods on nodes where the network plug-in enforces none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import policies_enforced
from seawall.analyze.reachability.enforcement import amazons
from seawall.analyze.runs_on import on_fargate, on_windows
from seawall.analyze.selecting import isolating
from seawall.check.rule import Rule
from seawall.facts.compute import Workload
from seawall.facts.facts import Facts
from seawall.facts.network import Direction
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-002",
    severity=Severity.HIGH,
    summary="A NetworkPolicy is for pods on Fargate or Windows, where nothing enforces it",
    why="the agent of Amazon's network plug-in that enforces policies runs on Linux nodes of EC2 alone; elsewhere the "
    "policy is stored, shown, and without any effect",
    fix="let the pods run on Linux nodes of EC2, or keep others from them by security groups for pods",
    layers=("kubernetes", "terraform"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html",
    read=date(2024, 12, 1),
)

_BOTH: tuple[Direction, ...] = ("ingress", "egress")


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads that a policy selects, that run on Fargate or Windows, in clusters where the plug-in enforces."""
    for workload in facts.all(Workload):
        policies = {each.policy for direction in _BOTH for each in isolating(facts, workload, direction)}
        if not policies or not policies_enforced(facts, workload.of).proven or not amazons(facts, workload.of):
            continue
        where = "Windows" if on_windows(facts, workload) else "Fargate" if on_fargate(facts, workload) else ""
        if where:
            named = ", ".join(sorted(policies))
            yield RULE.refuted(f"{named} is for {workload.of}, which runs on {where}", *sorted(policies), workload.of)
