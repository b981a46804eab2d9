"""A policy for pods that no controller owns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import policies_enforced
from seawall.analyze.reachability.enforcement import amazons
from seawall.analyze.selecting import isolating
from seawall.check.rule import Rule
from seawall.facts.compute import Workload
from seawall.facts.facts import Facts
from seawall.facts.network import Direction
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-004",
    severity=Severity.MEDIUM,
    summary="A NetworkPolicy is for a pod that no controller owns, so nothing enforces it",
    why="Amazon's network plug-in programs policies for pods with an owner; a pod made by itself has none and stays "
    "open, whatever selects it",
    fix="make the pod by a Deployment, a StatefulSet or a Job",
    layers=("kubernetes", "terraform"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html",
    read=date(2024, 12, 1),
)

_BOTH: tuple[Direction, ...] = ("ingress", "egress")


def check(facts: Facts) -> Iterator[Finding]:
    """Pods made by themselves that a policy selects, in clusters where Amazon's plug-in enforces policies."""
    for workload in facts.where(Workload, controller="Pod"):
        policies = {each.policy for direction in _BOTH for each in isolating(facts, workload, direction)}
        if not policies or not policies_enforced(facts, workload.of).proven or not amazons(facts, workload.of):
            continue
        named = ", ".join(sorted(policies))
        yield RULE.refuted(f"{named} is for {workload.of}, which nothing owns", workload.of, *sorted(policies))
