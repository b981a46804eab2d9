"""An autoscaler of nodes whose groups have one size."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from seawall.analyze.clusters import cluster_of
from seawall.check.rule import Rule
from seawall.facts.compute import Cluster, Fleet, NodeGroup
from seawall.facts.delivery import Controller
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-140",
    severity=Severity.MEDIUM,
    summary="Cluster Autoscaler is set up, and every node group has one size",
    why="the autoscaler changes a group between its least and its most nodes and nowhere else; where both are one "
    "number, pods that find no room wait for ever, and nodes that nobody needs are paid for",
    fix="give the groups room between min_size and max_size, or leave the autoscaler and its role out",
    layers=("kubernetes", "terraform"),
    source="https://github.com/kubernetes/autoscaler/blob/55c37cd5eb55/cluster-autoscaler/cloudprovider/aws/README.md",
    read=date(2026, 11, 22),
)

_NAME: Final = "cluster-autoscaler"
_ACCOUNT: Final = "system:serviceaccount:"


def check(facts: Facts) -> Iterator[Finding]:
    """Clusters with the autoscaler, or with a role for its account, whose groups and fleets all have one size."""
    if any(not isinstance(fleet.least, int) or fleet.least != fleet.most for fleet in facts.all(Fleet)):
        return
    for cluster in facts.all(Cluster):
        groups = facts.ask(NodeGroup, cluster=cluster.of)
        fixed = [group for group in groups.matches if isinstance(group.least, int) and group.least == group.most]
        by = _autoscaler(facts, cluster)
        if by is None or not fixed or groups.doubts or len(fixed) < len(groups.matches):
            continue
        sizes = ", ".join(f"{group.of} has {group.least} nodes at the least and at the most" for group in fixed)
        yield RULE.refuted(f"{by} is there to change how many nodes there are, and {sizes}", fixed[0].of, by)


def _autoscaler(facts: Facts, cluster: Cluster) -> Address | None:
    """What is there for the autoscaler of a cluster: its workload or account, else a role for its account."""
    for controller in facts.where(Controller, name=_NAME):
        if cluster_of(facts, controller.account) == cluster:
            return controller.of
    if len(facts.all(Cluster)) > 1:
        return None
    roles = {statement.holder for statement in facts.all(Statement) if _is_for_it(statement)}
    return min((role for role in roles if isinstance(role, Address)), default=None)


def _is_for_it(statement: Statement) -> bool:
    """Whether a trust is for an account of the autoscaler's name, as its manifests and its chart spell it."""
    values = (value for condition in statement.conditions for value in condition.values)
    return (
        statement.kind == "trust"
        and statement.allow
        and any(isinstance(value, str) and value.startswith(_ACCOUNT) and value.endswith(_NAME) for value in values)
    )
