"""Nodes that the control plane cannot call."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.reachability.demanded import KUBELET, control_plane, to_nodes
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-023",
    severity=Severity.HIGH,
    summary="The control plane cannot reach what it calls on the nodes",
    why="the API server itself calls admission webhooks, aggregated APIs and kubelets; a webhook that does not answer "
    'makes every request of its kind fail with "failed calling webhook ... context deadline exceeded"',
    fix="let the cluster's security groups in on that port in the groups of the nodes, and out on it in their own",
    layers=("terraform", "kubernetes"),
    source="https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2460",
    read=date(2025, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Kubelets, and the ports of charts and add-ons that the API server calls, on every node where they may lie."""
    for cluster, port, what, says in control_plane(facts):
        path = to_nodes(facts, cluster, port)
        if path is None:
            continue
        name = "the kubelets of its nodes" if port == KUBELET and says == cluster.of else f"{what} ({says})"
        if path.blocked is not None:
            yield RULE.refuted(
                f"{cluster.of} cannot call {name} on tcp {port}: {path.blocked}",
                cluster.of,
                says,
                evidence=path.lines(),
            )
        elif path.verdict.unknown:
            yield RULE.unknown(
                f"whether {cluster.of} can call {name} on tcp {port} is not known",
                path.missing,
                cluster.of,
                says,
                evidence=path.lines(),
                severity=Severity.LOW,
            )
