"""A canary of which one load balancer knows nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.delivery import Shift
from seawall.facts.facts import Facts
from seawall.facts.network import Forwards
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-034",
    severity=Severity.HIGH,
    summary="A canary's weights reach one Ingress, and another sends its visitors past it",
    why="the controller sets weights on the Ingresses that the Rollout names: whoever comes in through another gets "
    "the stable "
    "version alone, so the canary is judged by part of the traffic and the full release is their first",
    fix="list every Ingress of the stable Service: `ingresses` (alb) or `stableIngresses` (nginx)",
    layers=("kubernetes",),
    source="https://argo-rollouts.readthedocs.io/en/stable/features/traffic-management/alb/",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Rollouts routed by Ingresses, against every other Ingress that sends requests to their stable Service."""
    for shift in facts.all(Shift):
        routed = [each for each in (shift.router, *shift.beside) if isinstance(each, Address) and _is_ingress(each)]
        if not routed or not isinstance(shift.stable, Address):
            continue
        sending = {each.of for each in facts.where(Forwards, to=shift.stable) if isinstance(each.of, Address)}
        left_out = sorted(of for of in sending if _is_ingress(of) and of not in routed)
        if left_out:
            yield RULE.refuted(
                f"{shift.workload} sets weights on {', '.join(routed)}, and {', '.join(left_out)} sends requests to "
                f"{shift.stable} all the same",
                shift.workload,
                *left_out,
            )


def _is_ingress(address: Address) -> bool:
    name = address.as_kubernetes()
    return name is not None and name.kind == "Ingress" and address.owner == address
