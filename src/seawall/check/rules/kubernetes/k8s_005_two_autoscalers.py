"""Two autoscalers on one workload."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.compute import Autoscaler
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-005",
    severity=Severity.HIGH,
    summary="Two autoscalers set the replicas of one workload",
    why="each writes the number that it computed; the workload swings between the two",
    fix="keep one autoscaler and give it all the signals; a KEDA ScaledObject brings a HorizontalPodAutoscaler "
    "of its own",
    layers=("kubernetes",),
    source="https://keda.sh/docs/2.17/concepts/scaling-deployments/",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads that more than one autoscaler targets."""
    targets = dict.fromkeys(scaler.target for scaler in facts.all(Autoscaler))
    for target in targets:
        scalers = sorted({scaler.of for scaler in facts.where(Autoscaler, target=target)})
        if len(scalers) > 1:
            yield RULE.refuted(
                f"{' and '.join(scalers)} both scale {target}",
                *scalers,
                target,
                evidence=tuple(f"{scaler}: targets {target}" for scaler in scalers),
            )
