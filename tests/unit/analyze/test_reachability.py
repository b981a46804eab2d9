"""Reaching: every hop says yes, no or unknown, and a definite no is never hidden behind an unknown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from seawall.analyze.reachability.hop import Path
from seawall.analyze.reachability.partly import partly
from seawall.analyze.reachability.reach import reach
from seawall.facts.compute import Cluster, Container, NodeGroup, Workload
from seawall.facts.demands import Reach
from seawall.facts.fact import Fact
from seawall.facts.facts import Facts
from seawall.facts.identity import Principal
from seawall.facts.network import (
    AclRule,
    Filtered,
    Gateway,
    Hostname,
    Interface,
    Listens,
    Member,
    Network,
    Permit,
    Route,
    Routed,
    Subnet,
)
from seawall.facts.pod_network import (
    Isolates,
    PodGroups,
    PodPeer,
    PolicyPermit,
    RangePeer,
    Selector,
    Service,
    ServicePort,
)
from seawall.facts.resilience import Setting, Tagged
from seawall.kernel.address import Address
from seawall.kernel.units import ALL_PORTS, ANYWHERE, Cidr, Ports
from seawall.kernel.value import Unknown, text
from seawall.kernel.verdict import Answer

VPC, APP, DATA = Address("r/n:aws_vpc.main"), Address("r/n:aws_subnet.app"), Address("r/n:aws_subnet.data")
DATABASE, SUBNET_GROUP = Address("r/d:aws_db_instance.db"), Address("r/d:aws_db_subnet_group.db")
DB_GROUP, NODE_GROUP_SG = Address("r/d:aws_security_group.db"), Address("r/c:aws_security_group.node")
CLUSTER, NODES = Address("r/c:aws_eks_cluster.main"), Address("r/c:aws_eks_node_group.main")
SPACE = Address("main/Namespace/shop")
SHOP, WEB = Address("main/Deployment/shop/shop"), Address("main/Deployment/shop/web")
POLICY = Address("main/NetworkPolicy/shop/shop")
TABLE = VPC.implied("main")
ACL = VPC.implied("default-acl")
TCP_3306 = Ports.one(3306)


def pod(of: Address, name: str) -> list[Fact]:
    """A workload with one container that listens on 8080 as http."""
    account = Address("main/ServiceAccount/shop/default")
    return [
        Workload(of, SPACE, (("app", name),), account, "Deployment", 2),
        Container(of, name, f"{name}:1", ports=(("http", 8080),)),
    ]


def estate(*more: Fact, without: type | tuple[type, ...] = ()) -> Facts:
    """A pod in one subnet and a database in another, everything between them open; then changed."""
    base: list[Fact] = [
        Network(VPC, (Cidr.parse("10.0.0.0/16"),), "r"),
        Routed(VPC, TABLE),
        Route(TABLE, Cidr.parse("10.0.0.0/16"), None, "local"),
        Filtered(VPC, ACL),
        AclRule(ACL, "ingress", 100, True, "any", ALL_PORTS, ANYWHERE),
        AclRule(ACL, "egress", 100, True, "any", ALL_PORTS, ANYWHERE),
        Subnet(APP, VPC, Cidr.parse("10.0.1.0/24"), "a"),
        Subnet(DATA, VPC, Cidr.parse("10.0.8.0/24"), "a"),
        Member(SUBNET_GROUP, DATA),
        Interface(DATABASE, (SUBNET_GROUP,), (DB_GROUP,)),
        Listens(DATABASE, "tcp", TCP_3306),
        Hostname(DATABASE, "address", text("db.", Unknown("db.host"), ".r.rds.amazonaws.com")),
        Permit(DB_GROUP, "ingress", "tcp", TCP_3306, NODE_GROUP_SG),
        Permit(NODE_GROUP_SG, "ingress", "any", ALL_PORTS, NODE_GROUP_SG),
        Permit(NODE_GROUP_SG, "egress", "any", ALL_PORTS, ANYWHERE),
        Cluster(CLUSTER, "main", "1.36", "r", "issuer", True, None),
        Setting(CLUSTER, "network-policy-enforced", True),
        NodeGroup(NODES, CLUSTER, ("t3.medium",), 1, 1, 1, "on-demand", "AL2023"),
        Interface(NODES, (APP,), (NODE_GROUP_SG,)),
        *pod(SHOP, "shop"),
        *pod(WEB, "web"),
    ]
    return Facts([*(fact for fact in base if not isinstance(fact, without)), *more])


def to_database(facts: Facts, target: object = DATABASE, port: int = 3306) -> Path:
    """The path from the shop to its database."""
    return reach(facts, Reach(SHOP, target, port))  # type: ignore[arg-type]


def blocked_by(path: Path) -> str | None:
    """The kind of hop that says no."""
    return None if path.blocked is None else path.blocked.kind


def test_an_open_path_is_proven_hop_by_hop() -> None:
    """Proven means that each hop was looked at, and said yes."""
    path = to_database(estate())
    assert path.verdict.proven, path.lines()
    kinds = {hop.kind for hop in path.hops}
    assert {"name", "listens", "egress policy", "egress group", "route", "return acl", "ingress group"} <= kinds


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("db.abc.r.rds.amazonaws.com", Answer.PROVEN),
        ("other.abc.r.rds.amazonaws.com", Answer.REFUTED),
        ("db.example.com", Answer.UNKNOWN),
    ],
)
def test_a_name_is_somebodys_nobodys_or_foreign(host: str, answer: Answer) -> None:
    """A name in a service's own domain that no store has is a no; a foreign name is unknown."""
    assert to_database(estate(), Address.host(host)).verdict.answer is answer


