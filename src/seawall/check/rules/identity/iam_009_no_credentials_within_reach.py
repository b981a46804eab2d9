"""A pod that has no role and cannot reach its node's."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.permissions.gaps import alike, gaps
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-009",
    severity=Severity.HIGH,
    summary="A pod calls AWS, has no role, and its node's metadata is out of its reach",
    why="where session tokens are required, a hop limit of 1 keeps them from getting as far as a pod; the SDK finds "
    "no credentials at all and every call fails before it is sent",
    fix="associate the pod's service account with a role of its own (Pod Identity); do not raise the hop limit",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Gaps at a service account without a role on nodes that keep their credentials to themselves."""
    for group in alike(gap for gap in gaps(facts) if (link := gap.chain.breaks) and link.fault == "no credentials"):
        source, link = group[0].call.source, group[0].chain.breaks
        if link is None:
            continue
        actions = ", ".join(sorted({gap.call.action for gap in group}))
        addresses = (source,) if link.of is None else (source, link.of)
        said = sorted({f"calls {gap.call.action}: {gap.call.said}" for gap in group})
        yield RULE.refuted(f"{source} calls {actions}: {link.says}", *addresses, evidence=said)
