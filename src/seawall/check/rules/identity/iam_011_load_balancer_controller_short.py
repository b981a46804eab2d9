"""Ingresses and Services whose controller cannot make what they ask for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.permissions.shortfalls import nobody_can_tell, shortfalls
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-011",
    severity=Severity.CRITICAL,
    summary="The load balancer controller's role lacks what it calls",
    why="the controller answers an Ingress with AccessDenied in its events and makes nothing: no load "
    "balancer, no targets",
    fix="allow the action as the project's own policy does; `seawall permissions policy` writes what "
    "this configuration needs",
    layers=("terraform", "kubernetes"),
    source="https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848/docs/install/iam_policy.json",
    read=date(2026, 8, 22),
)
_SHOWN = 4


def check(facts: Facts) -> Iterator[Finding]:
    """Calls of the controller, those of a firewall, Shield or a user pool only where an Ingress asks for one."""
    for group in shortfalls(facts, "aws-load-balancer-controller"):
        first = group[0]
        link = first.chain.breaks
        if link is None:
            continue
        calls = sorted({f"{gap.call.action} on {gap.call.resource}" for gap in group})
        named = ", ".join(calls[:_SHOWN]) + (f" and {len(calls) - _SHOWN} more" if len(calls) > _SHOWN else "")
        addresses = [each for each in (first.call.source, first.chain.role, first.call.by) if each]
        nowhere = nobody_can_tell(facts, first)
        if nowhere is not None:
            yield RULE.unknown(f"{first.call.source} may have no role", [nowhere], *addresses, severity=Severity.LOW)
        elif link.verdict.refuted:
            what = f"{first.call.source} calls {named}; {link.kind}: {link.says}"
            yield RULE.refuted(what, *addresses, evidence=(first.call.said, *first.chain.lines()))
        else:
            missing = dict.fromkeys(reason for gap in group for reason in gap.chain.missing)
            what = f"whether {first.call.source} may call {named} is not known; {link.kind}: {link.says}"
            yield RULE.unknown(what, missing, *addresses, evidence=(first.call.said,), severity=Severity.MEDIUM)