def test_a_wrong_port_is_nobodys() -> None:
    """What does not listen cannot be reached."""
    assert blocked_by(to_database(estate(), port=5432)) == "listens"


def test_a_group_without_a_rule_blocks() -> None:
    """The group of the database decides who comes in."""
    path = to_database(estate(without=Permit))
    assert blocked_by(path) == "egress group"
    only_out = Permit(NODE_GROUP_SG, "egress", "any", ALL_PORTS, ANYWHERE)
    assert blocked_by(to_database(estate(only_out, without=Permit))) == "ingress group"


def test_an_unknown_rule_may_permit() -> None:
    """A rule whose peer is not known turns a no into an unknown, not into a yes."""
    facts = estate(
        Permit(NODE_GROUP_SG, "egress", "any", ALL_PORTS, ANYWHERE),
        Permit(DB_GROUP, "ingress", "tcp", TCP_3306, Unknown("rule.peer")),
        without=Permit,
    )
    path = to_database(facts)
    assert path.verdict.unknown
    assert [reason.what for reason in path.missing] == ["rule.peer"]


def test_a_definite_no_beats_an_earlier_unknown() -> None:
    """Where the subnets are does not matter to a policy that permits nothing."""
    facts = estate(
        Interface(DATABASE, Unknown("db.subnets"), (DB_GROUP,)),
        Isolates(POLICY, SPACE, Selector((("app", "shop"),)), "egress"),
        without=Interface,
    )
    assert blocked_by(to_database(facts)) == "egress policy"


def test_a_doubtful_association_is_not_the_default() -> None:
    """An access-control list whose subnet is not known may be this subnet's: the default is then no proof."""
    facts = estate(Filtered(Unknown("association.subnet_id"), Address("acl")))
    path = to_database(facts)
    assert path.verdict.unknown
    assert "association.subnet_id" in {reason.what for reason in path.missing}


