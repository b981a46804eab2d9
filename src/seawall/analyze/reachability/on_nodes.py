"""What answers on the nodes of a group besides the nodes: pods on their network, and pods behind ports of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seawall.analyze.clusters import cluster_of, fargate_profile, places
from seawall.analyze.fleets import nodes_of
from seawall.analyze.reachability import layers
from seawall.analyze.reachability.placement import Whereabouts
from seawall.analyze.reachability.pod_policies import pod_policies
from seawall.analyze.reachability.reach import reach
from seawall.analyze.reachability.targets import behind, declared, endpoint_port
from seawall.analyze.reachability.traffic import ALL_OPEN, EVERYTHING, SHUT, Open, Traffic
from seawall.facts.compute import Workload
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.network import Protocol
from seawall.facts.pod_network import NodePort, Service
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr, Ports
from seawall.kernel.value import Unknown

_CHOSEN = Ports(30000, 32767)
"""Where a cluster chooses ports of its nodes (kube-apiserver, --service-node-port-range)."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Pods that answer whoever reaches a node: on which ports of theirs, in whose place, and in words why."""

    pods: Address
    open: Open
    through: tuple[Address, ...]
    says: str
    by: Address


def on_nodes(facts: Facts, nodes: Address, asked: Open, outside: tuple[Cidr, ...]) -> Iterator[Answers]:
    """The pods that answer on nodes of a group what of ``asked`` gets to these from addresses ``outside``.

    A pod lies on its node's network, takes a port of its node's, or stands behind a port that all nodes have.
    """
    for pods in facts.all(Workload):
        if pods.host_network and _on(facts, nodes, pods.of):
            yield from _on_its_network(facts, nodes, pods, asked)
    for port in facts.all(NodePort):
        if not _on(facts, nodes, port.of):
            continue
        service, own = facts.one(Service, of=port.of), facts.one(Workload, of=port.of)
        came = _came(port, asked)
        if not came.may:
            continue
        number = "a port of theirs" if isinstance(port.number, Unknown) else f"{port.number}"
        if own is not None:
            yield from _answer(facts, nodes, own, port, port.port, came, outside, (), number)
        if service is None:
            continue
        for pods in behind(facts, service):
            target = endpoint_port(facts, service, pods, port.port, port.protocol)
            if isinstance(target, int) and not pods.host_network:
                yield from _answer(facts, nodes, pods, port, target, came, outside, (port.of,), number)


def _on(facts: Facts, nodes: Address, thing: Address) -> bool:
    cluster = cluster_of(facts, thing)
    return cluster is not None and cluster.of == nodes_of(facts, nodes)


def _came(port: NodePort, asked: Open) -> Open:
    """What of the asked gets to the node's port."""
    if isinstance(port.number, Unknown):
        return asked.both(Open.doubtful(Traffic.of(port.protocol, _CHOSEN), port.number))
    return asked.both(Open.known(Traffic.of(port.protocol, Ports.one(port.number))))


def _on_its_network(facts: Facts, nodes: Address, pods: Workload, asked: Open) -> Iterator[Answers]:
    """No policy isolates pods on their node's network; what containers do not say that they listen on is left out."""
    lies = _lies(facts, nodes, pods)
    for spoken, number in declared(facts, pods):
        opened = asked.both(Open.known(Traffic.of(_protocol(spoken), Ports.one(number)))).both(lies)
        if opened.may:
            yield Answers(pods.of, opened, (), f"{pods.of} is on the network of nodes of {nodes}", pods.by)


def _protocol(spoken: str) -> Protocol:
    return "udp" if spoken == "udp" else "sctp" if spoken == "sctp" else "tcp"


def _lies(facts: Facts, nodes: Address, pods: Workload) -> Open:
    """Whether pods lie on nodes of the group."""
    mine = facts.derive(places, pods)
    if nodes not in mine or fargate_profile(facts, pods) is not None:
        return SHUT
    if mine == (nodes,) or pods.controller == "DaemonSet":
        return ALL_OPEN
    return Open.doubtful(EVERYTHING, Unknown(f"{pods.of}.nodes", why="on which groups of nodes its pods lie"))


def _answer(
    facts: Facts,
    nodes: Address,
    pods: Workload,
    port: NodePort,
    target: int,
    came: Open,
    outside: tuple[Cidr, ...],
    through: tuple[Address, ...],
    number: str,
) -> Iterator[Answers]:
    wanted = Traffic.of(port.protocol, Ports.one(target))
    lies = _lies(facts, nodes, pods)
    if port.keeps_source or not through:
        let = pod_policies(facts, pods).reached(pods, "ingress", Whereabouts.of(outside)).some.both(lies)
    else:
        let = layers.policies(facts, nodes, pods).some
        path = reach(facts, Reach(nodes, pods.of, target, port.protocol))
        if not path.verdict.proven and not lies.sure:
            # Of pods elsewhere the network is asked; those on the node that is asked need none.
            why = path.missing or (Unknown(f"{pods.of}.nodes", why="whether a pod lies on the node that is asked"),)
            let = SHUT if path.verdict.refuted and not lies.may else let.both(Open.doubtful(wanted, *why))
    let = let.both(Open.known(wanted))
    if not let.may:
        return
    opened = let if came.sure else Open.doubtful(let.may, *came.because, *let.because)
    says = f"port {number} of nodes of {nodes} leads to {target} of {pods.of}"
    yield Answers(pods.of, opened, through, says, port.by)
