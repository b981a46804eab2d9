"""A control plane in a single zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.reachability.places import subnets
from seawall.check.rule import Rule
from seawall.facts.compute import Cluster
from seawall.facts.facts import Facts
from seawall.facts.network import Interface
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="NET-019",
    severity=Severity.HIGH,
    summary="The cluster's subnets are in fewer than two zones",
    why="EKS asks for subnets in at least two zones and refuses the cluster otherwise",
    fix="name subnets of two or more zones in vpc_config",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html",
    read=date(2024, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """The zones of each cluster's subnets; two known ones are enough, whatever else is unknown."""
    for cluster in facts.all(Cluster):
        for interface in facts.where(Interface, of=cluster.of):
            found, missing = subnets(facts, interface)
            zones = {subnet.zone for subnet in found if isinstance(subnet.zone, str)}
            holes = [*missing, *(subnet.zone for subnet in found if isinstance(subnet.zone, Unknown))]
            if len(zones) >= 2:
                continue
            if holes:
                yield RULE.unknown(f"in which zones {cluster.of} is is not known", holes, cluster.of)
            else:
                spelled = ", ".join(sorted(zones)) or "no zone"
                yield RULE.refuted(
                    f"{cluster.of} is in {spelled}",
                    cluster.of,
                    *sorted(subnet.of for subnet in found),
                    evidence=sorted(f"{subnet.of}: zone {subnet.zone}" for subnet in found),
                )
