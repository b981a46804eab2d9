"""``python -m benchmarks.reachability``: how long it takes to say who reaches whom.

Estates are made of facts, in five shapes: a cluster of workloads, policies and security groups as the issue names it;
one of five thousand workloads, each with pods of its own and labels that hardly any policy asks for; one in which every
workload is told apart from every other, which is the most that classes can be asked; one policy with 1,300 ranges; and
growth. Seconds are the processor's, for other programs take their share of a machine's time. Every run begins with
facts that nobody has asked anything, and goes through every cell.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from seawall.analyze.reachability.matrix import Matrix
from seawall.analyze.reachability.placement import Whereabouts
from seawall.analyze.reachability.pod_policies import PodPolicies
from seawall.facts.compute import Cluster, Container, NodeGroup, Workload
from seawall.facts.fact import Fact
from seawall.facts.facts import Facts
from seawall.facts.network import (
    AclRule,
    Direction,
    Filtered,
    Interface,
    Listens,
    Network,
    Permit,
    Route,
    Routed,
    Subnet,
)
from seawall.facts.pod_network import Isolates, Namespace, PodPeer, PolicyPermit, RangePeer, Selector
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.units import ALL_PORTS, ANYWHERE, Cidr, Ports

CLUSTER, VPC = Address("r/c:aws_eks_cluster.main"), Address("r/n:aws_vpc.main")
RANGES = 1_300


def main() -> int:
    """Measure, print a table, and write the figures as JSON if asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reachability", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs that count (default: 5)")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args()
    results: dict[str, Any] = {"python": platform.python_version()}
    print(f"{'':<58}{'seconds':>9}   least-most   what was found")
    asked: list[tuple[str, Callable[[], str], int]] = [
        ("500 workloads, 200 policies, 100 groups: every cell", lambda: _matrix(500, 200, 100), chosen.runs),
        ("5,000 workloads, 200 policies, 100 groups: every cell", lambda: _matrix(5_000, 200, 100), 1),
        ("1,000 workloads, each told apart: every cell", lambda: _matrix(1_000, 1_000, 100), 1),
        (f"one policy of {RANGES:,} ranges: 1,000 questions", _ranges, chosen.runs),
    ]
    asked += [(f"{size} workloads, {size} policies: every cell", _growing(size), 3) for size in (125, 250, 500)]
    for name, ask, runs in asked:
        results[name] = _row(name, ask, runs)
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 0


def _row(name: str, ask: Callable[[], str], runs: int) -> float:
    found = []
    for _ in range(runs):
        seconds, says = _timed(ask)
        found.append(seconds)
    print(f"{name:<58}{statistics.median(found):>9.3f}   {min(found):.3f}-{max(found):.3f}  {says}")
    return statistics.median(found)


_made: dict[str, float] = {}


def _timed(ask: Callable[[], str]) -> tuple[float, str]:
    """The seconds of what is measured, the making of the facts left out."""
    _made["seconds"] = 0.0
    started = time.process_time()
    says = ask()
    return time.process_time() - started - _made["seconds"], says


def _facts(statements: Iterator[Fact]) -> Facts:
    started = time.process_time()
    facts = Facts(list(statements))
    _made["seconds"] += time.process_time() - started
    return facts


def _growing(size: int) -> Callable[[], str]:
    return lambda: _matrix(size, size, 50)


def _matrix(workloads: int, policies: int, groups: int) -> str:
    whole = Matrix(_facts(estate(workloads, policies, groups)))
    cells = certain = 0
    for cell in whole.cells():
        cells += 1
        certain += cell.every.sure.spans == cell.some.may.spans
    pairs = len(whole.sources) * len(whole.targets)
    return f"{cells:,} of {pairs:,} pairs let something through, {certain:,} of them the same everywhere"


def _ranges() -> str:
    facts = _facts(blocks())
    policies = PodPolicies(facts, "main")
    pods = facts.all(Workload)[0]
    chance = random.Random(2)
    through = 0
    for _ in range(1_000):
        where = Whereabouts.of([Cidr(4, chance.randrange(1 << 24) << 8, 24)])
        through += bool(policies.egress(pods, where).sure)
    anywhere = policies.egress_somewhere(pods, Whereabouts.of([ANYWHERE]))
    return f"{through} of them let through, the internet as a whole: {anywhere.sure}"


# --- what is asked ----------------------------------------------------------------------------------------------------


def estate(workloads: int, policies: int, groups: int) -> Iterator[Fact]:
    """A cluster in a network of a hundred subnets, beside databases with groups of their own."""
    chance = random.Random(1)
    yield from _network(groups)
    spaces = [Address.kubernetes("main", "Namespace", "", f"team-{number}") for number in range(20)]
    for number, space in enumerate(spaces):
        labels = (("kubernetes.io/metadata.name", f"team-{number}"), ("tier", f"t{number % 4}"))
        yield Namespace(space, "main", f"team-{number}", labels, by=space)
    for number in range(workloads):
        space = spaces[number % len(spaces)]
        of = Address.kubernetes("main", "Deployment", space.rpartition("/")[2], f"app-{number}")
        own = (("app", f"app-{number}"), ("part", f"p{number % 5}"), ("version", f"v{number % 7}"))
        nodes = (("pool", f"g{number % 10}"),) if number % 2 else ()
        yield Workload(of, space, own, Address("main/ServiceAccount/default"), "Deployment", 2, nodes=nodes)
        yield Container(of, "main", "main:1", ports=(("http", 8080 + number % 3),), protocols=("tcp",))
    for number in range(policies):
        yield from _policy(chance, number, workloads, spaces)


