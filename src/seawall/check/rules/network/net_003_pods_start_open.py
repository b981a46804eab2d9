"""Isolation that is claimed, and pods that start without it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import cluster_of, policies_enforced
from seawall.analyze.reachability.layers import asked_of, beneath, between, listening, together, whereabouts
from seawall.analyze.reachability.pod_policies import FREE, Reached, pod_policies
from seawall.analyze.reachability.targets import declared
from seawall.analyze.reachability.traffic import SHUT, Open, Traffic
from seawall.check.isolation import meant
from seawall.check.rule import Rule
from seawall.facts.compute import Cluster, Workload
from seawall.facts.facts import Facts
from seawall.facts.isolation import Isolation
from seawall.facts.resilience import Claim, Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Ports

RULE = Rule(
    id="NET-003",
    severity=Severity.MEDIUM,
    summary="Isolation is claimed, and a new pod starts before its policies hold",
    why="in standard mode a pod may talk to everybody until the agent on its node has programmed its policies, some "
    "seconds after it started; what must never be reached is reached then",
    fix="set NETWORK_POLICY_ENFORCING_MODE to strict in the configuration of the add-on vpc-cni, and permit what "
    "every pod needs from its first second",
    layers=("kubernetes", "terraform", "documents"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html",
    read=date(2024, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Pairs that a claim keeps apart and policies alone do, where the plug-in enforces those in standard mode."""
    claims = [claim.value for claim in facts.all(Claim) if isinstance(claim.value, Isolation)]
    standard = {cluster.of: cluster for cluster in facts.all(Cluster) if _starts_open(facts, cluster.of)}
    if not claims or not standard:
        return
    found: dict[Cluster, dict[str, tuple[Address, Address]]] = {}
    # Of several pairs the first is shown: in whatever order facts come, it is the same.
    for claim in sorted(claims, key=lambda claim: claim.spelling):
        allowed = Traffic.union(Traffic.of(protocol, ports) for protocol, ports in claim.only)
        for source, target in sorted(meant(facts, claim)):
            for pods in filter(None, (facts.one(Workload, of=end) for end in (source, target))):
                cluster = cluster_of(facts, pods.of)
                if cluster is None or cluster.of not in standard or not policies_enforced(facts, pods.of).proven:
                    continue
                if not _before_its_policies(facts, pods, source, target).sure - allowed:
                    continue
                if not between(facts, source, target).some.may - allowed:
                    found.setdefault(cluster, {}).setdefault(claim.spelling, (source, target))
    for cluster, witnesses in found.items():
        source, target = next(iter(witnesses.values()))
        yield RULE.refuted(
            f"{cluster.of} enforces policies in standard mode, and they alone keep apart {source} and {target}; "
            f"the claim is {', '.join(sorted(witnesses))}",
            cluster.of,
        )


def _starts_open(facts: Facts, cluster: Address) -> bool:
    settings = facts.where(Setting, of=cluster)
    return any(setting.key == "policy-mode" and setting.value == "standard" for setting in settings)


def _before_its_policies(facts: Facts, starting: Workload, source: Address, target: Address) -> Open:
    """What gets through while the policies of the one end do not hold yet, and those of the other do."""
    here, there = facts.one(Workload, of=source), facts.one(Workload, of=target)
    own = here is not None and there is not None and together(here, there)
    held = FREE
    if here is not None and starting != here:
        peer = there if own and there is not None else whereabouts(facts, target)
        held = pod_policies(facts, here).reached(here, "egress", peer)
    elif there is not None and starting != there:
        caller = here if own and here is not None else whereabouts(facts, source)
        held = pod_policies(facts, there).reached(there, "ingress", caller)
    if not held.some.may or (there is None and not asked_of(facts, target)):
        return SHUT
    found = held.both(beneath(facts, here or source, there or target))
    heard = listening(facts, target) if there is None else _stated(facts, there)
    return found.both(heard).some


def _stated(facts: Facts, pods: Workload) -> Reached:
    """The ports that a pod's containers state; on others something may listen, which is nothing to be sure of."""
    ports = Open.known(Traffic.union(Traffic.of(protocol, Ports.one(port)) for protocol, port in declared(facts, pods)))
    return Reached(ports, ports)
