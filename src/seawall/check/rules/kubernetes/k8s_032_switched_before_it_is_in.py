"""Blue-green behind a load balancer that has not yet taken the new pods in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import Workload
from seawall.facts.delivery import VALUES_ELSEWHERE, Controller, Shift
from seawall.facts.facts import Facts
from seawall.facts.network import Forwards
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-032",
    severity=Severity.HIGH,
    summary="A blue-green release switches before its load balancer knows the new pods",
    why="the switch changes a Service's selector, for which no readiness gate is put into pods that run already: the "
    "old pods "
    "may be gone before the target group has the new ones, and visitors get 502",
    fix="start the controller with --aws-verify-target-group (awsVerifyTargetGroup: true) and let it look at target "
    "groups",
    layers=("kubernetes",),
    source="https://argo-rollouts.readthedocs.io/en/stable/features/traffic-management/alb/",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Blue-green Rollouts whose active Service is behind targets by address, where the controller does not verify."""
    for shift in facts.all(Shift):
        workload = facts.one(Workload, of=shift.workload)
        if workload is None or workload.strategy != "BlueGreen" or not isinstance(shift.stable, Address):
            continue
        here = [
            one
            for one in facts.where(Controller, name="argo-rollouts")
            if _cluster(one.account) == _cluster(workload.of)
        ]
        if not here or any(name in ("verifies", VALUES_ELSEWHERE) for one in here for name, _ in one.told):
            continue
        for forwards in facts.where(Forwards, to=shift.stable):
            if isinstance(forwards.of, Address) and _by_address(facts, forwards.of, shift.stable):
                yield RULE.refuted(
                    f"{workload.of} is switched behind {forwards.of}, whose targets are pods, and nothing verifies "
                    f"them",
                    workload.of,
                    forwards.of,
                    *(one.of for one in here),
                )
                break


def _by_address(facts: Facts, ingress: Address, service: Address) -> bool:
    name = service.as_kubernetes()
    group = ingress.implied(f"target-group/{name.name if name else service}")
    return any(each.key == "target-type" and each.value == "ip" for each in facts.where(Setting, of=group))


def _cluster(address: Address) -> str:
    name = address.as_kubernetes()
    return name.cluster if name else ""