def _policy(chance: random.Random, number: int, workloads: int, spaces: list[Address]) -> Iterator[Fact]:
    """Some policies mean one workload, some a part of a namespace, some all of it."""
    mine = number * max(1, workloads // max(1, number and 200)) % workloads
    space = spaces[mine % len(spaces)]
    pods = (Selector((("app", f"app-{mine}"),)), Selector((("part", f"p{mine % 5}"),)), Selector())[
        0 if number % 10 < 7 else 1 if number % 10 < 9 else 2
    ]
    policy = Address.kubernetes("main", "NetworkPolicy", space.rpartition("/")[2], f"policy-{number}")
    directions: tuple[Direction, ...] = ("ingress", "egress")
    for direction in directions:
        yield Isolates(policy, space, pods, direction)
        for _ in range(3):
            friend = chance.randrange(workloads)
            peer = PodPeer(Selector((("app", f"app-{friend}"),)), Selector())
            yield PolicyPermit(policy, direction, "tcp", "http", peer)
        yield PolicyPermit(policy, direction, "tcp", Ports.one(9090), PodPeer(Selector((("part", "p1"),)), Selector()))
        whole = RangePeer(Cidr.parse("10.0.0.0/8"), (Cidr.parse("10.1.0.0/16"),))
        yield PolicyPermit(policy, direction, "tcp", Ports(5432, 5433), whole)
        dns = PodPeer(Selector(), Selector((("tier", "t0"),)))
        yield PolicyPermit(policy, direction, "udp", Ports.one(53), dns)


def _network(groups: int) -> Iterator[Fact]:
    table, acl = VPC.implied("main"), VPC.implied("default-acl")
    yield Network(VPC, (Cidr.parse("10.0.0.0/8"),), "r")
    yield Routed(VPC, table)
    yield Route(table, Cidr.parse("10.0.0.0/8"), None, "local")
    yield Filtered(VPC, acl)
    for direction in ("ingress", "egress"):
        yield AclRule(acl, direction, 100, True, "any", ALL_PORTS, ANYWHERE)
    yield Cluster(CLUSTER, "main", "1.33", "r", "", True, None)
    yield Setting(CLUSTER, "network-policy-enforced", True)
    node = Address("r/c:aws_security_group.node")
    for number in range(10):
        subnet, nodes = Address(f"r/n:aws_subnet.n{number}"), Address(f"r/c:aws_eks_node_group.g{number}")
        yield Subnet(subnet, VPC, Cidr.parse(f"10.0.{number * 8}.0/21"), "abc"[number % 3])
        yield NodeGroup(nodes, CLUSTER, (), 1, 1, 9, "on-demand", "AL2023", (("pool", f"g{number}"),))
        yield Interface(nodes, (subnet,), (node,))
    yield Permit(node, "ingress", "any", ALL_PORTS, node)
    yield Permit(node, "egress", "any", ALL_PORTS, ANYWHERE)
    for number in range(groups):
        group, subnet = Address(f"r/d:aws_security_group.d{number}"), Address(f"r/n:aws_subnet.d{number}")
        database = Address(f"r/d:aws_instance.i{number}")
        yield Subnet(subnet, VPC, Cidr.parse(f"10.{1 + number % 2}.{number}.0/24"), "abc"[number % 3])
        yield Interface(database, (subnet,), (group,))
        yield Listens(database, "tcp", Ports(5432, 5433))
        yield Permit(group, "ingress", "tcp", Ports.one(5432), node if number % 2 else Cidr.parse("10.0.0.0/16"))
        yield Permit(group, "egress", "tcp", Ports.one(443), ANYWHERE)


def blocks() -> Iterator[Fact]:
    """One pod whose policy permits many ranges, each with an exception, on ports of its own for one in ten."""
    chance = random.Random(3)
    space, policy = Address("main/Namespace/default"), Address("main/NetworkPolicy/default/out")
    of = Address("main/Deployment/default/app")
    yield Workload(of, space, (("app", "app"),), Address("main/ServiceAccount/default"), "Deployment", 2)
    yield Isolates(policy, space, Selector(), "egress")
    for number in range(RANGES):
        whole = Cidr(4, chance.randrange(1 << 16) << 16, 16)
        hole = whole.subnet(24, chance.randrange(256))
        ports = Ports.one(1_000 + number) if number % 10 == 0 else Ports.one(443)
        yield PolicyPermit(policy, "egress", "tcp", ports, RangePeer(whole, (hole,)))


if __name__ == "__main__":
    raise SystemExit(main())
