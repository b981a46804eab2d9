"""Two things whose networks nothing joins: what one gets out and the other is reached on gets through all the same."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from seawall.analyze.reachability.matrix import matrix
from seawall.analyze.reachability.over_internet import any_path, over_internet
from seawall.analyze.reachability.traffic import Traffic
from seawall.check.isolation import judged
from seawall.cli.reach_matrix import grid
from seawall.facts.demands import Reach
from seawall.facts.fact import Fact
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier
from seawall.facts.isolation import Isolation
from seawall.facts.network import (
    AclRule,
    Filtered,
    Forwards,
    Gateway,
    Interface,
    Listens,
    Member,
    Network,
    Permit,
    PrefixList,
    Route,
    Routed,
    Subnet,
)
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.units import ALL_PORTS, ANYWHERE, Cidr, Ports
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Answer

HTTP = Traffic.of("tcp", Ports.one(80))
X, Y = Address("r/one:aws_instance.x"), Address("r/two:aws_instance.y")


def alone(name: str, place: int, public: bool | Unknown, out: Cidr | None, into: Cidr | None) -> list[Fact]:
    """A network by itself with one machine, open to the internet as its route goes."""
    here = Address(f"r/{name}:aws_vpc.v")
    subnet, table = Address(f"r/{name}:aws_subnet.s"), Address(f"r/{name}:aws_route_table.t")
    gateway, group = Address(f"r/{name}:aws_internet_gateway.i"), Address(f"r/{name}:aws_security_group.g")
    machine, acl = {"one": X, "two": Y}[name], here.implied("default-acl")
    cidr = Cidr.parse(f"10.{place}.0.0/16")
    permits: list[Fact] = [Permit(group, "egress", "any", ALL_PORTS, out)] if out else []
    permits += [Permit(group, "ingress", "tcp", Ports.one(80), into)] if into else []
    return [
        Network(here, (cidr,), "r"),
        Subnet(subnet, here, cidr, "a"),
        Gateway(gateway, "internet", here),
        Routed(subnet, table),
        Route(table, cidr, None, "local"),
        Route(table, ANYWHERE, gateway, "internet"),
        Filtered(here, acl),
        AclRule(acl, "ingress", 100, True, "any", ALL_PORTS, ANYWHERE),
        AclRule(acl, "egress", 100, True, "any", ALL_PORTS, ANYWHERE),
        Interface(machine, (subnet,), (group,), public),
        *permits,
    ]


def two(*, out: Cidr | None = ANYWHERE, into: Cidr | None = ANYWHERE, public: bool | Unknown = True) -> Facts:
    """A machine that gets out, and one elsewhere that is let into."""
    return Facts([*alone("one", 0, True, out, None), *alone("two", 1, public, None, into)])


def test_what_leaves_for_the_internet_gets_in_where_everybody_does() -> None:
    """The path is open over the internet, the matrix has it, and that the two are apart is refuted with that path."""
    facts = two()
    path = any_path(facts, Reach(X, Y, 80))
    assert path.verdict.proven, path.lines()
    assert any("over the internet" in hop.says for hop in path.hops)
    assert grid(facts).pairs[X, Y].sure == HTTP
    verdict, lines = judged(facts, Isolation.parse("x -> y never"))
    assert verdict.refuted
    assert any("over the internet" in line for line in lines)


def test_the_internet_itself_is_an_end_like_any_other() -> None:
    """The witness of a claim is the way out to the internet, by the gateway, or the way in from it."""
    facts = two()
    for claim, kind in (("x -> internet never", "exit"), ("internet -> y never", "entrance")):
        verdict, lines = judged(facts, Isolation.parse(claim))
        assert verdict.refuted
        assert any(line.startswith(f"{kind}: proven") for line in lines), lines
        assert not any("unknown" in line for line in lines), lines


def test_a_range_may_hold_the_public_address_of_the_source() -> None:
    """Whether a listed range is that of the source is not known, and then isolation is not proven."""
    facts = two(into=Cidr.parse("203.0.113.0/24"))
    assert any_path(facts, Reach(X, Y, 80)).verdict.unknown
    assert judged(facts, Isolation.parse("x -> y never"))[0].unknown


@pytest.mark.parametrize("shut", [two(out=None), two(into=None), two(public=False), two(into=Cidr.parse("10.0.0.0/8"))])
def test_either_end_closes_it(shut: Facts) -> None:
    """No way out of the one, or none into the other from outside, and the two are apart for certain."""
    assert any_path(shut, Reach(X, Y, 80)).verdict.refuted
    assert judged(shut, Isolation.parse("x -> y never"))[0].proven


def balanced(into: Cidr | None = ANYWHERE) -> Facts:
    """A machine that gets out, and one elsewhere without a public address behind a balancer that has one."""
    balancer, group = Address("r/two:aws_lb.b"), Address("r/two:aws_security_group.b")
    targets, own = Address("r/two:aws_lb_target_group.t"), Address("r/two:aws_security_group.g")
    return Facts(
        [
            *alone("one", 0, True, ANYWHERE, None),
            *alone("two", 1, False, None, None),
            Interface(balancer, (Address("r/two:aws_subnet.s"),), (group,), True),
            Listens(balancer, "tcp", Ports.one(443)),
            Forwards(balancer, targets),
            Member(targets, Y),
            Setting(targets, "target-port", 80),
            *([Permit(group, "ingress", "tcp", Ports.one(443), into)] if into else []),
            Permit(group, "egress", "any", ALL_PORTS, ANYWHERE),
            Permit(own, "ingress", "tcp", Ports.one(80), group),
        ]
    )


@pytest.mark.parametrize("into", [ANYWHERE, Cidr.parse("203.0.113.0/24"), None])
def test_behind_a_balancer_path_matrix_and_claim_are_one(into: Cidr | None) -> None:
    """What stands in front is asked on its own port, and the three answers are the same of the thing's."""
    facts = balanced(into)
    path = any_path(facts, Reach(X, Y, 80))
    pair = grid(facts).pairs.get((X, Y))
    verdict, _ = judged(facts, Isolation.parse("x -> y never"))
    if into is None:
        assert path.verdict.refuted
        assert pair is None
        assert verdict.proven
        return
    assert pair is not None
    assert pair.sure == (HTTP if into == ANYWHERE else Traffic())
    assert path.verdict.answer is (Answer.PROVEN if into == ANYWHERE else Answer.UNKNOWN), path.lines()
    assert verdict.refuted is path.verdict.proven
    assert any("aws_lb.b" in hop.says for hop in path.hops)


