"""Replicas that may all be in the zone whose loss is to be survived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.scale import replicas
from seawall.check.rule import Rule
from seawall.facts.compute import Spread, Workload
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="K8S-008",
    severity=Severity.HIGH,
    summary="Nothing keeps the replicas apart over zones, though the loss of a zone is claimed to be survived",
    why="the scheduler's built-in spreading is a preference that other preferences outweigh; all replicas may sit in "
    "the zone that goes",
    fix="add a topologySpreadConstraint on topology.kubernetes.io/zone with maxSkew 1",
    layers=("kubernetes", "claims"),
    source="https://github.com/aws/aws-eks-best-practices/blob/master/latest/bpg/reliability/application.adoc",
    read=date(2026, 5, 1),
)

ZONE = "topology.kubernetes.io/zone"
_RUNS_ONCE = ("Job", "CronJob", "Pod", "DaemonSet")


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads of two or more replicas without a spread over zones, where a claim speaks of losing a zone."""
    claims = facts.where(Claim, subject="zone_loss")
    if not claims:
        return
    for workload in facts.all(Workload):
        if workload.controller in _RUNS_ONCE:
            continue
        least, _ = replicas(facts, workload)
        if isinstance(least, Unknown) or least < 2:
            continue
        if not any(spread.topology == ZONE for spread in facts.where(Spread, workload=workload.of)):
            yield RULE.refuted(
                f"{workload.of} runs {least} pods or more, and nothing keeps them in different zones",
                workload.of,
                evidence=sorted(f"claim: zone_loss {claim.measure} {claim.value}" for claim in claims),
            )
