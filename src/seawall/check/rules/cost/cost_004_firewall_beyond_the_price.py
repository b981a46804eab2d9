"""A web firewall with more rules than its price covers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import FirewallRule
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.knowledge.firewall_capacity import INCLUDED, MANAGED

RULE = Rule(
    id="COST-004",
    severity=Severity.LOW,
    summary="A web firewall has more rules than its basic price covers",
    why="beyond 1,500 capacity units every request is charged more, for each further 500 units, whether a rule "
    "matches or not",
    fix="leave out the rule groups that are for another operating system, language or database than your own",
    layers=("terraform", "cost"),
    source="https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Firewalls whose managed rule groups alone take more; what their other rules take comes on top."""
    taken: dict[Address, dict[str, int]] = {}
    for rule in facts.all(FirewallRule):
        if rule.kind in MANAGED:
            taken.setdefault(rule.firewall, {})[rule.kind] = MANAGED[rule.kind]
    for firewall, groups in taken.items():
        total = sum(groups.values())
        if total > INCLUDED:
            yield RULE.refuted(
                f"{firewall} takes {total} capacity units by its managed rule groups alone; {INCLUDED} are in the "
                f"price",
                firewall,
                evidence=[f"{name}: {units}" for name, units in sorted(groups.items())],
            )
