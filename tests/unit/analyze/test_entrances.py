"""What the internet reaches: nothing for sure without a public address, a route, a group and a list that let it in."""

from __future__ import annotations

from collections.abc import Iterable

from seawall.analyze.reachability.entrances import Exposure, exposed
from seawall.analyze.reachability.targets import led_to
from seawall.analyze.reachability.traffic import Traffic
from seawall.facts.compute import Cluster, NodeGroup
from seawall.facts.data import Store
from seawall.facts.fact import Fact
from seawall.facts.facts import Facts
from seawall.facts.network import (
    AclRule,
    Filtered,
    Forwards,
    Gateway,
    Interface,
    Listens,
    Member,
    Network,
    Origin,
    Permit,
    PrefixList,
    Record,
    Route,
    Routed,
    Seen,
    Subnet,
    TakenOver,
    Wears,
)
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.units import ALL_PORTS, ANYWHERE, Cidr, Ports
from seawall.kernel.value import Unknown

VPC, SUBNET, TABLE = Address("r/n:aws_vpc.main"), Address("r/n:aws_subnet.a"), Address("r/n:aws_route_table.a")
ACL, GATEWAY = VPC.implied("default-acl"), Address("r/n:aws_internet_gateway.main")
MACHINE, GROUP = Address("r/n:aws_instance.web"), Address("r/n:aws_security_group.web")
SSH = Traffic.of("tcp", Ports.one(22))
PUBLIC_ROUTE = Route(TABLE, ANYWHERE, GATEWAY, "internet")
OPEN_LIST = (
    AclRule(ACL, "ingress", 100, True, "any", ALL_PORTS, ANYWHERE),
    AclRule(ACL, "egress", 100, True, "any", ALL_PORTS, ANYWHERE),
)
SSH_FOR_ALL = Permit(GROUP, "ingress", "tcp", Ports.one(22), ANYWHERE)


def estate(*more: Fact, public: bool | Unknown | None = True, rules: Iterable[Fact] = OPEN_LIST) -> Facts:
    """A machine in one subnet of one network, with one group."""
    return Facts(
        [
            Network(VPC, (Cidr.parse("10.0.0.0/16"),), "r"),
            Subnet(SUBNET, VPC, Cidr.parse("10.0.1.0/24"), "a"),
            Routed(SUBNET, TABLE),
            Filtered(VPC, ACL),
            Gateway(GATEWAY, "internet", VPC),
            Interface(MACHINE, (SUBNET,), (GROUP,), public),
            *rules,
            *more,
        ]
    )


def only(facts: Facts) -> Exposure:
    """The one exposure that there is."""
    (found,) = exposed(facts)
    return found


def test_all_four_together_expose_a_machine() -> None:
    """A public address, a route, a group and a list that let anybody in are an entrance, for what the group says."""
    found = only(estate(PUBLIC_ROUTE, SSH_FOR_ALL))
    assert found.thing == MACHINE
    assert found.anybody
    assert found.open.sure == found.open.may == SSH


def test_each_of_the_four_closes_the_entrance() -> None:
    """Without any one of them nothing is reached, however open the others are."""
    assert exposed(estate(PUBLIC_ROUTE, SSH_FOR_ALL, public=False)) == ()
    assert exposed(estate(SSH_FOR_ALL)) == ()
    assert exposed(estate(PUBLIC_ROUTE)) == ()
    assert exposed(estate(PUBLIC_ROUTE, SSH_FOR_ALL, rules=OPEN_LIST[:1])) == ()
    refused = AclRule(ACL, "ingress", 10, False, "tcp", Ports(0, 1024), ANYWHERE)
    assert exposed(estate(PUBLIC_ROUTE, SSH_FOR_ALL, rules=(*OPEN_LIST, refused))) == ()


def test_an_answer_that_the_list_keeps_back_is_no_entrance() -> None:
    """A list has no memory: where it lets no high port out, no connection comes about."""
    narrow = AclRule(ACL, "egress", 100, True, "tcp", Ports.one(443), ANYWHERE)
    assert exposed(estate(PUBLIC_ROUTE, SSH_FOR_ALL, rules=(OPEN_LIST[0], narrow))) == ()


