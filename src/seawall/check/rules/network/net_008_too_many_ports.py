"""A policy with more ports for one peer than the network plug-in takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import policies_enforced
from seawall.analyze.reachability.enforcement import amazons
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.pod_network import PolicyPermit
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-008",
    severity=Severity.LOW,
    summary="A NetworkPolicy names more ports for one peer than the network plug-in takes",
    why="Amazon's plug-in keeps 24 combinations of ports for each protocol of a selector; what is beyond them is not "
    "let through",
    fix="join neighbouring ports into a range with endPort, or permit the peer on all ports",
    layers=("kubernetes",),
    source="https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html",
    read=date(2024, 12, 1),
)

MOST = 24
"""Combinations of ports for each protocol in each ingress or egress selector, says the source."""


def check(facts: Facts) -> Iterator[Finding]:
    """The ports of each policy by direction, peer and protocol, where Amazon's plug-in enforces policies."""
    ports: dict[tuple[Address, str, str, object], set[object]] = {}
    for permit in facts.all(PolicyPermit):
        key = (permit.policy, permit.direction, permit.protocol, permit.peer)
        ports.setdefault(key, set()).add(permit.ports)
    for (policy, direction, protocol, peer), named in ports.items():
        if len(named) > MOST and policies_enforced(facts, policy).proven and amazons(facts, policy):
            whom = "everybody" if peer is None else "one peer"
            yield RULE.refuted(f"{policy} names {len(named)} ports of {protocol} for {direction} with {whom}", policy)
