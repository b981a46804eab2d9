"""A bill with the ordinary price of a cluster that is in extended support."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from seawall.check.rule import Rule
from seawall.facts.compute import Cluster
from seawall.facts.cost import Bill
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim, Today
from seawall.kernel.finding import Finding, Severity
from seawall.knowledge.eks_versions import VERSIONS

RULE = Rule(
    id="COST-006",
    severity=Severity.MEDIUM,
    summary="A bill has the ordinary price of a cluster whose version is in extended support",
    why="after the end of standard support an hour of the control plane costs six times as much, in every region "
    "that has such a "
    "cluster, until the version is raised",
    fix="raise the version, or write the line with the price of extended support",
    layers=("terraform", "documents", "cost"),
    source="https://aws.amazon.com/eks/pricing/",
    read=None,
)

EXTENDED: Final = Decimal("0.60")
"""USD an hour of a cluster in extended support, 0.50 more than in standard support, in every region.

Source: AWS price list of EKS by region (lamngockhuong/aws-price, lib/data/pricing/eks.json at 6e8bf8cec091), as of
2025-10-28.
"""
SHORTEST: Final = 28 * 24
"""Hours of the shortest month."""
_CONTROL_PLANE = re.compile(r"\beks\b(?!.*\bnode)|\bcontrol[ -]planes?\b", re.IGNORECASE)


def check(facts: Facts) -> Iterator[Finding]:
    """Lines of bills about control planes, where every cluster of the input is in extended support on the day."""
    days, clusters = facts.all(Today), facts.all(Cluster)
    old = [cluster for cluster in clusters if isinstance(cluster.version, str) and cluster.version in VERSIONS]
    if not days or not old or len(old) < len(clusters):
        return
    if any(VERSIONS[str(cluster.version)].standard >= days[0].day for cluster in old):
        return
    least = EXTENDED * SHORTEST
    for claim in facts.where(Claim, subject="bill"):
        for name, amount in claim.value.lines if isinstance(claim.value, Bill) else ():
            if _CONTROL_PLANE.search(name) and amount.currency == "USD" and amount.amount < least:
                yield RULE.refuted(
                    f"{name} is said to cost {amount}, and one cluster in extended support costs {least} USD in the "
                    f"shortest "
                    "month",
                    claim.by,
                    *sorted(cluster.of for cluster in old),
                    evidence=sorted(
                        f"{cluster.of}: {cluster.version} until {VERSIONS[str(cluster.version)].standard}"
                        for cluster in old
                    ),
                )
