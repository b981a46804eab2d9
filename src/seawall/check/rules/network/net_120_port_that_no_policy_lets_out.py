"""A policy that forgets a port altogether."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.reachability.assumed import refused_by_policies
from seawall.analyze.reachability.demanded import demanded
from seawall.analyze.reachability.policies import permits, port_fits
from seawall.analyze.reachability.targets import resolve
from seawall.analyze.selecting import isolating
from seawall.check.rule import Rule
from seawall.facts.compute import Workload
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.pod_network import PolicyPermit
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-120",
    severity=Severity.HIGH,
    summary="Policies let pods out on no port by which they need a host outside the cluster",
    why="whatever address the host has, the connection is refused as soon as somebody has policies enforced; nothing "
    "says so, the application waits for its database until it gives up",
    fix="permit the port in an egress rule, to the addresses that the host may have",
    layers=("kubernetes", "app"),
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Demands for hosts that nothing in the input is called, so that no path can be followed to them.

    Where the path is followed as far as the policies, NET-007 tells of them.
    """
    told = {refused.demand for refused in refused_by_policies(facts)}
    for demand in dict.fromkeys(demanded(facts)):
        source = facts.one(Workload, of=demand.source)
        if demand in told or source is None or source.host_network or not isinstance(demand.port, int):
            continue
        policies = isolating(facts, source, "egress")
        if not policies or resolve(facts, demand.source, demand.target).things:
            continue
        every = permits(facts, policies, "egress")
        if any(_may(facts, permit, demand, demand.port) for permit in every):
            continue
        named = sorted({isolates.policy for isolates in policies})
        yield RULE.refuted(
            f"{demand.source} needs {demand.target} on {demand.protocol} {demand.port}, and {', '.join(named)} lets it "
            f"out on {', '.join(sorted({f'{permit.protocol} {permit.ports}' for permit in every})) or 'no port'} only",
            demand.source,
            *named,
            evidence=(f"asked for by {demand.said}",) if demand.said else (),
        )


def _may(facts: Facts, permit: PolicyPermit, demand: Reach, port: int) -> bool:
    # A port by its name is one that the pods at the other end give a number to.
    if isinstance(permit.ports, str):
        return permit.protocol in (demand.protocol, "any")
    return port_fits(facts, permit, None, port, demand.protocol)
