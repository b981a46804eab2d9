"""The matrix and the path are one semantics: a cell says of a port what every hop of its path says together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from random import Random

import pytest

from property.analyze.reachability import pods_oracle as oracle
from property.analyze.reachability.test_pod_policies import CLUSTER, NETWORK, facts_of
from seawall.analyze.reachability import layers
from seawall.analyze.reachability.matrix import INTERNET, Matrix
from seawall.analyze.reachability.reach import reach
from seawall.analyze.reachability.traffic import Traffic
from seawall.facts.compute import FargateProfile, NodeGroup
from seawall.facts.data import Store
from seawall.facts.demands import Reach
from seawall.facts.fact import Fact
from seawall.facts.facts import Facts
from seawall.facts.network import (
    AclRule,
    Filtered,
    Interface,
    Listens,
    Network,
    Peer,
    Permit,
    Route,
    Routed,
    Subnet,
)
from seawall.facts.pod_network import ForeignPolicy, Isolates, PodGroups, Selector
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.units import ALL_PORTS, ANYWHERE, Cidr, Ports
from seawall.kernel.value import Unknown

NODE, DATA, OWN = (Address(f"r/n:aws_security_group.{name}") for name in ("node", "data", "own"))
DATABASE, FUNCTION = Address("r/d:aws_db_instance.db"), Address("r/f:aws_lambda_function.f")
EAST = Address("r/n:aws_subnet.east")
ASKED = (("tcp", 53), ("tcp", 80), ("udp", 8080), ("sctp", 100))
SEEDS = range(8)


def estate(random: Random) -> Facts:
    """A cluster at random beside a database and a function, some of whose network is open, shut or not known."""
    found = [_changed(random, fact) for fact in facts_of(oracle.cluster(random))]
    return Facts([*found, *_network(random)])


def _changed(random: Random, fact: Fact) -> Fact:
    if isinstance(fact, Interface) and fact.groups and random.random() < 0.2:
        return replace(fact, groups=random.choice([(OWN,), Unknown("nodes.groups"), (NODE, OWN)]))
    if isinstance(fact, Subnet) and random.random() < 0.1:
        return replace(fact, cidr=Unknown("subnet.cidr"))
    if isinstance(fact, NodeGroup) and random.random() < 0.1:
        return replace(fact, image="WINDOWS_CORE_2022_x86_64")
    if isinstance(fact, Setting) and random.random() < 0.2:
        return replace(fact, value=random.choice([False, Unknown("addon.configuration_values")]))
    if isinstance(fact, Isolates) and random.random() < 0.1:
        return replace(fact, pods=Selector((("statefulset.kubernetes.io/pod-name", "w1-0"),)))
    return fact


def _network(random: Random) -> Iterator[Fact]:
    table, acl = NETWORK.implied("main"), NETWORK.implied("default-acl")
    yield Network(NETWORK, (Cidr.parse("10.0.0.0/16"),), "r")
    yield Routed(NETWORK, table)
    yield Route(table, Cidr.parse("10.0.0.0/16"), None, "local")
    yield Filtered(NETWORK, acl)
    yield AclRule(acl, "ingress", 100, True, "any", ALL_PORTS, ANYWHERE)
    yield AclRule(acl, "egress", 100, True, "any", ALL_PORTS, ANYWHERE)
    yield Subnet(EAST, NETWORK, Cidr.parse("10.0.0.8/31"), "a")
    yield Interface(DATABASE, (EAST,), (DATA,))
    yield Listens(DATABASE, "tcp", Ports(53, 80))
    yield Store(DATABASE, "database", "mysql", "8.0", "r")
    yield Interface(FUNCTION, (EAST,), random.choice([(OWN,), (DATA, OWN), Unknown("function.groups")]))
    peers: list[Peer] = [
        NODE,
        DATA,
        OWN,
        ANYWHERE,
        Cidr.parse("10.0.0.0/31"),
        Cidr.parse("10.0.0.1/32"),
        Unknown("peer"),
    ]
    for group in (NODE, DATA, OWN):
        for direction in ("ingress", "egress"):
            yield Permit(group, direction, "any", ALL_PORTS, random.choice(peers))  # type: ignore[arg-type]
            yield Permit(group, direction, "tcp", Ports(53, 80), random.choice(peers))  # type: ignore[arg-type]
    if random.random() < 0.3:
        labels = random.choice([(), (("app", "web"),)])
        profile = Address("r/c:aws_eks_fargate_profile.f")
        yield FargateProfile(profile, Address("r/c:aws_eks_cluster.main"), "f", (("o*", labels),), (EAST,))
    if random.random() < 0.3:
        space = Address.kubernetes(CLUSTER, "Namespace", "", "one")
        yield PodGroups(Address("main/SecurityGroupPolicy/one/p"), space, Selector((("app", "web"),)), None, (OWN,))
    for number in range(random.choice([0, 0, 1, 3])):
        yield _foreign(random, Address(f"{CLUSTER}/CiliumNetworkPolicy/one/{number}"))


def _foreign(random: Random, of: Address) -> ForeignPolicy:
    space = random.choice([None, Address.kubernetes(CLUSTER, "Namespace", "", "one")])
    selectors = (None, Selector((("app", "web"),)), Selector((("app", "db"),)))
    direction, within = random.choice(["ingress", "egress"]), random.choice(["pods", "nodes", "both"])
    refuses = random.choice(["nothing", "where nobody isolates", "anything"])
    allows, pods = random.random() < 0.5, random.choice(selectors)
    return ForeignPolicy(of, "CiliumNetworkPolicy", space, None, pods, direction, allows, refuses, within)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cell_says_what_the_path_says(seed: int) -> None:
    """For every pair and port the path's verdict is the cell's answer, whatever is known of the network."""
    facts = estate(Random(seed))
    whole = Matrix(facts)
    for source, target in product(whole.sources, whole.targets):
        if INTERNET in (source, target):
            continue
        cell = whole.between(source, target)
        for protocol, port in ASKED:
            path = reach(facts, Reach(source, target, port, protocol))  # type: ignore[arg-type]
            answer = cell.ask(Traffic.of(protocol, Ports.one(port)))  # type: ignore[arg-type]
            assert path.verdict.answer is answer.answer, (source, target, protocol, port, path.lines(), cell)


@pytest.mark.parametrize("seed", SEEDS)
def test_classes_change_no_cell(seed: int) -> None:
    """A cell that is worked out for classes is that of the two ends alone, and what is never possible is no cell."""
    facts = estate(Random(seed))
    whole = Matrix(facts)
    cells = {(cell.source, cell.target): cell for cell in whole.cells()}
    for source, target in product(whole.sources, whole.targets):
        if INTERNET in (source, target):
            continue
        alone = layers.between(facts, source, target)
        cell = cells.get((source, target))
        if cell is None:
            assert not alone.some.may, (source, target)
            continue
        assert (cell.every.sure, cell.every.may) == (alone.every.sure, alone.every.may), (source, target)
        assert (cell.some.sure, cell.some.may) == (alone.some.sure, alone.some.may), (source, target)
        assert alone.some.may.contains(alone.every.may)
        assert alone.some.sure.contains(alone.every.sure)
