"""Kubernetes Secrets without a key of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import Cluster
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.knowledge.eks_versions import number

RULE = Rule(
    id="TF-101",
    severity=Severity.LOW,
    summary="A cluster's Secrets are not encrypted with a key of your own",
    why="from Kubernetes 1.28 on EKS encrypts them with a key that AWS owns, whose use you can neither log nor revoke; "
    "before that they were not enveloped at all",
    fix="add encryption_config for secrets with a KMS key",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/eks/latest/userguide/envelope-encryption.html",
    read=date(2026, 11, 21),
)

ENVELOPED_SINCE = (1, 28)


def check(facts: Facts) -> Iterator[Finding]:
    """The key of each cluster; low where EKS brings one, high in versions that had none."""
    for cluster in facts.all(Cluster):
        if isinstance(cluster.secrets_key, Unknown):
            what = f"with which key {cluster.of} encrypts is not known"
            yield RULE.unknown(what, [cluster.secrets_key], cluster.of)
        elif cluster.secrets_key is None:
            old = isinstance(cluster.version, str) and number(cluster.version) < ENVELOPED_SINCE
            yield RULE.refuted(
                f"{cluster.of} names no key for its Secrets" + (", and its version brings none" if old else ""),
                cluster.of,
                severity=Severity.HIGH if old else None,
            )
