"""A workload whose calls go to another region than the one it runs in."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.clusters import cluster_of
from seawall.check.rule import Rule
from seawall.facts.compute import Cluster, Environment
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="K8S-112",
    severity=Severity.HIGH,
    summary="A workload is told to call another region than the one its cluster is in",
    why="the SDK sends every call where AWS_REGION says: a standby that calls the first region waits for what is lost "
    "on the day that it is needed, and pays for the way there on every other",
    fix="leave the variable out, since EKS gives each pod with a role its own region, or set it for each site",
    layers=("kubernetes", "terraform"),
    source="https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """``AWS_REGION`` of each container, in an input that has clusters in that region and in another."""
    homes = {cluster.region for cluster in facts.all(Cluster) if isinstance(cluster.region, str)}
    for variable in facts.all(Environment):
        if variable.name != "AWS_REGION" or not isinstance(variable.value, str) or variable.value not in homes:
            continue
        cluster = cluster_of(facts, variable.workload)
        if cluster is None or isinstance(cluster.region, Unknown) or cluster.region == variable.value:
            continue
        yield RULE.refuted(
            f"container {variable.container} of {variable.workload} calls {variable.value}, and {cluster.of} is in "
            f"{cluster.region}",
            variable.workload,
            cluster.of,
            evidence=(f"{variable.name}: {variable.value}",),
        )
