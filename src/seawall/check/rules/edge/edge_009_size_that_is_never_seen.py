"""A size that nobody measures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Guards, LimitsBody
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-009",
    severity=Severity.MEDIUM,
    summary="A web firewall's rule waits for a body larger than it ever sees",
    why="WAF is given the first 8 KB of a body behind a load balancer and 16 KB behind CloudFront; a comparison with "
    "more than that is never true",
    fix="set oversize_handling MATCH, compare with less than the limit, or raise the limit (association_config)",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-setting-body-inspection-limit.html",
    read=date(2026, 11, 22),
)


_BALANCER, _OTHERS = 8, 16
"""KiB of a body that WAF sees behind a load balancer, which is fixed, and elsewhere unless it is raised."""


def check(facts: Facts) -> Iterator[Finding]:
    """Rules that match bodies above a size, against what their firewall sees of one."""
    for limits in facts.all(LimitsBody):
        if (
            limits.operator not in ("GT", "GE")
            or isinstance(limits.size, Unknown)
            or isinstance(limits.oversize, Unknown)
        ):
            continue
        sees = _sees(facts, limits.firewall)
        if limits.oversize != "MATCH" and limits.size + (limits.operator == "GT") > sees * 1024:
            yield RULE.refuted(
                f"rule {limits.rule} of {limits.firewall} waits for bodies above {limits.size} bytes, and sees "
                f"{sees} KiB",
                limits.firewall,
            )


def _sees(facts: Facts, firewall: Address) -> int:
    """The most that it sees: of a firewall in front of load balancers alone that is less."""
    raised = [each.value for each in facts.where(Setting, of=firewall) if each.key == "inspects-body"]
    known = [value for value in raised if isinstance(value, int)]
    guarded = facts.where(Guards, firewall=firewall)
    balancers = {each.of for each in facts.where(Setting, key="idle-timeout")}
    if guarded and all(guards.of in balancers for guards in guarded):
        return _BALANCER
    return max([*known, _OTHERS])
