"""A disruption budget that allows no disruption."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.scale import disruptions_allowed
from seawall.check.rule import Rule
from seawall.facts.compute import DisruptionBudget
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="K8S-006",
    severity=Severity.HIGH,
    summary="A disruption budget never lets a pod be evicted",
    why="draining a node evicts its pods and waits for the budget; where the budget allows none, upgrades of the nodes "
    "hang until they time out or somebody deletes pods by hand",
    fix="allow one disruption (maxUnavailable: 1), or run one replica more than the budget insists on",
    layers=("kubernetes",),
    source="https://github.com/aws/aws-eks-best-practices/blob/master/latest/bpg/reliability/application.adoc",
    read=date(2026, 5, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each budget against the least number of pods that its selector can mean, where that is more than one."""
    for budget in facts.all(DisruptionBudget):
        allowed = disruptions_allowed(facts, budget)
        if isinstance(allowed, Unknown):
            yield RULE.unknown(f"how many pods {budget.of} protects is not known", [allowed], budget.of)
        elif allowed is not None and allowed.pods > 1 and allowed.count <= 0:
            yield RULE.refuted(
                f"{budget.of} asks for {allowed.wants}, and {', '.join(allowed.workloads)} may run as few as "
                f"{allowed.pods} pods: none may go",
                budget.of,
                *allowed.workloads,
                evidence=(f"{budget.of}: {allowed.wants}", f"pods at the least: {allowed.pods}", "may be away: 0"),
            )
