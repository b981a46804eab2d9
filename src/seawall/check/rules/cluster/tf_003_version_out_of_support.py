"""A Kubernetes version that EKS no longer supports as a matter of course."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from seawall.check.rule import Rule
from seawall.facts.compute import Cluster
from seawall.facts.facts import Facts
from seawall.facts.resilience import Today
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.knowledge.eks_versions import AS_OF, OLDEST, VERSIONS, number

RULE = Rule(
    id="TF-003",
    severity=Severity.HIGH,
    summary="A cluster's Kubernetes version is out of standard support",
    why="in extended support the cluster costs six times as much an hour, and at its end EKS upgrades the "
    "control plane "
    "whether or not anybody is ready",
    fix="upgrade, one minor version at a time; `seawall check --as-of` shows what will be due",
    layers=("terraform", "cost"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html",
    read=date(2026, 7, 8),
)

SOON = timedelta(days=60)


def check(facts: Facts) -> Iterator[Finding]:
    """Each cluster's version against the calendar, on the day of the check."""
    days = facts.all(Today)
    if not days:
        return
    today = days[0].day
    for cluster in facts.all(Cluster):
        if isinstance(cluster.version, Unknown):
            yield RULE.unknown(f"which version {cluster.of} runs is not known", [cluster.version], cluster.of)
            continue
        support = VERSIONS.get(cluster.version)
        if support is None:
            yield from _not_in_calendar(cluster, cluster.version)
        elif today > support.extended:
            yield RULE.refuted(
                f"{cluster.of} runs {cluster.version}, whose extended support ended on {support.extended}",
                cluster.of,
                severity=Severity.CRITICAL,
            )
        elif today > support.standard:
            yield RULE.refuted(
                f"{cluster.of} runs {cluster.version}, whose standard support ended on {support.standard}; extended "
                f"support ends on {support.extended}",
                cluster.of,
            )
        elif today + SOON > support.standard:
            yield RULE.refuted(
                f"{cluster.of} runs {cluster.version}, whose standard support ends on {support.standard}",
                cluster.of,
                severity=Severity.MEDIUM,
            )


def _not_in_calendar(cluster: Cluster, version: str) -> Iterator[Finding]:
    try:
        is_old = number(version) < number(OLDEST)
    except ValueError:
        is_old = False
    if is_old:
        yield RULE.refuted(
            f"{cluster.of} runs {version}, which EKS has not offered for years", cluster.of, severity=Severity.CRITICAL
        )
    else:
        missing = Unknown(f"support of {version}", why=f"Seawall's calendar is of {AS_OF} and does not have it")
        what = f"whether {version} of {cluster.of} is supported is not known"
        yield RULE.unknown(what, [missing], cluster.of, severity=Severity.LOW)
