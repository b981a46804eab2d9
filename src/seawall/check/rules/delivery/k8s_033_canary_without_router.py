"""A canary whose weights are made of pods."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import ceil, floor

from seawall.analyze.scale import replicas
from seawall.check.rule import Rule
from seawall.facts.compute import Workload
from seawall.facts.delivery import Shift
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="K8S-033",
    severity=Severity.MEDIUM,
    summary="A canary's weights are finer than the pods they are made of",
    why="without traffic routing the weight is approached by the ratio of new to old pods, and each pod counts whole",
    fix="add trafficRouting (the load balancer's weighted target groups), or choose weights that the pods can make",
    layers=("kubernetes", "delivery"),
    source="https://github.com/argoproj/argo-rollouts/blob/master/utils/replicaset/canary.go",
    read=date(2026, 11, 21),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Canary steps without a router, against the weights that the least number of pods can make."""
    for shift in facts.all(Shift):
        weights = [step.weight for step in shift.steps if step.weight is not None and 0 < step.weight < 100]
        workload = facts.one(Workload, of=shift.workload)
        if shift.router is not None or not weights or workload is None:
            continue
        least, _ = replicas(facts, workload)
        if isinstance(least, Unknown) or least < 1:
            continue
        wrong = {weight: best for weight in weights if round(best := closest(weight, least)) != weight}
        if wrong:
            spelled = ", ".join(f"{weight} % is really {real:.0f} %" for weight, real in sorted(wrong.items()))
            yield RULE.refuted(
                f"{shift.workload} shifts by pods, of which it may have {least}: {spelled}",
                shift.workload,
                evidence=tuple(
                    f"weight {weight} %: with {least} pods and one more at best {real:.0f} %"
                    for weight, real in sorted(wrong.items())
                ),
            )


def closest(weight: int, pods: int) -> float:
    """The nearest share in percent that whole pods can make, with one pod more than the replicas if that helps.

    That is how the controller chooses: rounding up or down, over the replicas or one more, never without a new pod.
    """
    counts = {ceil(pods * weight / 100), max(floor(pods * weight / 100), 1)}
    options = [100 * new / total for new in counts for total in (pods, pods + 1) if new < total]
    return min(options, key=lambda share: (abs(share - weight), share))
