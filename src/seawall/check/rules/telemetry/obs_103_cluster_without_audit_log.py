"""A cluster that does not log who did what."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.compute import Cluster
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="OBS-103",
    severity=Severity.MEDIUM,
    summary="A cluster does not log who did what",
    why="without the audit log nobody can say afterwards who read a secret or deleted a workload",
    fix="add audit and authenticator to enabled_cluster_log_types",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html",
    read=None,
)

WANTED = ("audit", "authenticator")


def check(facts: Facts) -> Iterator[Finding]:
    """The kinds of log of each cluster."""
    for cluster in facts.all(Cluster):
        if isinstance(cluster.logs, Unknown):
            yield RULE.unknown(f"what {cluster.of} logs is not known", [cluster.logs], cluster.of)
            continue
        absent = [kind for kind in WANTED if kind not in cluster.logs]
        if absent:
            yield RULE.refuted(f"{cluster.of} does not log {' and '.join(absent)}", cluster.of)
