"""NetworkPolicies in a cluster whose network plug-in ignores them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import cluster_of, policies_enforced
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.pod_network import Isolates
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="NET-001",
    severity=Severity.CRITICAL,
    summary="NetworkPolicies exist, and nothing in the cluster enforces them",
    why="the API server stores a NetworkPolicy whether or not anybody acts on it; the VPC CNI acts on it only "
    "when told "
    "to, so every pod reaches every other",
    fix="set enableNetworkPolicy to true in the configuration of the vpc-cni add-on (1.14 or later)",
    layers=("kubernetes", "terraform"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html",
    read=date(2026, 11, 21),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each cluster that has policies, once."""
    by_cluster: dict[str, list[Address]] = {}
    for isolates in facts.all(Isolates):
        name = isolates.policy.as_kubernetes()
        policies = by_cluster.setdefault(name.cluster if name else "", [])
        if isolates.policy not in policies:
            policies.append(isolates.policy)
    for policies in by_cluster.values():
        policies.sort()
        enforced = policies_enforced(facts, policies[0])
        cluster = cluster_of(facts, policies[0])
        addresses = ([cluster.of] if cluster else []) + policies
        some = f"{policies[0]}" + (f" and {len(policies) - 1} more" if len(policies) > 1 else "")
        if enforced.refuted:
            yield RULE.refuted(f"nothing enforces {some}", *addresses)
        elif enforced.unknown:
            missing = [reason for reason in enforced.because if isinstance(reason, Unknown)]
            yield RULE.unknown(f"whether anything enforces {some} is not known", missing, *addresses)
