"""Spot nodes that are taken back without anybody hearing of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.permissions.controllers import circumstances_of, running
from seawall.analyze.permissions.shortfalls import nobody_can_tell, shortfalls
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-012",
    severity=Severity.HIGH,
    summary="Karpenter does not hear of spot nodes that are about to go",
    why="AWS takes a spot node two minutes after it has said so to a queue; without the queue, or the right to read "
    "it, pods end with their node instead of moving before",
    fix="make a queue with rules for EC2's warnings, name it in settings.interruptionQueue, and allow "
    "sqs:DeleteMessage, GetQueueUrl and ReceiveMessage on it",
    layers=("terraform", "kubernetes"),
    source="https://karpenter.sh/docs/reference/settings/",
    read=date(2026, 8, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Installations whose pools may buy spot nodes and that are told of no queue; and queues that may not be read."""
    for one in running(facts):
        if one.known.name != "karpenter":
            continue
        so = circumstances_of(facts, one)
        if "spot" in so and "queue" not in so:
            what = f"{one.fact.of} is told of no interruption queue, and a pool of its cluster may buy spot nodes"
            yield RULE.refuted(what, one.fact.of, one.account)
    for group in shortfalls(facts, "karpenter", "sqs:"):
        first = group[0]
        link = first.chain.breaks
        if link is None:
            continue
        actions = ", ".join(sorted({gap.call.action for gap in group}))
        addresses = [each for each in (first.call.source, first.chain.role, first.call.by) if each]
        what = f"{first.call.source} calls {actions} on {first.call.resource}; {link.kind}: {link.says}"
        nowhere = nobody_can_tell(facts, first)
        if nowhere is not None:
            yield RULE.unknown(f"{first.call.source} may have no role", [nowhere], *addresses, severity=Severity.LOW)
        elif link.verdict.refuted:
            yield RULE.refuted(what, *addresses, evidence=(first.call.said, *first.chain.lines()))
        else:
            yield RULE.unknown(what, first.chain.missing, *addresses, severity=Severity.MEDIUM)
