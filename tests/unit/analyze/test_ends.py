"""Who is meant by a word: one thing by its address, all of a name, or everything within something of that name."""

from __future__ import annotations

import pytest

from seawall.analyze.reachability.ends import at_port, called, ends, meant, ports_of, shortest, together, wholes
from seawall.facts.compute import NodeGroup, Workload
from seawall.facts.facts import Facts
from seawall.facts.network import Interface, Listens, Member, Network, Subnet
from seawall.facts.pod_network import Selector, Service, ServicePort
from seawall.facts.resilience import Tagged
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr, Ports

SHOP, OTHER = Address("main/Namespace/shop"), Address("main/Namespace/other")
WEB, JOB, ELSEWHERE = (
    Address(f"main/{rest}") for rest in ("Deployment/shop/web", "Job/shop/job", "Deployment/other/web")
)
SERVICE = Address("main/Service/shop/web")
VPC, SUBNET = Address("r/n:aws_vpc.main"), Address("r/n:aws_subnet.a")
DATABASE, PART = Address("r/d:aws_rds_cluster.orders_db"), Address("r/d:aws_rds_cluster_instance.orders_db_1")
TEMPLATE, NODES = Address("r/c:aws_launch_template.nodes"), Address("r/c:aws_eks_node_group.nodes")


def _pods(of, namespace, name):
    account = Address("main/ServiceAccount/shop/default")
    return Workload(of, namespace, (("app", name),), account, "Deployment", 1)


FACTS = Facts(
    [
        _pods(WEB, SHOP, "web"),
        _pods(JOB, SHOP, "job"),
        _pods(ELSEWHERE, OTHER, "web"),
        Tagged(OTHER, "environment", "staging"),
        Service(SERVICE, SHOP, "web", Selector((("app", "web"),)), "ClusterIP", (ServicePort("", "tcp", 80, 8080),)),
        Network(VPC, (Cidr.parse("10.0.0.0/16"),), "r"),
        Tagged(VPC, "Name", "big"),
        Subnet(SUBNET, VPC, Cidr.parse("10.0.1.0/24"), "a"),
        Interface(DATABASE, (SUBNET,), ()),
        Tagged(DATABASE, "component", "orders"),
        Listens(DATABASE, "tcp", Ports.one(5432)),
        Listens(PART, "tcp", Ports.one(5432)),
        Member(DATABASE, PART),
        Interface(TEMPLATE, (SUBNET,), ()),
        Interface(NODES, (SUBNET,), ()),
        NodeGroup(
            NODES, Address("r/c:aws_eks_cluster.main"), ("t3.medium",), 1, 1, 1, "on-demand", "", launch=TEMPLATE
        ),
    ]
)


def test_nothing_connects_from_a_service_and_a_template_is_no_end():
    """What only stands for others is where connections go, never where they come from."""
    assert set(ends(FACTS, "source")) == {WEB, ELSEWHERE, JOB, NODES, DATABASE}
    assert set(ends(FACTS, "target")) - set(ends(FACTS, "source")) == {SERVICE}


@pytest.mark.parametrize(
    ("spelling", "found"),
    [
        (str(WEB), {WEB}),
        ("shop/web", {WEB, SERVICE}),
        ("web", {WEB, SERVICE, ELSEWHERE}),
        ("orders-db", {DATABASE}),
        ("Orders_DB", {DATABASE}),
        ("orders", {DATABASE}),
        ("r/orders", {DATABASE}),
        ("aws_rds_cluster.orders_db", {DATABASE}),
        ("main/shop/job", {JOB}),
        ("nobody", set()),
    ],
)
def test_a_name_means_everything_that_is_called_so(spelling, found):
    """By address one alone; else by its own names, its component's, and whatever way hyphens are written."""
    assert set(meant(FACTS, spelling, "target")) == found


@pytest.mark.parametrize(("port", "found"), [(80, {SERVICE}), (8080, {WEB}), (None, {SERVICE})])
def test_a_service_is_meant_for_its_own_port_alone(port, found):
    """Its pods are meant for any other."""
    assert set(at_port(FACTS, meant(FACTS, "shop/web", "target"), port)) == found


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("shop", {WEB, JOB}),
        ("staging", {ELSEWHERE}),
        ("main", {WEB, JOB, ELSEWHERE, DATABASE, NODES}),  # the cluster, and the network of that name
        ("big", {DATABASE, NODES}),
        ("shop/web", {WEB}),
        ("staging/web", {ELSEWHERE}),
        ("big/orders-db", {DATABASE}),
        ("*", {WEB, JOB, ELSEWHERE, DATABASE, NODES}),
        ("nobody", set()),
    ],
)
def test_a_word_of_a_claim_means_all_within_it(word, found):
    """Namespaces, environments, clusters, networks, and one thing of what is within them; never services."""
    assert set(together(FACTS, word, "target")) == found
    assert not found or word == "*" or "/" in word or word in wholes(FACTS, "target")


def test_each_is_called_by_the_shortest_name_of_its_own():
    """Two of a name get longer ones; among others a name may be free."""
    assert called([WEB, ELSEWHERE, DATABASE]) == {WEB: "shop/web", ELSEWHERE: "other/web", DATABASE: "orders-db"}
    assert called([WEB, JOB]) == {WEB: "web", JOB: "job"}
    assert shortest(FACTS, WEB, "source") == "shop/web"
    assert called([Address("internet")]) == {"internet": "internet"}


def test_the_ports_of_a_thing_are_those_that_are_known():
    """A service's own, a store's where it is one port."""
    assert (ports_of(FACTS, SERVICE), ports_of(FACTS, DATABASE), ports_of(FACTS, JOB)) == ((80,), (5432,), ())


def test_what_is_there_several_times_is_called_by_its_one_name_too():
    """With `count` and `for_each` the name alone means any of them, with its key the one; a dot in a key is no end."""
    several = [Address(f"r/n:aws_instance.some_x{key}") for key in ('["a.b"]', "[0]")]
    lone = Address("r/n:aws_instance.lone[0]")
    cloud = Address("stack/Machine")
    facts = Facts([Interface(of, (SUBNET,), ()) for of in (*several, lone, cloud)])
    assert meant(facts, "some-x", "source") == tuple(sorted(several))
    assert meant(facts, "aws_instance.some_x", "source") == tuple(sorted(several))
    assert meant(facts, 'some_x["a.b"]', "source") == (several[0],)
    assert meant(facts, "lone", "source") == (lone,)
    assert meant(facts, "Machine", "source") == (cloud,)
