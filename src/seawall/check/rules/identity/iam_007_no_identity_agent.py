"""Pod Identity without the agent that hands out the credentials."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.clusters import cluster_of
from seawall.check.rule import Rule
from seawall.facts.compute import Addon, Cluster
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="IAM-007",
    severity=Severity.HIGH,
    summary="Pod Identity is used in a cluster without its agent",
    why="the agent on each node is what the SDK asks for credentials; without it nobody answers",
    fix="install the add-on eks-pod-identity-agent",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html",
    read=None,
)

AGENT = "eks-pod-identity-agent"


def check(facts: Facts) -> Iterator[Finding]:
    """Clusters in which an account takes on a role by Pod Identity, against their add-ons."""
    users: dict[Cluster, list[Address]] = {}
    for assumes in facts.all(Assumes):
        if assumes.means == "pod-identity" and isinstance(assumes.account, Address):
            cluster = cluster_of(facts, assumes.account)
            if cluster is not None:
                users.setdefault(cluster, []).append(assumes.by)
    for cluster, associations in users.items():
        asked = facts.ask(Addon, cluster=cluster.of)
        if any(addon.name == AGENT for addon in asked.matches):
            continue
        doubts = [addon.cluster for addon in asked.doubts if addon.name == AGENT and isinstance(addon.cluster, Unknown)]
        if doubts:
            yield RULE.unknown(f"whether {cluster.of} has the agent is not known", doubts, cluster.of)
        else:
            yield RULE.refuted(
                f"{cluster.of} has no add-on {AGENT}, and {len(associations)} association"
                f"{'s' * (len(associations) > 1)} need it",
                cluster.of,
                *sorted(associations),
            )
