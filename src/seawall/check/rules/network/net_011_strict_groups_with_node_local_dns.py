"""Pods with strict groups, which do not reach the cache of names on their node."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import cluster_of
from seawall.check.rule import Rule
from seawall.facts.compute import Container, Workload
from seawall.facts.facts import Facts
from seawall.facts.pod_network import PodGroups
from seawall.facts.resilience import Setting
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-011",
    severity=Severity.HIGH,
    summary="Security groups of pods are strict, and names are looked up on the node",
    why="in strict mode all traffic of such a pod leaves by its own interface, also that to 169.254.20.10 on its node: "
    "NodeLocal DNSCache is not reached, and no name is found",
    fix="set POD_SECURITY_GROUP_ENFORCING_MODE to standard, with version 1.11 or later of the network plug-in",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html",
    read=date(2024, 12, 1),
)

_IMAGE = "k8s-dns-node-cache"


def check(facts: Facts) -> Iterator[Finding]:
    """Clusters with SecurityGroupPolicies in strict mode that run the cache by its own image."""
    caches = {
        container.workload
        for container in facts.all(Container)
        if isinstance(container.image, str) and _IMAGE in container.image
    }
    for cache in sorted(caches):
        cluster = cluster_of(facts, cache)
        if cluster is None or facts.one(Workload, of=cache) is None:
            continue
        modes = [each.value for each in facts.where(Setting, of=cluster.of) if each.key == "pod-groups-mode"]
        policies = sorted({given.of for given in facts.all(PodGroups) if cluster_of(facts, given.of) == cluster})
        if policies and "strict" in modes:
            yield RULE.refuted(f"{cluster.of} is strict with {', '.join(policies)}, and runs {cache}", cache, *policies)
