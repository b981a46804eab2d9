"""Access to a cluster that is written where the cluster does not look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import cluster_of
from seawall.check.rule import Rule
from seawall.facts.compute import ApiVersion, Cluster
from seawall.facts.facts import Facts
from seawall.facts.identity import ClusterAccess
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="TF-008",
    severity=Severity.MEDIUM,
    summary="Access to a cluster is written where the cluster does not look, or for nobody",
    why="the authentication mode decides whether access entries or the ConfigMap aws-auth count: what is in the "
    "other one lets "
    "nobody in, and with neither nobody can administer the cluster",
    fix="keep access entries alone (authentication_mode API), one of them with AmazonEKSClusterAdminPolicy",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/grant-k8s-access.html",
    read=date(2026, 11, 22),
)

_MAP = "/ConfigMap/kube-system/aws-auth"


def check(facts: Facts) -> Iterator[Finding]:
    """Each cluster's mode, against the map and the entries of the input; a mode that is not known is left alone."""
    maps: dict[Cluster, Address] = {}
    for entry in facts.all(ApiVersion):
        if entry.of.endswith(_MAP) and (found := cluster_of(facts, entry.of)) is not None:
            maps[found] = entry.of
    for cluster in facts.all(Cluster):
        entries = facts.ask(ClusterAccess, cluster=cluster.of)
        if cluster.authentication == "API" and cluster in maps:
            what = f"{cluster.of} takes access entries alone, and {maps[cluster]} maps roles"
            yield RULE.refuted(what, maps[cluster], cluster.of)
        if cluster.authentication == "CONFIG_MAP" and entries.matches:
            what = f"{cluster.of} takes its map alone, and has access entries: EKS refuses them"
            yield RULE.refuted(what, cluster.of, *sorted({each.by for each in entries.matches}))
        alone = any(each.key == "creator-admin" and each.value is False for each in facts.where(Setting, of=cluster.of))
        if cluster.authentication == "API" and alone and not entries.doubts:
            people = [
                each for each in entries.matches if not str(each.policy).startswith("type/") and each.policy != ""
            ]
            if not people:
                yield RULE.refuted(f"{cluster.of} lets nobody in, not even whoever makes it", cluster.of)
