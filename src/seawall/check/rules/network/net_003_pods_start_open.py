"""Isolation that is claimed, and pods that start without it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import cluster_of, policies_enforced
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.isolation import Isolation
from seawall.facts.pod_network import Isolates
from seawall.facts.resilience import Claim, Setting
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-003",
    severity=Severity.MEDIUM,
    summary="Isolation is claimed, and a new pod starts before its policies hold",
    why="in standard mode a pod may talk to everybody until the agent on its node has programmed its policies, some "
    "seconds after it started; what must never be reached is reached then",
    fix="set NETWORK_POLICY_ENFORCING_MODE to strict in the configuration of the add-on vpc-cni, and permit what "
    "every pod needs from its first second",
    layers=("kubernetes", "terraform", "documents"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html",
    read=date(2024, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Clusters whose plug-in enforces policies in standard mode, where a claim says that something is never reached."""
    claims = [claim for claim in facts.all(Claim) if isinstance(claim.value, Isolation) and not claim.value.only]
    if not claims:
        return
    for cluster in dict.fromkeys(cluster_of(facts, isolates.policy) for isolates in facts.all(Isolates)):
        if cluster is None or not policies_enforced(facts, cluster.of).proven:
            continue
        modes = [setting for setting in facts.where(Setting, of=cluster.of) if setting.key == "policy-mode"]
        if any(setting.value == "standard" for setting in modes):
            said = ", ".join(sorted(str(claim.value) for claim in claims))
            yield RULE.refuted(f"{cluster.of} enforces policies in standard mode, and the claim is {said}", cluster.of)