def acl(*rules: tuple[str, int, bool, str]) -> Iterable[Fact]:
    """An access-control list of the data subnet with these rules: direction, order, allow, ports."""
    own = Address("r/n:aws_network_acl.data")
    yield Filtered(DATA, own)
    for direction, order, allow, ports in rules:
        first, _, last = ports.partition("-")
        span = Ports(int(first), int(last or first))
        yield AclRule(own, direction, order, allow, "tcp", span, ANYWHERE)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rules", "blocked"),
    [
        ([("ingress", 100, True, "3306"), ("egress", 100, True, "1024-65535")], None),
        ([("ingress", 100, True, "3306"), ("egress", 100, True, "3306")], "return acl"),
        ([("ingress", 90, False, "3306"), ("ingress", 100, True, "0-65535")], "ingress acl"),
        ([("ingress", 100, True, "0-65535"), ("ingress", 110, False, "3306")], "return acl"),
        (
            [
                ("ingress", 100, True, "3306"),
                ("egress", 100, True, "1024-40000"),
                ("egress", 110, True, "40001-65535"),
            ],
            None,
        ),
    ],
)
def test_access_lists_are_stateless_and_ordered(rules: list[tuple[str, int, bool, str]], blocked: str | None) -> None:
    """The lowest order that matches decides; the answer needs its own way back, if need be through two rules."""
    assert blocked_by(to_database(estate(*acl(*rules)))) == blocked


def test_another_network_needs_a_route_both_ways() -> None:
    """A peering that only one side routes to is none."""
    other, far, table = Address("r/n:aws_vpc.far"), Address("r/n:aws_subnet.far"), Address("r/n:aws_vpc.far//main")
    away = [
        Network(other, (Cidr.parse("10.9.0.0/16"),), "r"),
        Subnet(far, other, Cidr.parse("10.9.1.0/24"), "a"),
        Routed(other, table),
        Filtered(other, ACL),
        Interface(DATABASE, (far,), (DB_GROUP,)),
        Interface(NODES, (APP,), (NODE_GROUP_SG,)),
    ]
    peering = Address("r/n:aws_vpc_peering_connection.p")
    there = Route(TABLE, Cidr.parse("10.9.0.0/16"), peering, "peering")
    back = Route(table, Cidr.parse("10.0.0.0/16"), peering, "peering")
    assert blocked_by(to_database(estate(*away, without=Interface))) == "route"
    assert blocked_by(to_database(estate(*away, there, without=Interface))) == "route"
    assert to_database(estate(*away, there, back, without=Interface)).verdict.unknown
    joined = Gateway(peering, "peering", VPC, other)
    assert to_database(estate(*away, there, back, joined, without=Interface)).verdict.proven
    elsewhere = Gateway(peering, "peering", VPC, Address("r/n:aws_vpc.third"))
    assert blocked_by(to_database(estate(*away, there, back, elsewhere, without=Interface))) == "route"


@pytest.mark.parametrize(
    ("peer", "answer"),
    [
        (RangePeer(Cidr.parse("10.0.8.0/24")), Answer.PROVEN),
        (RangePeer(ANYWHERE), Answer.PROVEN),
        (RangePeer(Cidr.parse("10.0.0.0/16"), (Cidr.parse("10.0.8.0/28"),)), Answer.REFUTED),
        (RangePeer(Cidr.parse("10.0.8.0/25")), Answer.REFUTED),
        (PodPeer(Selector((("app", "mysql"),))), Answer.REFUTED),
        (Unknown("policy.cidr"), Answer.UNKNOWN),
        (None, Answer.PROVEN),
    ],
)
def test_a_policy_must_permit_every_address_of_the_store(peer: object, answer: Answer) -> None:
    """A selector of pods means no store, and a part of a subnet is not the subnet."""
    facts = estate(
        Isolates(POLICY, SPACE, Selector((("app", "shop"),)), "egress"),
        PolicyPermit(POLICY, "egress", "tcp", TCP_3306, peer),  # type: ignore[arg-type]
    )
    assert to_database(facts).verdict.answer is answer


def test_what_nobody_enforces_blocks_nothing() -> None:
    """A policy in a cluster whose plug-in ignores it stops no packet; NET-001 says that it should."""
    isolates = Isolates(POLICY, SPACE, Selector((("app", "shop"),)), "egress")
    unenforced = estate(isolates, Setting(CLUSTER, "network-policy-enforced", False), without=Setting)
    assert to_database(unenforced).verdict.proven
    doubtful = estate(isolates, Setting(CLUSTER, "network-policy-enforced", Unknown("addon.config")), without=Setting)
    assert to_database(doubtful).verdict.unknown


