"""A pod that calls AWS and has nobody to be."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.clusters import cluster_of
from seawall.analyze.permissions.gaps import alike, gaps
from seawall.analyze.permissions.needed import acting
from seawall.analyze.permissions.shortfalls import is_told_elsewhere
from seawall.check.rule import Rule
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
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
    """Gaps at the very first link: pods that are nobody, and whose node is not allowed it either."""
    stated = set(facts.all(Call))
    nobody = (
        gap
        for gap in gaps(facts)
        if (link := gap.chain.breaks)
        and link.kind == "service account"
        and link.fault in ("no service account", "no role")
        and not is_told_elsewhere(facts, gap)
    )
    for group in alike(nobody):
        first = group[0]
        source, account = first.call.source, acting(facts, first.call.source).account
        calls = ", ".join(sorted({gap.call.action for gap in group}))
        if cluster_of(facts, account) is None and not any(gap.call in stated for gap in group):
            # A controller's manifests by themselves: whoever makes the cluster may say who its account is.
            why = Unknown(
                f"the role of {account}", why="its cluster is not in the input, nor who may act as what there"
            )
            what = f"whether {source}, which calls {calls}, has a role is not known"
            yield RULE.unknown(what, [why], source, account, severity=Severity.LOW)
            continue
        yield RULE.refuted(
            f"{source} calls {calls} as {account}, which has no role",
            source,
            account,
            evidence=sorted({f"calls {gap.call.action}: {gap.call.said}" for gap in group}),
        )
