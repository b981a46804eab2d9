"""A secret, object or message that may be read, under a key that may not be used."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.permissions.gaps import alike, gaps
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-019",
    severity=Severity.HIGH,
    summary="What is encrypted may be asked for, and its key may not be used",
    why="the service decrypts in the caller's name: without the key the call is denied, though the statement for the "
    "secret or object looks complete",
    fix="allow kms:Decrypt (to write: kms:GenerateDataKey) on the key with kms:ViaService of the service, and let the "
    "key's policy leave it to IAM or name the role",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Gaps in calls on keys that other calls bring along, where those others are not denied."""
    refused = (gap for gap in gaps(facts) if gap.chain.verdict.refuted)
    denied = {(gap.call.source, gap.call.action, gap.call.resource) for gap in refused}
    brought = [
        gap
        for gap in gaps(facts)
        if gap.after is not None and (gap.after.source, gap.after.action, gap.after.resource) not in denied
    ]
    for group in alike(brought):
        first = group[0]
        link = first.chain.breaks
        if link is None:
            continue
        addresses = [each for each in (first.call.source, first.chain.role) if each is not None]
        calls = sorted({f"{gap.call.action} for {gap.after.action}" for gap in group if gap.after is not None})
        what = f"{first.call.source} needs {', '.join(calls)} on {first.call.resource}; {link.kind}: {link.says}"
        evidence = (*(f"{gap.call.action}: {gap.call.said}" for gap in group), *first.chain.lines())
        if link.verdict.refuted:
            yield RULE.refuted(what, *addresses, evidence=evidence)
        else:
            yield RULE.unknown(what, first.chain.missing, *addresses, evidence=evidence, severity=Severity.MEDIUM)
