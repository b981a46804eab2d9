"""A cluster's API that everybody can reach."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import Cluster
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="NET-021",
    severity=Severity.HIGH,
    summary="The cluster's API answers the whole internet",
    why="a leaked token or a flaw in the API server can then be used from anywhere",
    fix="set endpoint_private_access true and public_access_cidrs to your own ranges, or endpoint_public_access false",
    layers=("terraform",),
    source="https://github.com/aws/aws-eks-best-practices/blob/master/latest/bpg/security/iam.adoc",
    read=date(2026, 5, 1),
)

_EVERYBODY = {"0.0.0.0/0", "::/0"}


def check(facts: Facts) -> Iterator[Finding]:
    """Public endpoints whose ranges hold everybody."""
    for cluster in facts.all(Cluster):
        if isinstance(cluster.api_cidrs, Unknown):
            yield RULE.unknown(f"who may reach the API of {cluster.of} is not known", [cluster.api_cidrs], cluster.of)
        elif cluster.api_cidrs is not None and _EVERYBODY & set(cluster.api_cidrs):
            yield RULE.refuted(
                f"{cluster.of} has a public endpoint open to {', '.join(cluster.api_cidrs)}",
                cluster.of,
            )