def test_groups_for_pods_take_the_place_of_the_nodes() -> None:
    """A rule for the nodes' group does not let in pods that carry another."""
    own = Address("r/c:aws_security_group.pods")
    given = PodGroups(Address("main/SecurityGroupPolicy/shop/shop"), SPACE, Selector((("app", "shop"),)), None, (own,))
    out = Permit(own, "egress", "any", ALL_PORTS, ANYWHERE)
    assert blocked_by(to_database(estate(given, out))) == "ingress group"
    assert to_database(estate(given, out, Permit(DB_GROUP, "ingress", "tcp", TCP_3306, own))).verdict.proven


def test_groups_are_given_by_the_labels_of_an_account_too() -> None:
    """Labels of an account decide where they are known; where the account is not in the input nobody knows."""
    own, account = Address("r/c:aws_security_group.pods"), Address("main/ServiceAccount/shop/default")
    of = Address("main/SecurityGroupPolicy/shop/shop")
    wanted, shop = Selector((("team", "shop"),)), Selector((("app", "shop"),))
    out = Permit(own, "egress", "any", ALL_PORTS, ANYWHERE)
    known = Principal(account, "service-account", "system:serviceaccount:shop:default")
    for pods in (None, shop):
        given = PodGroups(of, SPACE, pods, wanted, (own,))
        path = to_database(estate(given, out))
        assert path.verdict.unknown
        assert [reason.what for reason in path.missing] == [f"{account}.metadata.labels"] * len(path.missing)
        assert blocked_by(to_database(estate(given, out, known, Tagged(account, "team", "shop")))) == "ingress group"
        assert to_database(estate(given, out, known)).verdict.proven
    other = PodGroups(of, SPACE, Selector((("app", "other"),)), wanted, (own,))
    assert to_database(estate(other, out)).verdict.proven


def test_pods_have_the_groups_of_every_policy_that_selects_them() -> None:
    """Two policies give two groups, and what either lets through gets through."""
    own, second = Address("r/c:aws_security_group.pods"), Address("r/c:aws_security_group.second")
    every = [
        PodGroups(Address(f"main/SecurityGroupPolicy/shop/{of}"), SPACE, Selector(), None, (of,))
        for of in (own, second)
    ]
    out = Permit(own, "egress", "any", ALL_PORTS, ANYWHERE)
    assert to_database(estate(*every, out, Permit(DB_GROUP, "ingress", "tcp", TCP_3306, second))).verdict.proven


SERVICE = Address("main/Service/shop/web")


def service(target: int | str, selector: str = "web") -> Service:
    """A service on port 80 in front of the pods of that name."""
    port = ServicePort("http", "tcp", 80, target)
    return Service(SERVICE, SPACE, "web", Selector((("app", selector),)), "ClusterIP", (port,))


@pytest.mark.parametrize(
    ("host", "found"),
    [("web", True), ("web.shop", True), ("web.shop.svc", True), ("web.shop.svc.cluster.local", True)],
)
def test_services_answer_to_their_four_names(host: str, found: bool) -> None:
    """Short names are completed with the namespace of the asking pod."""
    path = reach(estate(service(8080)), Reach(SHOP, Address.host(host), 80))
    assert path.verdict.proven is found, path.lines()


@pytest.mark.parametrize(
    ("stated", "port", "blocked"),
    [
        (service("http"), 80, None),
        (service("https"), 80, "service"),
        (service(8080), 8080, "service"),
        (service(8080, "nobody"), 80, "service"),
    ],
)
def test_a_service_leads_to_pods_that_listen(stated: Service, port: int, blocked: str | None) -> None:
    """Its port must exist, its target port must have a container, its selector must mean pods."""
    assert blocked_by(reach(estate(stated), Reach(SHOP, SERVICE, port))) == blocked


