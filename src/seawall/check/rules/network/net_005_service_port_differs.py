"""A service whose port is not that of its pods, where policies are enforced by address and port."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import policies_enforced
from seawall.analyze.reachability.enforcement import amazons
from seawall.analyze.reachability.targets import behind, pod_port
from seawall.analyze.selecting import isolating
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.pod_network import Service
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-005",
    severity=Severity.HIGH,
    summary="A service's port is not its pods' port, and Amazon's plug-in enforces policies for the pods",
    why="the plug-in judges packets to the service's own address by the service's port; where it is another than the "
    "pods', a policy that permits the pods' port does not let them through",
    fix="give the service the port that its pods listen on, and refer to it by the same name",
    layers=("kubernetes", "terraform"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html",
    read=date(2024, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Services with an address of their own, before pods that a policy isolates for ingress."""
    for service in facts.all(Service):
        if service.kind in ("Headless", "ExternalName") or not policies_enforced(facts, service.of).proven:
            continue
        if not amazons(facts, service.of):
            continue
        for workload in behind(facts, service):
            policies = sorted({each.policy for each in isolating(facts, workload, "ingress")})
            if not policies or workload.host_network:
                continue
            for own in service.ports:
                target = pod_port(facts, service, workload, own.port)
                if isinstance(target, int) and target != own.port:
                    yield RULE.refuted(
                        f"{service.of} has port {own.port} for port {target} of {workload.of}, which "
                        f"{', '.join(policies)} isolates",
                        service.of,
                        workload.of,
                        *policies,
                    )