def test_a_private_range_is_not_the_internet() -> None:
    """Who comes from a range that no router of the internet carries comes from somewhere else."""
    inside = Permit(GROUP, "ingress", "tcp", Ports.one(22), Cidr.parse("10.0.0.0/8"))
    assert exposed(estate(PUBLIC_ROUTE, inside)) == ()
    office = Permit(GROUP, "ingress", "tcp", Ports.one(22), Cidr.parse("203.0.113.0/24"))
    found = only(estate(PUBLIC_ROUTE, office))
    assert not found.anybody
    assert found.who == Cidr.parse("203.0.113.0/24")


def test_what_is_not_known_stays_perhaps() -> None:
    """A machine of which nobody says whether it has a public address is perhaps reached, and the reason is named."""
    why = Unknown("public", why="nobody says")
    found = only(estate(PUBLIC_ROUTE, SSH_FOR_ALL, public=why))
    assert not found.open.sure
    assert found.open.may == SSH
    assert found.open.because == (why,)


def test_only_what_a_thing_listens_on_counts() -> None:
    """A group that opens everything exposes a balancer on its listeners alone."""
    everything = Permit(GROUP, "ingress", "any", ALL_PORTS, ANYWHERE)
    found = only(estate(PUBLIC_ROUTE, everything, Listens(MACHINE, "tcp", Ports.one(443))))
    assert found.open.sure == Traffic.of("tcp", Ports.one(443))


def test_an_interface_endpoint_of_a_cluster_takes_its_ranges() -> None:
    """A cluster's public API is an entrance for the ranges that it names, and none where it has none."""
    cluster = Cluster(Address("r/c:aws_eks_cluster.x"), "x", "1.36", "r", "", True, ("203.0.113.0/24",))
    assert [each.who for each in exposed(Facts([cluster]))] == [Cidr.parse("203.0.113.0/24")]
    private = Cluster(Address("r/c:aws_eks_cluster.x"), "x", "1.36", "r", "", True, None)
    assert exposed(Facts([private])) == ()


def test_a_distribution_shows_what_it_fetches_from() -> None:
    """Behind a distribution lies its bucket, and by the name of a record the balancer that lets it in."""
    shop, bucket = Address("r/e:aws_cloudfront_distribution.shop"), Address("r/e:aws_s3_bucket.page")
    facts = estate(
        PUBLIC_ROUTE,
        Permit(GROUP, "ingress", "tcp", Ports.one(443), ANYWHERE),
        Listens(MACHINE, "tcp", Ports.one(443)),
        Store(bucket, "bucket", "s3", "", "r"),
        Origin(shop, "page", "page.s3.amazonaws.com", bucket, "s3"),
        Origin(shop, "app", "origin.shop.example", None, "https-only"),
        Record(Address("r/e:aws_route53_record.o"), Address("z"), "origin.shop.example", "A", (MACHINE,), None),
    )
    through = {(each.thing, each.through): each.open.sure for each in exposed(facts)}
    assert through[bucket, (shop,)] == Traffic.of("tcp", Ports.one(443))
    assert through[MACHINE, (shop,)] == Traffic.of("tcp", Ports.one(443))
    assert through[MACHINE, ()] == Traffic.of("tcp", Ports.one(443))


def test_a_circle_of_records_ends() -> None:
    """Names that lead to each other lead nowhere, and looking for their end does not go on for ever."""
    records = [
        Record(
            Address(f"r/e:aws_route53_record.{one}"), Address("z"), f"{one}.example", "CNAME", (f"{other}.example",), 60
        )
        for one, other in (("a", "b"), ("b", "a"))
    ]
    assert led_to(Facts(records), "a.example") == ()


def test_behind_a_balancer_lie_its_targets() -> None:
    """A target group's members are reached through the balancer, on ports that only the group says."""
    listener, targets = Address("r/e:aws_lb_listener.https"), Address("r/e:aws_lb_target_group.app")
    behind = Address("r/n:aws_instance.app")
    facts = estate(
        PUBLIC_ROUTE,
        Permit(GROUP, "ingress", "tcp", Ports.one(443), ANYWHERE),
        Listens(MACHINE, "tcp", Ports.one(443)),
        Member(MACHINE, listener),
        Forwards(listener, targets),
        Member(targets, behind),
    )
    ways = {each.thing: each for each in exposed(facts)}
    assert ways[behind].through == (MACHINE, targets)
    assert not ways[behind].open.sure


