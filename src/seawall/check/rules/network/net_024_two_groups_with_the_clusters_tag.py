"""Nodes whose interfaces have two security groups with the cluster's tag."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import cluster_of, node_interfaces
from seawall.check.rule import Rule
from seawall.facts.compute import Cluster
from seawall.facts.delivery import Controller
from seawall.facts.facts import Facts
from seawall.facts.resilience import Tagged
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.readers.aws.eks import GROUP

RULE = Rule(
    id="NET-024",
    severity=Severity.MEDIUM,
    summary="Nodes carry two security groups with the cluster's tag, where the load balancer's controller expects one",
    why="the controller opens the group with the tag kubernetes.io/cluster/NAME for its load balancers; with two it "
    'does not choose, logs "expected exactly one securityGroup tagged", and targets stay unhealthy',
    fix="take the tag off the group that you made; EKS tags its own group by itself",
    layers=("terraform", "kubernetes"),
    source="https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/docs/guide/gateway/gateway.md",
    read=date(2026, 8, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Node interfaces of clusters that run the controller; the cluster's own group has the tag without a word."""
    for cluster in facts.all(Cluster):
        if isinstance(cluster.name, Unknown) or not _runs_controller(facts, cluster):
            continue
        tagged = {tag.of for tag in facts.where(Tagged, key=f"kubernetes.io/cluster/{cluster.name}")}
        tagged.add(cluster.of.implied(GROUP))
        for interface in node_interfaces(facts, cluster):
            groups = () if isinstance(interface.groups, Unknown) else interface.groups
            found = sorted({group for group in groups if isinstance(group, Address) and group in tagged})
            if len(found) > 1:
                yield RULE.refuted(f"{interface.of} carries {' and '.join(found)}", interface.of, *found)


def _runs_controller(facts: Facts, cluster: Cluster) -> bool:
    return any(
        cluster_of(facts, each.of) == cluster for each in facts.where(Controller, name="aws-load-balancer-controller")
    )
