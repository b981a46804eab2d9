"""What is open and never demanded: only what is surely nobody's, since a rule that is needed must not be taken away."""

from __future__ import annotations

import pytest

from seawall.analyze.environments import environment_of
from seawall.analyze.reachability.unneeded import unneeded
from seawall.facts.compute import Workload
from seawall.facts.data import Store
from seawall.facts.demands import Reach
from seawall.facts.fact import Demand, Fact
from seawall.facts.facts import Facts
from seawall.facts.network import Interface, Permit, Protocol
from seawall.facts.pod_network import Namespace
from seawall.facts.resilience import Tagged
from seawall.kernel.address import Address
from seawall.kernel.units import ANYWHERE, Cidr, Ports
from seawall.kernel.value import Unknown

SHOP, DATABASE = Address("r/s:aws_instance.shop"), Address("r/s:aws_db_instance.db")
SHOPS, STORES = Address("r/s:aws_security_group.shop"), Address("r/s:aws_security_group.db")
NEED = Reach(SHOP, DATABASE, 3306)


def rule(peer: Address | Cidr | Unknown, port: int, protocol: Protocol = "tcp", by: str = "r/s:rule.x") -> Permit:
    """A rule of the database's group that lets somebody in."""
    return Permit(STORES, "ingress", protocol, Ports.one(port), peer, by=Address(by))


def found(*more: Fact | Demand, need: Reach = NEED) -> list[str]:
    """What nobody needs, where an instance needs a database."""
    estate = [
        Interface(SHOP, (), (SHOPS,)),
        Interface(DATABASE, (), (STORES,)),
        Store(DATABASE, "database", "mysql", "", "r"),
        need,
        *more,
    ]
    return [each.of for each in unneeded(Facts(estate))]


def test_a_rule_for_another_port_is_needed_by_nobody() -> None:
    """The need is for 3306, so the rule for 22 between the same groups is the one that nobody asks for."""
    assert found(rule(SHOPS, 3306), rule(SHOPS, 22)) == [STORES]


def test_a_rule_that_is_wider_than_its_use_is_used() -> None:
    """One port of a range suffices, since somebody would miss the rule."""
    assert found(Permit(STORES, "ingress", "tcp", Ports(3300, 3399), SHOPS, by=Address("r/s:rule.x"))) == []
    assert found(Permit(STORES, "ingress", "any", Ports(0, 65535), SHOPS, by=Address("r/s:rule.x"))) == []


def test_a_need_of_a_name_that_nobody_has_may_be_for_it() -> None:
    """A host of the same port that fits no store, or a port that nobody knows, may be what the rule is for."""
    assert found(rule(SHOPS, 3307), Reach(SHOP, "db.example.org", 3307)) == []
    assert found(rule(SHOPS, 3307), Reach(SHOP, Unknown("secret"), Unknown("secret"))) == []


@pytest.mark.parametrize("peer", [ANYWHERE, Cidr.parse("10.0.0.0/8"), STORES, Unknown("x")])
def test_ranges_and_the_group_itself_are_not_judged(peer: Address | Cidr | Unknown) -> None:
    """Nobody knows who has an address of a range, and members of one group talk as their product has it."""
    assert found(rule(peer, 22)) == []


def test_who_does_not_say_what_it_needs_is_not_judged() -> None:
    """A machine without any stated need may need whatever its rule is for."""
    other = Reach(Address("r/s:aws_instance.else"), DATABASE, 3306)
    assert found(rule(SHOPS, 22), need=other) == []


def test_a_rule_that_a_network_brings_along_is_not_judged() -> None:
    """What a cloud makes of itself has no line that anybody could take away."""
    own = Address("r/s:aws_vpc.main//default-group")
    brought = Permit(own, "ingress", "tcp", Ports.one(22), SHOPS, by=Address("r/s:aws_vpc.main"))
    assert found(Interface(Address("r/s:aws_db_instance.other"), (), (own,)), brought) == []


def test_an_unknown_port_may_be_the_needed_one() -> None:
    """A rule whose ports nobody knows may be in use."""
    unknown = Permit(STORES, "ingress", "tcp", Unknown("var.port"), SHOPS, by=Address("r/s:rule.x"))
    assert found(unknown) == []


@pytest.mark.parametrize(
    ("name", "tags", "expected"),
    [
        ("prod_db", (), "production"),
        ("db", (("Environment", "Dev"),), "development"),
        ("prod_db", (("Environment", "shared"),), None),
        ("product", (), None),
        ("dev_to_prod", (), None),
    ],
)
def test_a_thing_says_its_environment_or_none(name: str, tags: tuple[tuple[str, str], ...], expected: str) -> None:
    """A tag goes before the name, of which only a whole word counts, and two of them say nothing."""
    thing = Address(f"r/s:aws_db_instance.{name}")
    assert environment_of(Facts([Tagged(thing, key, value) for key, value in tags]), thing) == expected


def test_pods_belong_to_the_environment_of_their_namespace() -> None:
    """The namespace's label goes before its name; a namespace that is called otherwise says nothing."""

    def pods(space: str, *labels: tuple[str, str]) -> str | None:
        of = Address(f"c/Namespace/{space}")
        account = Address(f"c/ServiceAccount/{space}/default")
        workload = Workload(Address(f"c/Deployment/{space}/x"), of, (), account, "Deployment", 1)
        return environment_of(Facts([workload, Namespace(of, "c", space, labels)]), workload.of)

    assert pods("prod") == "production"
    assert pods("prod", ("environment", "staging")) == "staging"
    assert pods("shop") is None
