"""A manifest in an API version that the cluster no longer serves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import cluster_of
from seawall.check.rule import Rule
from seawall.facts.compute import ApiVersion
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.knowledge.kubernetes_apis import removed_in

RULE = Rule(
    id="K8S-019",
    severity=Severity.CRITICAL,
    summary="A manifest is written in an API version that the cluster no longer serves",
    why="the API server answers that it knows no such kind: the object cannot be applied, and a sync that "
    "holds it fails",
    fix="write the manifest in the version that replaced it",
    layers=("kubernetes", "terraform"),
    source="https://kubernetes.io/docs/reference/using-api/deprecation-guide/",
    read=date(2025, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Every object's API version against the version of its cluster."""
    for api in facts.all(ApiVersion):
        removal = removed_in(api.version, api.kind)
        if removal is None:
            continue
        cluster = cluster_of(facts, api.of)
        said = f"{api.of} is written in {api.version}, which Kubernetes {removal.version} removed"
        if cluster is None:
            missing = Unknown("cluster.version", why="no cluster is in the input")
            yield RULE.unknown(f"{said}; the cluster's version is not known", [missing], api.of)
        elif isinstance(cluster.version, Unknown):
            yield RULE.unknown(f"{said}; the cluster's version is not known", [cluster.version], api.of, cluster.of)
        elif _at_least(cluster.version, removal.version):
            yield RULE.refuted(
                f"{said}; {cluster.of} runs {cluster.version}",
                api.of,
                cluster.of,
                evidence=(f"{api.of}: {api.version} {api.kind}", f"{cluster.of}: version {cluster.version}"),
                fix=f"write it in {removal.instead}" if removal.instead else "remove it: nothing takes its place",
            )


def _at_least(version: str, limit: str) -> bool:
    return [int(part) for part in version.split(".")[:2]] >= [int(part) for part in limit.split(".")]
