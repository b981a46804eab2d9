"""Names that are never written since ExternalDNS may not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.permissions.shortfalls import nobody_can_tell, shortfalls
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-016",
    severity=Severity.HIGH,
    summary="ExternalDNS may not write the zones that it is told to manage",
    why="no record appears for an Ingress or Service, and only the controller's log says why",
    fix="allow ChangeResourceRecordSets, ListResourceRecordSets and ListTagsForResources on these zones, "
    "and ListHostedZones",
    layers=("terraform", "kubernetes"),
    source="https://github.com/kubernetes-sigs/external-dns/blob/2bf1bf8af2b7/docs/tutorials/aws.md",
    read=date(2026, 8, 22),
)
_SHOWN = 4


def check(facts: Facts) -> Iterator[Finding]:
    """The zones of its domains, against what its role may do to them."""
    for group in shortfalls(facts, "external-dns"):
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
