"""A pod that calls AWS and has nobody to be."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.compute import Workload
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="IAM-003",
    severity=Severity.HIGH,
    summary="A workload calls AWS and its service account has no role",
    why="the pod then falls back to its node's role, which has no such right, or finds no credentials at all",
    fix="associate the service account with a role (Pod Identity), and let the pod name that account",
    layers=("kubernetes", "terraform"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads that must call something, against the roles of their accounts."""
    for source in dict.fromkeys(call.source for call in facts.all(Call)):
        workload = facts.one(Workload, of=source)
        if workload is None:
            continue
        asked = facts.ask(Assumes, account=workload.account)
        if asked.matches:
            continue
        doubts = [assumes.account for assumes in asked.doubts if isinstance(assumes.account, Unknown)]
        if doubts:
            yield RULE.unknown(f"whether {workload.account} has a role is not known", doubts, source, workload.account)
            continue
        calls = sorted({call.action for call in facts.where(Call, source=source)})
        yield RULE.refuted(
            f"{source} calls {', '.join(calls)} as {workload.account}, which has no role",
            source,
            workload.account,
            evidence=sorted({f"calls {call.action}: {call.said}" for call in facts.where(Call, source=source)}),
        )
