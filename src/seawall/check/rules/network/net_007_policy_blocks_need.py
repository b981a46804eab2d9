"""A need of the application that its own NetworkPolicies forbid."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.reachability.demanded import demanded
from seawall.analyze.reachability.reach import reach
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-007",
    severity=Severity.CRITICAL,
    summary="A NetworkPolicy blocks what the application itself needs",
    why="once a policy isolates pods, only what some policy permits gets through; stores outside the cluster "
    "are not pods "
    "and no podSelector means them",
    fix="permit the port to the store's subnets with ipBlock, or to the pods by their labels and namespace",
    layers=("kubernetes", "terraform"),
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    read=None,
)

POLICY_HOPS = ("egress policy", "ingress policy")


def check(facts: Facts) -> Iterator[Finding]:
    """Needs whose first definite no is a policy's."""
    for demand in demanded(facts):
        path = reach(facts, demand)
        hop = path.blocked
        if hop is not None and hop.kind in POLICY_HOPS:
            policies = sorted({str(reason.policy) for reason in hop.verdict.because if hasattr(reason, "policy")})
            yield RULE.refuted(
                f"{demand.source} needs {demand.target} on {demand.protocol} {demand.port}: {hop.says}",
                demand.source,
                *sorted({reason.policy for reason in hop.verdict.because if hasattr(reason, "policy")}),
                evidence=((f"asked for by {demand.said}",) if demand.said else ()) + path.lines(),
                fix=f"permit {demand.protocol} {demand.port} to it in {' or '.join(policies)}; a store outside the "
                "cluster needs an ipBlock of its subnets",
            )
