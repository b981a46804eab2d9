"""A rate rule that WAF does not take."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import FirewallRule
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-008",
    severity=Severity.MEDIUM,
    summary="A rate rule's window or limit is not one that WAF takes",
    why="WAF counts over 60, 120, 300 or 600 seconds and from 10 requests on; anything else is refused at apply",
    fix="choose one of the four windows and a limit of at least 10",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/waf/latest/developerguide/"
    "waf-rule-statement-type-rate-based-high-level-settings.html",
    read=date(2025, 12, 1),
)

WINDOWS = {60, 120, 300, 600}
LEAST = 10


def check(facts: Facts) -> Iterator[Finding]:
    """Rate rules of every web firewall."""
    for rule in facts.all(FirewallRule):
        if rule.kind != "rate":
            continue
        missing = [value for value in (rule.limit, rule.window) if isinstance(value, Unknown)]
        if isinstance(rule.window, int) and rule.window not in WINDOWS:
            yield RULE.refuted(f"{rule.firewall} counts over {rule.window} s", rule.firewall)
        elif isinstance(rule.limit, int) and rule.limit < LEAST:
            yield RULE.refuted(f"{rule.firewall} limits to {rule.limit} requests", rule.firewall)
        elif missing:
            yield RULE.unknown(f"the rate rule of {rule.firewall} is not known", missing, rule.firewall)
