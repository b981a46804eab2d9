"""Pods with security groups of their own: what these keep them from that their nodes would reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seawall.analyze.clusters import cluster_of, node_interfaces, own_groups, pod_interfaces
from seawall.analyze.fleets import interfaces
from seawall.analyze.reachability import network
from seawall.analyze.reachability.demanded import demanded
from seawall.analyze.reachability.hop import Path
from seawall.analyze.reachability.reach import reach
from seawall.analyze.reachability.targets import resolve
from seawall.analyze.reachability.traffic import Open, Traffic
from seawall.facts.compute import Container, Probe, Workload
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.network import Protocol
from seawall.facts.pod_network import PodGroups
from seawall.kernel.units import Ports
from seawall.kernel.verdict import Verdict, any_of, unknown


@dataclass(frozen=True, slots=True)
class Lost:
    """A demand that a workload's own groups are not let through to, though those of every node are."""

    demand: Reach
    given: PodGroups
    path: Path


def lost(facts: Facts) -> tuple[Lost, ...]:
    """Every demand of pods with groups of their own that only their nodes' groups would meet."""
    return facts.derive(_lost)


def _lost(facts: Facts) -> tuple[Lost, ...]:
    return tuple(_find(facts))


def _find(facts: Facts) -> Iterator[Lost]:
    for demand in demanded(facts):
        workload = facts.one(Workload, of=demand.source)
        given = own_groups(facts, workload) if workload is not None else None
        if workload is None or given is None or not isinstance(demand.port, int):
            continue
        path = reach(facts, demand)
        if path.blocked is None or path.blocked.kind != "ingress group":
            continue
        cluster = cluster_of(facts, workload.of)
        there = [
            own for thing in resolve(facts, demand.source, demand.target).things for own in interfaces(facts, thing)
        ]
        nodes = node_interfaces(facts, cluster) if cluster is not None else ()
        wanted = Traffic.of(demand.protocol, Ports.one(demand.port))
        if there and nodes and all(_sure(network.between(facts, node, own), wanted) for node in nodes for own in there):
            yield Lost(demand, given, path)


def _sure(open: Open, wanted: Traffic) -> bool:
    return open.sure.contains(wanted)


def asks_dns(facts: Facts, workload: Workload, protocol: Protocol) -> Verdict | None:
    """Whether pods with groups of their own reach DNS servers on some node; None for pods that have none."""
    return _with_nodes(facts, workload, protocol, 53, outward=True)


def is_probed(facts: Facts, workload: Workload, port: int) -> Verdict | None:
    """Whether a kubelet of some node reaches a port of pods with groups of their own; None for pods that have none."""
    return _with_nodes(facts, workload, "tcp", port, outward=False)


def _with_nodes(facts: Facts, workload: Workload, protocol: Protocol, port: int, *, outward: bool) -> Verdict | None:
    given = own_groups(facts, workload)
    cluster = cluster_of(facts, workload.of)
    if given is None or cluster is None:
        return None
    here, nodes = pod_interfaces(facts, workload), node_interfaces(facts, cluster)
    if not here or not nodes:
        return None
    wanted = Traffic.of(protocol, Ports.one(port))
    pairs = [(own, node) if outward else (node, own) for own in here for node in nodes]
    verdicts = [network.somewhere(facts, one, other).ask(wanted) for one, other in pairs]
    return any_of(verdicts) if verdicts else unknown()


def probed(facts: Facts, workload: Workload) -> tuple[int, ...]:
    """The ports on which a kubelet asks the pods of a workload."""
    named = dict(port for container in facts.where(Container, workload=workload.of) for port in container.ports)
    ports = (probe.port for probe in facts.where(Probe, workload=workload.of))
    return tuple(sorted({number for port in ports if isinstance(number := named.get(str(port), port), int)}))