def test_a_subnet_gives_instances_that_say_nothing_a_public_address() -> None:
    """What an instance does not say its subnet says, and nodes of a group have whatever their subnet gives."""
    generous = Subnet(SUBNET, VPC, Cidr.parse("10.0.1.0/24"), "a", None, True)
    variable = Unknown("aws_instance.web.associate_public_ip_address")

    def reached(*nodes: Fact, public: bool | Unknown | None) -> Traffic:
        facts = [fact for fact in estate(PUBLIC_ROUTE, SSH_FOR_ALL, *nodes, public=public) if isinstance(fact, Fact)]
        found = exposed(Facts([generous, *(fact for fact in facts if not isinstance(fact, Subnet))]))
        return Traffic.union(each.open.sure for each in found)

    assert reached(public=None) == SSH
    assert not reached(public=variable)
    assert not reached(public=False)
    group = NodeGroup(MACHINE, Address("r/c:cluster"), (), 1, 1, 1, "on-demand", "AL2023")
    assert reached(group, public=None) == SSH
    assert exposed(estate(PUBLIC_ROUTE, SSH_FOR_ALL, public=None)) == ()


def test_a_function_with_an_open_url_is_an_entrance() -> None:
    """Without authorization a function's URL answers everybody; with it, or where nobody knows, that is not sure."""
    function = Address("r/f:aws_lambda_function.hook")
    assert only(Facts([Setting(function, "public-url", True)])).open.sure == Traffic.of("tcp", Ports.one(443))
    assert exposed(Facts([Setting(function, "public-url", False)])) == ()
    assert not only(Facts([Setting(function, "public-url", Unknown("var.auth"))])).open.sure


DEFAULT = VPC.implied("default-group")


def ungrouped(*more: Fact) -> Facts:
    """The machine of the estate without a group of its own."""
    base = [fact for fact in estate(PUBLIC_ROUTE, *more) if not isinstance(fact, Interface)]
    return Facts([*base, Interface(MACHINE, (SUBNET,), (), True)])


def test_a_machine_that_names_no_group_has_its_networks_default_one() -> None:
    """AWS gives it the default group, which lets in its own members alone, or what whoever took it over says."""
    members = Permit(DEFAULT, "ingress", "any", ALL_PORTS, DEFAULT, by=VPC)
    assert exposed(ungrouped(members)) == ()
    taken = Address("r/n:aws_default_security_group.main")
    assert exposed(ungrouped(members, TakenOver(DEFAULT, taken))) == ()
    opened = Permit(taken, "ingress", "tcp", Ports.one(22), ANYWHERE)
    assert only(ungrouped(members, TakenOver(DEFAULT, taken), opened)).open.sure == SSH


def test_a_group_that_an_interface_wears_besides_lets_in_too() -> None:
    """What is attached by a resource of its own counts as much as what the machine names."""
    other = Address("r/n:aws_security_group.other")
    worn = (Wears(MACHINE, other), Permit(other, "ingress", "tcp", Ports.one(22), ANYWHERE))
    assert only(estate(PUBLIC_ROUTE, *worn)).open.sure == SSH


def test_a_prefix_list_means_the_ranges_that_it_holds() -> None:
    """A list of private ranges lets nobody of the internet in, one with all of it anybody, a hole in one perhaps."""
    ranges = Address("r/n:aws_ec2_managed_prefix_list.own")

    def of(*members: Cidr | Unknown) -> Facts:
        held = [Member(ranges, member) for member in members]
        permit = Permit(GROUP, "ingress", "tcp", Ports.one(22), ranges)
        return estate(PUBLIC_ROUTE, PrefixList(ranges), permit, *held)

    assert exposed(of(Cidr.parse("10.0.0.0/8"))) == ()
    found = only(of(Cidr.parse("10.0.0.0/8"), ANYWHERE))
    assert found.anybody
    assert found.open.sure == SSH
    hole = Unknown("var.ranges")
    found = only(of(Cidr.parse("10.0.0.0/8"), hole))
    assert not found.anybody
    assert not found.open.sure
    assert found.open.because == (hole,)


def test_an_address_that_somebody_gives_it_besides_is_a_public_one() -> None:
    """A machine that asks for none itself is reached by the elastic address that is associated with it."""
    assert exposed(estate(PUBLIC_ROUTE, SSH_FOR_ALL, public=False)) == ()
    seen = Seen(MACHINE)
    found = only(estate(PUBLIC_ROUTE, SSH_FOR_ALL, seen, public=False))
    assert found.open.sure == SSH
