"""A load balancer in a single zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.reachability.places import subnets
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Interface
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-021",
    severity=Severity.HIGH,
    summary="An application load balancer is in fewer than two zones",
    why="AWS refuses an application load balancer with subnets of one zone only",
    fix="name subnets of two zones or more",
    layers=("terraform", "kubernetes"),
    source="https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/docs/deploy/subnet_discovery.md",
    read=date(2026, 8, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Application load balancers whose subnets are all in the input."""
    for setting in facts.all(Setting):
        if setting.key != "idle-timeout" or not isinstance(setting.of, Address):
            continue
        for interface in facts.where(Interface, of=setting.of):
            found, missing = subnets(facts, interface)
            zones = {subnet.zone for subnet in found if isinstance(subnet.zone, str)}
            if missing or len(zones) >= 2 or not found:
                # What the controller finds by tags, or another input holds, is not for this rule to judge.
                continue
            holes = [subnet.zone for subnet in found if isinstance(subnet.zone, Unknown)]
            if holes:
                yield RULE.unknown(f"in which zones {setting.of} is is not known", holes, setting.of)
            else:
                yield RULE.refuted(
                    f"{setting.of} is in {', '.join(sorted(zones))} only",
                    setting.of,
                    evidence=sorted(f"{subnet.of}: zone {subnet.zone}" for subnet in found),
                )
