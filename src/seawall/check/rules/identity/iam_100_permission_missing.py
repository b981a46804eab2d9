"""A call that somebody has to make and is not allowed."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.permissions.gaps import alike, gaps
from seawall.analyze.permissions.shortfalls import denied_by_way, is_told_elsewhere
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="IAM-100",
    severity=Severity.HIGH,
    summary="Somebody is not allowed what they have to call",
    why="AWS answers AccessDenied at the moment of the call, which no deployment and no health check tries",
    fix="allow the action on that resource where the chain breaks; `seawall permissions policy` writes what is needed",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
    read=None,
)

OTHERS = frozenset(
    {
        "no service account",  # IAM-003
        "no role",
        "wrong subject",  # IAM-001
        "wrong audience",
        "wrong issuer",  # IAM-004
        "other cluster's OIDC provider",
        "region-pinned ARN",  # IAM-005
        "no credentials",  # IAM-009
        "boundary",  # IAM-024
        "control policy",
    }
)
"""What rules of their own tell of."""
_SHOWN = 4


def check(facts: Facts) -> Iterator[Finding]:
    """Every gap that no other rule tells of, those of one caller at one link together."""
    stated = (gap for gap in gaps(facts) if gap.after is None and not isinstance(gap.call.resource, Unknown))  # IAM-023
    for group in alike(gap for gap in stated if not is_told_elsewhere(facts, gap) and not denied_by_way(gap)):
        first = group[0]
        link = first.chain.breaks
        if link is None or (link.fault in OTHERS and link.kind != "role"):
            continue
        source, role = first.call.source, first.chain.role
        calls = sorted({f"{gap.call.action} on {gap.call.resource}" for gap in group})
        named = ", ".join(calls[:_SHOWN]) + (f" and {len(calls) - _SHOWN} more" if len(calls) > _SHOWN else "")
        evidence = tuple(line for gap in group[:_SHOWN] for line in (f"calls {gap.call.action}: {gap.call.said}",))
        addresses = (source,) if role is None else (source, role)
        if link.verdict.refuted:
            what = f"{source} calls {named}; {link.kind}: {link.says}"
            yield RULE.refuted(what, *addresses, evidence=(*evidence, *first.chain.lines()))
        else:
            missing = dict.fromkeys(reason for gap in group for reason in gap.chain.missing)
            what = f"whether {source} may call {named} is not known; {link.kind}: {link.says}"
            yield RULE.unknown(what, missing, *addresses, evidence=evidence, severity=Severity.MEDIUM)
