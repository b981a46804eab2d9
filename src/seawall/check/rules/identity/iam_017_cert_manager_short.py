"""Certificates that are never issued since their names cannot be proven."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.permissions.shortfalls import nobody_can_tell, shortfalls
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-017",
    severity=Severity.HIGH,
    summary="cert-manager may not prove names in Route 53",
    why="the challenge stays pending, and the certificate is neither issued nor renewed",
    fix="allow route53:GetChange on change/*, ChangeResourceRecordSets and ListResourceRecordSets on the "
    "zone, and ListHostedZonesByName where the issuer names no zone",
    layers=("terraform", "kubernetes"),
    source="https://github.com/cert-manager/website/blob/776e5dba5651/content/docs/configuration/acme/dns01/route53.md",
    read=date(2026, 8, 22),
)
_SHOWN = 4


def check(facts: Facts) -> Iterator[Finding]:
    """Issuers that prove names in Route 53, against what cert-manager's role may do."""
    for group in shortfalls(facts, "cert-manager"):
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
