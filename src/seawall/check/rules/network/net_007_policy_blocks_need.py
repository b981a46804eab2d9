"""A need of the application that its own NetworkPolicies forbid."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.reachability.assumed import refused_by_policies
from seawall.analyze.reachability.hop import Hop, Path
from seawall.check.rule import Rule
from seawall.facts.demands import Reach
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


def check(facts: Facts) -> Iterator[Finding]:
    """Needs whose first definite no is a policy's, or would be if the policies that are written were enforced."""
    for demand, path, later in refused_by_policies(facts):
        if path.blocked is not None:
            yield _finding(demand, path, path.blocked, ", as soon as policies are enforced" if later else "")


def _finding(demand: Reach, path: Path, hop: Hop, when: str) -> Finding:
    policies = sorted({reason.policy for reason in hop.verdict.because if hasattr(reason, "policy")})
    named = " or ".join(policies)
    return RULE.refuted(
        f"{demand.source} needs {demand.target} on {demand.protocol} {demand.port}: {hop.says}{when}",
        demand.source,
        *policies,
        evidence=((f"asked for by {demand.said}",) if demand.said else ()) + path.lines(),
        fix=f"permit {demand.protocol} {demand.port} to it in {named}; a store outside the cluster needs an ipBlock of "
        "its subnets",
        severity=Severity.HIGH if when else None,
    )