@pytest.mark.parametrize("seed", range(12))
def test_the_matrix_says_what_the_path_says(seed: int) -> None:
    """For every pair and port the path by any way is the cell with what gets over the internet."""
    random = Random(seed)
    ranges = [ANYWHERE, ANYWHERE, None, Cidr.parse("203.0.113.0/24"), Cidr.parse("10.0.0.0/8")]
    doubt = Unknown("public", why="nobody says")
    facts = Facts(
        [
            fact
            for place, name in enumerate(("one", "two"))
            for fact in alone(name, place, random.choice([True, doubt]), random.choice(ranges), random.choice(ranges))
        ]
    )
    for (source, target), port in product(((X, Y), (Y, X)), (80, 81)):
        cell = matrix(facts).between(source, target).either(over_internet(facts, source, target))
        path = any_path(facts, Reach(source, target, port))
        answer = cell.ask(Traffic.of("tcp", Ports.one(port)))
        assert path.verdict.answer is answer.answer, (source, target, port, path.lines(), cell)


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("com.amazonaws.us-east-1.route53-healthchecks", "blocked"), ("the-offices", "unknown")],
)
def test_a_list_of_a_service_of_aws_has_no_machine_of_a_customer(name: str, verdict: str) -> None:
    """Whoever lets in one service of AWS alone lets in nobody's machine; of another list nobody knows who is on it."""
    listed = Address("r/two:data.aws_ec2_managed_prefix_list.l")
    facts = Facts(
        [
            *alone("one", 0, True, ANYWHERE, None),
            *alone("two", 1, True, None, None),
            PrefixList(listed, internet=True),
            Member(listed, Unknown(listed, why="AWS keeps what it holds")),
            Identifier(listed, "name", name),
            Permit(Address("r/two:aws_security_group.g"), "ingress", "tcp", Ports.one(80), listed),
        ]
    )
    path = any_path(facts, Reach(X, Y, 80))
    assert ("open" if path.verdict.proven else "unknown" if path.verdict.unknown else "blocked") == verdict
