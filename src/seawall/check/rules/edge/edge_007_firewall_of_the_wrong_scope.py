"""A web firewall of a scope that its place cannot take."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Guards
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-007",
    severity=Severity.HIGH,
    summary="A web firewall is of the wrong scope for what it is to guard",
    why="load balancers take regional firewalls only, distributions global ones only; the association fails "
    "and nothing "
    "stands in front",
    fix="make the firewall with scope REGIONAL in the load balancer's region, or CLOUDFRONT in us-east-1",
    layers=("terraform", "kubernetes"),
    source="https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/docs/guide/ingress/annotations.md",
    read=date(2026, 8, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each association against the scope that the firewall says it has."""
    for guards in facts.all(Guards):
        if not isinstance(guards.firewall, Address):
            continue
        for setting in facts.where(Setting, of=guards.firewall):
            if setting.key != "firewall-scope":
                continue
            if isinstance(setting.value, Unknown):
                what = f"of which scope {guards.firewall} is is not known"
                yield RULE.unknown(what, [setting.value], guards.firewall)
            elif setting.value != guards.scope:
                yield RULE.refuted(
                    f"{guards.firewall} is {setting.value}, and {guards.of} takes {guards.scope} firewalls",
                    guards.firewall,
                    *([guards.of] if isinstance(guards.of, Address) else []),
                )
