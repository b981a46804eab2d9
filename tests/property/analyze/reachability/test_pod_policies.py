"""What policies let through, held against a judge that takes every pod, address and port by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from random import Random

import pytest

from property.analyze.reachability import pods_oracle as oracle
from seawall.analyze.reachability.placement import Whereabouts
from seawall.analyze.reachability.pod_policies import PodPolicies, Reached
from seawall.analyze.reachability.traffic import Traffic
from seawall.facts.compute import Cluster, NodeGroup, Workload
from seawall.facts.fact import Fact
from seawall.facts.facts import Facts
from seawall.facts.network import Interface, Subnet
from seawall.facts.resilience import Setting
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr, Ports
from seawall.readers.kubernetes.objects import address_of, type_of
from seawall.readers.read import read

CLUSTER = "main"
NETWORK = Address("r/n:aws_vpc.main")

# Seeds rather than Hypothesis: the clusters are small as they are, and a seed is all that it takes to see one again.
SEEDS = range(20)


def facts_of(made: oracle.Cluster) -> Facts:
    """The manifests as they are read, in a cluster of two groups of nodes whose plug-in enforces policies."""
    manifests = (*made.namespaces, *made.workloads, *made.policies)
    said = read(Graph([Resource(address_of(CLUSTER, each), type_of(each), each) for each in manifests]))
    return said.and_also(nodes())


def nodes() -> Iterable[Fact]:
    """A cluster and its groups of nodes, each in a subnet of its own."""
    cluster = Address("r/c:aws_eks_cluster.main")
    yield Cluster(cluster, CLUSTER, "1.33", "r", "", True, None)
    yield Setting(cluster, "network-policy-enforced", True)
    for name, cidr in oracle.NODES.items():
        group, subnet = Address(f"r/c:aws_eks_node_group.{name}"), Address(f"r/n:aws_subnet.{name}")
        yield NodeGroup(
            group, cluster, ("m5.large",), 1, 1, 1, "on-demand", "AL2023_x86_64_STANDARD", (("nodes", name),)
        )
        yield Interface(group, (subnet,), (Address("r/c:aws_security_group.node"),))
        yield Subnet(subnet, NETWORK, Cidr.parse(cidr), "a")


def through(found: Reached) -> set[tuple[bool, bool, bool, bool, str, int]]:
    """For each protocol and port: whether it surely and perhaps gets through everywhere, and somewhere."""
    return {
        (
            found.every.sure.contains(asked),
            found.every.may.contains(asked),
            found.some.sure.contains(asked),
            found.some.may.contains(asked),
            protocol,
            port,
        )
        for protocol, port, asked in ASKED
    }


ASKED = [
    (protocol, port, Traffic.of(protocol.lower(), Ports.one(port)))  # type: ignore[arg-type]
    for protocol, port in product(oracle.PROTOCOLS, oracle.PORTS)
]


def judged(answers: Callable[[str, int], Iterable[bool]]) -> set[tuple[bool, bool, bool, bool, str, int]]:
    """The same by the oracle, which knows every place: nothing is in doubt."""
    found = set()
    for protocol, port, _ in ASKED:
        every = list(answers(protocol, port))
        found.add((all(every), all(every), any(every), any(every), protocol, port))
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_policies_let_through_what_kubernetes_says(seed: int) -> None:
    """For all pairs and ports: what every pair of places lets through, and what any does, and never a doubt."""
    made = oracle.cluster(Random(seed))
    facts = facts_of(made)
    policies = PodPolicies(facts, CLUSTER)
    workloads = {each.of: each for each in facts.all(Workload)}
    for one, other in product(made.workloads, repeat=2):
        source, target = (workloads[address_of(CLUSTER, each)] for each in (one, other))

        def answers(protocol: str, port: int, one: oracle.Manifest = one, other: oracle.Manifest = other) -> list[bool]:
            return list(connections(made, one, other, protocol, port))

        assert through(policies.between(source, target)) == judged(answers), (source.of, target.of)


def connections(
    made: oracle.Cluster, one: oracle.Manifest, other: oracle.Manifest, protocol: str, port: int
) -> Iterable[bool]:
    """Every connection that there may be from a pod of one workload to a pod of another."""
    if one is other:
        yield True  # a pod reaches itself
        if one["kind"] in ("Job", "CronJob", "Pod") or one["spec"].get("replicas") == 1:
            return
    for (here, source), (there, target) in product(oracle.places(made, one), oracle.places(made, other)):
        yield oracle.lets(made.policies, "Egress", source, target, target, protocol, port) and oracle.lets(
            made.policies, "Ingress", target, source, target, protocol, port
        )
        if here == there and source.host != target.host:
            # The two may share a node, and a pod and its own node are never kept apart.
            yield True


@pytest.mark.parametrize("seed", SEEDS)
def test_policies_say_of_addresses_outside_what_kubernetes_says(seed: int) -> None:
    """The same for hosts that are no pods, in both directions, for one address and for several at once."""
    made = oracle.cluster(Random(seed))
    facts = facts_of(made)
    policies = PodPolicies(facts, CLUSTER)
    workloads = {each.of: each for each in facts.all(Workload)}
    for one, hosts in product(made.workloads, [*((each,) for each in oracle.OUTSIDE), oracle.OUTSIDE]):
        pods = workloads[address_of(CLUSTER, one)]
        where = Whereabouts.of(Cidr.parse(f"{host}/{128 if ':' in host else 32}") for host in hosts)
        for direction in ("egress", "ingress"):

            def answers(
                protocol: str,
                port: int,
                one: oracle.Manifest = one,
                hosts: Iterable[str] = hosts,
                direction: str = direction,
            ) -> list[bool]:
                return [
                    oracle.lets(
                        made.policies,
                        direction.capitalize(),
                        pod,
                        oracle.outside(host),
                        pod if direction == "ingress" else oracle.outside(host),
                        protocol,
                        port,
                    )
                    for _, pod in oracle.places(made, one)
                    for host in hosts
                ]

            found = policies.reached(pods, direction, where)  # type: ignore[arg-type]
            assert through(found) == judged(answers), (pods.of, hosts, direction)
