"""Workloads that do not follow their queue since KEDA may not look at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.permissions.shortfalls import nobody_can_tell, shortfalls
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-021",
    severity=Severity.HIGH,
    summary="KEDA may not look at what it scales by",
    why="a scaler that is denied reports an error, and the number of pods stays where it was",
    fix="give the operator's service account a role that allows the call on that very thing, or name a "
    "trigger authentication that has one",
    layers=("terraform", "kubernetes"),
    source="https://github.com/kedacore/keda-docs/blob/a55c5d345e2c/content/docs/2.17/authentication-providers/aws.md",
    read=date(2026, 8, 22),
)
_SHOWN = 4


def check(facts: Facts) -> Iterator[Finding]:
    """Queues, streams, tables and metrics that triggers name, against what the operator may ask."""
    for group in shortfalls(facts, "keda"):
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
