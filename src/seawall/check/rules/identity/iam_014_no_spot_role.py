"""Spot nodes without the role of EC2 by which they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.permissions.shortfalls import nobody_can_tell, shortfalls
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-014",
    severity=Severity.MEDIUM,
    summary="Spot nodes are asked for, and their service-linked role may not be there",
    why="the first spot request of an account is refused with ServiceLinkedRoleCreationNotPermitted "
    "unless somebody has made AWSServiceRoleForEC2Spot",
    fix="make an `aws_iam_service_linked_role` for spot.amazonaws.com, or let Karpenter call "
    "iam:CreateServiceLinkedRole for it",
    layers=("terraform", "kubernetes"),
    source="https://karpenter.sh/docs/troubleshooting/",
    read=date(2026, 8, 22),
)
_SHOWN = 4


def check(facts: Facts) -> Iterator[Finding]:
    """Pools that may buy spot nodes, where neither the role is made nor Karpenter may make it."""
    for group in shortfalls(facts, "karpenter", "iam:CreateServiceLinkedRole"):
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
            yield RULE.unknown(what, missing, *addresses, evidence=(first.call.said,), severity=Severity.LOW)
