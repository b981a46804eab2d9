"""An autoscaler aimed at a Deployment where a Rollout of that name owns the pods."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import Autoscaler, Workload
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-002",
    severity=Severity.HIGH,
    summary="An autoscaler targets a Deployment, but a Rollout owns the pods",
    why="the autoscaler looks for the object that scaleTargetRef names; where that does not exist it scales nothing",
    fix="set scaleTargetRef to apiVersion argoproj.io/v1alpha1, kind Rollout",
    layers=("kubernetes",),
    source="https://argo-rollouts.readthedocs.io/en/stable/features/hpa-support/",
    read=date(2026, 8, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Targets that nobody in the input is, beside a workload of the same name and another kind."""
    for scaler in facts.all(Autoscaler):
        target = scaler.target.as_kubernetes()
        if target is None or facts.one(Workload, of=scaler.target) is not None:
            continue
        for kind in ("Rollout", "Deployment", "StatefulSet"):
            twin = Address.kubernetes(target.cluster, kind, target.namespace, target.name)
            if facts.one(Workload, of=twin) is not None:
                yield RULE.refuted(
                    f"{scaler.of} targets {target.kind} {target.name}, which does not exist; {twin} does",
                    scaler.of,
                    twin,
                    fix=f"let scaleTargetRef name the {kind}",
                )
