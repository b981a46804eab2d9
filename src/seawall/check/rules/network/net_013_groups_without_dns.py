"""Pods whose own security groups leave them without names, or without probes."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.clusters import own_groups
from seawall.analyze.reachability.own_groups import asks_dns, is_probed, probed
from seawall.check.rule import Rule
from seawall.facts.compute import Workload
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-013",
    severity=Severity.HIGH,
    summary="The security groups of pods leave out DNS, or the kubelet's probes",
    why="a pod with groups of its own asks CoreDNS on other nodes under these groups, and its kubelet asks it from the "
    "node's; without both rules no name is found, or the pod is never ready",
    fix="let TCP and UDP 53 out to the nodes' group and in there, and let the nodes' group in on the ports of probes",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads with groups of their own: names over UDP and TCP to any node, and each port that is probed."""
    for workload in facts.all(Workload):
        given = own_groups(facts, workload)
        if given is None or workload.host_network:
            continue
        shut: list[str] = []
        for protocol in ("udp", "tcp"):
            verdict = asks_dns(facts, workload, "udp" if protocol == "udp" else "tcp")
            if verdict is not None and verdict.refuted:
                shut.append(f"{protocol} 53 to any node")
        for port in probed(facts, workload):
            verdict = is_probed(facts, workload, port)
            if verdict is not None and verdict.refuted:
                shut.append(f"probes on {port}")
        if shut:
            yield RULE.refuted(
                f"{given.of} gives {workload.of} groups without {', '.join(shut)}", workload.of, given.of
            )