def test_a_port_of_a_service_is_one_of_a_protocol() -> None:
    """Two ports may share a number, and a demand means the one of its protocol."""
    ports = (ServicePort("dns", "udp", 53, 5353), ServicePort("dns-tcp", "tcp", 53, "http"))
    both = Service(SERVICE, SPACE, "web", Selector((("app", "web"),)), "ClusterIP", ports)
    for protocol, number in (("udp", "5353"), ("tcp", "8080")):
        path = reach(estate(both), Reach(SHOP, SERVICE, 53, protocol))  # type: ignore[arg-type]
        assert path.verdict.proven
        assert f"53 to {number}" in path.lines()[1]
    assert blocked_by(reach(estate(both), Reach(SHOP, SERVICE, 53, "sctp"))) == "service"


def test_both_sides_of_a_pod_connection_are_asked() -> None:
    """The policy of the pods that listen counts as much as that of the pods that call, on the pods' own port."""
    ingress = Isolates(POLICY, SPACE, Selector((("app", "web"),)), "ingress")
    path = reach(estate(service(8080), ingress), Reach(SHOP, SERVICE, 80))
    assert blocked_by(path) == "ingress policy"
    permit = PolicyPermit(POLICY, "ingress", "tcp", "http", PodPeer(Selector((("app", "shop"),))))
    assert reach(estate(service(8080), ingress, permit), Reach(SHOP, SERVICE, 80)).verdict.proven


def test_policies_of_pods_count_for_callers_outside() -> None:
    """A load balancer is no pod: it must come from a range that the policy permits."""
    balancer, group = Address("r/e:aws_lb.main"), Address("r/e:aws_security_group.lb")
    facts = (
        Interface(balancer, (DATA,), (group,)),
        Permit(group, "egress", "any", ALL_PORTS, ANYWHERE),
        Permit(NODE_GROUP_SG, "ingress", "any", ALL_PORTS, group),
        Isolates(POLICY, SPACE, Selector((("app", "web"),)), "ingress"),
    )
    demand = Reach(balancer, WEB, 8080)
    assert blocked_by(reach(estate(*facts), demand)) == "ingress policy"
    permit = PolicyPermit(POLICY, "ingress", "tcp", Ports.one(8080), RangePeer(Cidr.parse("10.0.8.0/24")))
    assert reach(estate(*facts, permit), demand).verdict.proven


DNS = PolicyPermit(POLICY, "egress", "udp", Ports.one(53), None)


@pytest.mark.parametrize(
    ("permit", "answer"),
    [
        ((), Answer.REFUTED),
        ((PolicyPermit(POLICY, "egress", "tcp", TCP_3306, None),), Answer.REFUTED),
        ((PolicyPermit(POLICY, "egress", "tcp", Ports.one(443), RangePeer(Cidr.parse("10.0.0.0/8"))),), Answer.UNKNOWN),
        ((PolicyPermit(POLICY, "egress", "tcp", Ports.one(443), PodPeer(Selector())),), Answer.UNKNOWN),
        ((PolicyPermit(POLICY, "egress", "tcp", "https", PodPeer(Selector())),), Answer.UNKNOWN),
    ],
)
def test_a_host_that_nobody_has_is_shut_where_policies_let_nobody_out(permit: Iterable[Fact], answer: Answer) -> None:
    """Wherever it may be, a port that no policy permits to anybody leads there from no pod."""
    facts = estate(Isolates(POLICY, SPACE, Selector((("app", "shop"),)), "egress"), *permit, DNS)
    assert reach(facts, Reach(SHOP, "api.example.com", 443)).verdict.answer is answer


@pytest.mark.parametrize(
    ("target", "asked", "blocked"),
    [
        (8080, 8080, None),  # the pods' own port, which their containers state
        (8080, 80, "service"),  # the service's, which maps to nothing
        ("http", 80, "service"),
        (80, 80, None),  # stated by the service alone: what containers state is no more than a word
        (8080, 9090, None),  # stated by nobody
    ],
)
def test_a_headless_services_ports_are_its_pods(target: int | str, asked: int, blocked: str | None) -> None:
    """Its name is that of the pods, and nobody stands between who would map one port to another."""
    stated = replace(service(target), kind="Headless")
    path = reach(estate(stated), Reach(SHOP, SERVICE, asked))
    assert blocked_by(path) == blocked, path.lines()
    assert blocked is not None or path.verdict.proven


