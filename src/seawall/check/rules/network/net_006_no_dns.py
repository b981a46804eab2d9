"""Pods that may talk to nobody who resolves names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import policies_enforced
from seawall.analyze.reachability.lookups import dns_namespace, permits_dns
from seawall.analyze.reachability.policies import permits
from seawall.analyze.selecting import isolating
from seawall.check.rule import Rule
from seawall.facts.compute import Cluster, Workload
from seawall.facts.facts import Facts
from seawall.facts.pod_network import PodPeer, PolicyPermit
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="NET-006",
    severity=Severity.CRITICAL,
    summary="A policy isolates pods and leaves them no way to the cluster's DNS",
    why="the first thing a connection by name does is ask DNS; with egress isolated and port 53 closed every "
    "look-up times "
    "out, whatever else is permitted",
    fix="permit egress to UDP and TCP 53 in the namespace kube-system, selected by kubernetes.io/metadata.name",
    layers=("kubernetes",),
    source="https://github.com/aws/aws-eks-best-practices/blob/master/latest/bpg/security/network.adoc",
    read=date(2026, 5, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Every workload that a policy isolates for egress; where nothing enforces it, for the day when something does."""
    for workload in facts.all(Workload):
        policies = isolating(facts, workload, "egress")
        name = workload.of.as_kubernetes()
        if not policies or name is None or workload.host_network:
            continue
        enforced = policies_enforced(facts, workload.of)
        when = ", as soon as policies are enforced" if enforced.refuted else ""
        space = dns_namespace(facts, workload)
        given = permits(facts, policies, "egress")
        labels = ", ".join(f"{key}={value}" for key, value in sorted(space.items())) or "with nothing"
        udp = [permits_dns(facts, permit, "udp", workload) for permit in given]
        tcp = [permits_dns(facts, permit, "tcp", workload) for permit in given]
        named = ", ".join(sorted({policy.policy for policy in policies}))
        evidence = tuple(
            sorted(
                f"{permit.policy}: permits {permit.protocol} {permit.ports} to {_spelled(permit)}" for permit in given
            )
        ) or (f"{named}: permits no egress at all",)
        doubts = [permit.peer for permit in given if isinstance(permit.peer, Unknown)]
        if not any(udp) and doubts:
            yield RULE.unknown(f"whether {workload.of} may ask DNS is not known", doubts, workload.of)
        elif not any(udp) and enforced.unknown and facts.all(Cluster):
            missing = [reason for reason in enforced.because if isinstance(reason, Unknown)]
            yield RULE.unknown(
                f"{named} closes DNS to {workload.of}, if anything enforces it", missing, workload.of, evidence=evidence
            )
        elif not any(udp):
            yield RULE.refuted(
                f"{named} isolates {workload.of} for egress and permits no UDP 53 to the pods of kube-system, a "
                f"namespace labelled {labels}{when}",
                workload.of,
                *sorted({policy.policy for policy in policies}),
                evidence=evidence,
                severity=Severity.HIGH if when else None,
            )
        elif not any(tcp):
            yield RULE.refuted(
                f"{named} permits {workload.of} UDP 53 and no TCP 53: answers too long for a datagram never arrive",
                workload.of,
                *sorted({policy.policy for policy in policies}),
                evidence=evidence,
                severity=Severity.LOW,
            )


def _spelled(permit: PolicyPermit) -> str:
    peer = permit.peer
    if isinstance(peer, PodPeer):
        where = f" in namespaces {peer.namespaces}" if peer.namespaces is not None else " in its own namespace"
        return f"pods {peer.pods}{where}"
    return "anybody" if peer is None else str(getattr(peer, "cidr", peer))