def test_a_service_that_is_another_name_leads_where_that_leads() -> None:
    """Its selector means nobody: of a name of the cluster it is that service, of a stranger's nothing is known."""
    alias = Address("main/Service/shop/alias")
    other = Service(
        alias, SPACE, "alias", Selector((("app", "web"),)), "ExternalName", (), "web.shop.svc.cluster.local"
    )
    for target in (alias, Address.host("alias")):
        path = reach(estate(service(8080), other), Reach(SHOP, target, 80))
        assert path.verdict.proven, path.lines()
        assert f"{SERVICE} forwards 80 to 8080 of {WEB}" in "".join(path.lines())
    foreign = replace(other, external_name="db.example.com", ports=(ServicePort("http", "tcp", 80, 8080),))
    path = reach(estate(foreign), Reach(SHOP, alias, 80))
    assert path.verdict.unknown
    assert [each.what for each in path.missing] == ["host db.example.com"]
    itself = replace(other, external_name="alias.shop.svc.cluster.local")
    assert reach(estate(itself), Reach(SHOP, alias, 80)).verdict.unknown


_IN_KUBE_SYSTEM = Selector((("kubernetes.io/metadata.name", "kube-system"),))


@pytest.mark.parametrize(
    ("permit", "answer"),
    [
        ((), Answer.REFUTED),
        ((PolicyPermit(POLICY, "egress", "tcp", Ports.one(53), None),), Answer.REFUTED),
        ((PolicyPermit(POLICY, "egress", "udp", Ports.one(53), PodPeer(Selector())),), Answer.REFUTED),
        ((PolicyPermit(POLICY, "egress", "udp", Ports.one(53), PodPeer(Selector(), _IN_KUBE_SYSTEM)),), Answer.PROVEN),
        ((PolicyPermit(POLICY, "egress", "udp", "dns", PodPeer(Selector(), _IN_KUBE_SYSTEM)),), Answer.UNKNOWN),
        ((PolicyPermit(POLICY, "egress", "udp", Ports.one(53), Unknown("peer")),), Answer.UNKNOWN),
        ((DNS,), Answer.PROVEN),
    ],
)
def test_who_cannot_ask_for_a_name_reaches_nobody_by_it(permit: Iterable[Fact], answer: Answer) -> None:
    """A name is looked up first: pods that policies keep from DNS reach nothing by name, and pods themselves still."""
    isolates = Isolates(POLICY, SPACE, Selector((("app", "shop"),)), "egress")
    leaving = PolicyPermit(POLICY, "egress", "tcp", Ports.one(8080), None)
    facts = estate(service(8080), isolates, leaving, *permit)
    for target in (SERVICE, Address.host("web.shop")):
        path = reach(facts, Reach(SHOP, target, 80))
        assert path.verdict.answer is answer, path.lines()
        assert [hop.kind for hop in path.hops if not hop.verdict.proven] == ([] if answer is Answer.PROVEN else ["dns"])
        assert (partly(facts, Reach(SHOP, target, 80)) is None) is (answer is Answer.REFUTED)
    assert reach(facts, Reach(SHOP, WEB, 8080)).verdict.proven
    unenforced = [fact for fact in facts if not isinstance(fact, Setting)]
    free = Facts([*unenforced, Setting(CLUSTER, "network-policy-enforced", False)])
    assert reach(free, Reach(SHOP, SERVICE, 80)).verdict.proven


def test_a_port_that_no_container_states_is_open_with_a_word() -> None:
    """What containers state binds nobody, so that the path is open, and says that perhaps nothing listens."""
    said = [hop for hop in reach(estate(), Reach(SHOP, WEB, 9999)).hops if hop.kind == "listens"]
    assert [hop.verdict.answer for hop in said] == [Answer.PROVEN]
    assert "states port 9999, only tcp 8080" in said[0].says
    assert "listens" not in {hop.kind for hop in reach(estate(), Reach(SHOP, WEB, 8080)).hops}
