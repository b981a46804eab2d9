"""The smallest change that opens a path: made to the graph it opens it, and without any part of it the path is shut."""

from __future__ import annotations

from functools import cache

import pytest

from platforms import shipped
from seawall.analyze.reachability.opening import applied, smallest
from seawall.analyze.reachability.reach import reach
from seawall.facts.demands import Reach
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref
from seawall.readers.read import facts_of

WEB = Address("petclinic-production/Deployment/petclinic/web")
WAS = Address("petclinic-production/Rollout/petclinic/was")
SESSIONS = Address("petclinic-production/StatefulSet/petclinic/sessions")
DATABASE = Address("ap-northeast-2/data:aws_db_instance.petclinic_db")


def opened(graph, demand):
    """The opening of a demand, shown to open it and to be the least."""
    opening = smallest(facts_of(graph), demand)
    assert reach(facts_of(applied(graph, opening.changes)), demand).verdict.answer is opening.verdict.answer
    for change in opening.changes:
        others = [other for other in opening.changes if other is not change]
        assert reach(facts_of(applied(graph, others)), demand).verdict.refuted, change
    return opening


@cache
def petclinic():
    """The shipped platform's graph, expanded once."""
    return shipped("petclinic")[1]


@pytest.mark.parametrize(
    ("source", "target", "port", "parts"),
    [
        (WEB, DATABASE, 3306, ["egress"]),
        (WEB, Address("petclinic-production/Service/petclinic/was"), 8080, ["egress", "ingress"]),
        (WEB, SESSIONS, 6379, ["egress", "ingress"]),
        (SESSIONS, DATABASE, 3306, ["egress"]),
        (WAS, DATABASE, 3306, []),
    ],
)
def test_policies_open_what_policies_shut(source, target, port, parts):
    """Between pods each side that says no gets one policy; towards a store only the pods' own; open paths none."""
    opening = opened(petclinic(), Reach(source, target, port))
    assert opening.verdict.proven
    assert [change.resource.body["spec"]["policyTypes"][0].lower() for change in opening.changes] == parts


def test_what_no_rule_opens_is_left_and_named():
    """A port that nothing listens on stays shut whatever is let through."""
    opening = smallest(facts_of(petclinic()), Reach(WAS, DATABASE, 3307))
    assert opening.verdict.refuted
    assert [left.partition(":")[0] for left in opening.left] == ["listens"]


VPC, APP, DATA = (Address(f"r/n:{path}") for path in ("aws_vpc.main", "aws_subnet.app", "aws_subnet.data"))
HERE, THERE = Address("r/a:aws_instance.app"), Address("r/d:aws_instance.data")
NEAR, FAR = Address("r/a:aws_security_group.app"), Address("r/d:aws_security_group.data")
ACL = Address("r/n:aws_network_acl.data")
ANY = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}


def estate(*more, near=None, far=None):
    """Two instances in two subnets of a network, with the rules of their groups, and what else is there."""
    vpc = {"vpc_id": Ref(VPC, "id")}
    bodies = {
        VPC: {"cidr_block": "10.0.0.0/16"},
        APP: {**vpc, "cidr_block": "10.0.1.0/24", "availability_zone": "ra"},
        DATA: {**vpc, "cidr_block": "10.0.2.0/24", "availability_zone": "ra"},
        NEAR: {**vpc, **(near or {})},
        FAR: {**vpc, **(far or {})},
        HERE: {"subnet_id": Ref(APP, "id"), "vpc_security_group_ids": [Ref(NEAR, "id")]},
        THERE: {"subnet_id": Ref(DATA, "id"), "vpc_security_group_ids": [Ref(FAR, "id")]},
    }
    made = [Resource(of, of.as_terraform().type, body, region="r") for of, body in bodies.items()]
    return Graph([*made, *more])


def test_a_group_is_opened_by_a_rule_that_names_the_other_group():
    """Two rules of their own for two groups that let nothing through."""
    opening = opened(estate(), Reach(HERE, THERE, 5432))
    assert opening.verdict.proven
    assert [(change.does, change.resource.type) for change in opening.changes] == [
        ("add", "aws_vpc_security_group_egress_rule"),
        ("add", "aws_vpc_security_group_ingress_rule"),
    ]
    assert opening.changes[1].resource.body == {
        "security_group_id": Ref(FAR, "id"),
        "referenced_security_group_id": Ref(NEAR, "id"),
        "ip_protocol": "tcp",
        "from_port": 5432,
        "to_port": 5432,
    }


def test_a_group_with_rules_of_its_own_gets_another_block():
    """Beside inline rules Terraform takes away any that stand for themselves, so a block is appended."""
    ssh = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["10.0.0.0/16"]}
    opening = opened(estate(near={"egress": [ANY]}, far={"ingress": [ssh]}), Reach(HERE, THERE, 5432))
    assert opening.verdict.proven
    assert [(change.does, change.resource.address, set(change.resource.body)) for change in opening.changes] == [
        ("append", FAR, {"ingress"})
    ]


def test_a_list_that_forgets_the_way_back_gets_one_entry_before_what_denies():
    """Only the direction that is missing, on the ports that a client may have, ahead of the denial."""
    rule = {"protocol": "tcp", "from_port": 0, "to_port": 65535, "cidr_block": "10.0.0.0/16"}
    acl = Resource(
        ACL,
        "aws_network_acl",
        {
            "vpc_id": Ref(VPC, "id"),
            "subnet_ids": [Ref(DATA, "id")],
            "ingress": [{**rule, "rule_no": 100, "action": "allow"}],
            "egress": [{**rule, "rule_no": 90, "action": "deny"}],
        },
        region="r",
    )
    opening = opened(estate(acl, near={"egress": [ANY]}, far={"ingress": [ANY]}), Reach(HERE, THERE, 5432))
    assert opening.verdict.proven
    (change,) = opening.changes
    (block,) = change.resource.body["egress"]
    assert (change.does, block["rule_no"], block["from_port"], block["to_port"]) == ("append", 89, 1024, 65535)


def test_a_group_that_is_not_known_is_not_guessed_at():
    """Where nobody knows the groups nothing is offered, and the path stays unknown."""
    from seawall.kernel.value import Unknown

    graph = estate(near={"egress": [ANY]}, far={"ingress": [ANY]})
    body = {**graph[THERE].body, "vpc_security_group_ids": Unknown("var.groups")}
    graph = graph.changed(put=[Resource(THERE, "aws_instance", body, region="r")])
    opening = smallest(facts_of(graph), Reach(HERE, THERE, 5432))
    assert opening.changes == ()
    assert opening.verdict.unknown


@pytest.mark.parametrize("inline", [False, True])
def test_a_peering_that_no_route_leads_through_gets_one_on_each_side(inline):
    """The networks are joined already; each table lacks its way, there and back, and the groups name each other."""
    other, table = Address("r/n:aws_vpc.other"), Address("r/n:aws_route_table.data")
    peering = Address("r/n:aws_vpc_peering_connection.both")
    graph = estate(near={"egress": [ANY]})
    data = {**graph[DATA].body, "vpc_id": Ref(other, "id"), "cidr_block": "10.9.2.0/24"}
    gateway = Address("r/n:aws_internet_gateway.other")
    routes = {"route": [{"cidr_block": "0.0.0.0/0", "gateway_id": Ref(gateway, "id")}]} if inline else {}
    bodies = {
        DATA: data,
        FAR: {"vpc_id": Ref(other, "id")},
        other: {"cidr_block": "10.9.0.0/16"},
        gateway: {"vpc_id": Ref(other, "id")},
        table: {"vpc_id": Ref(other, "id"), **routes},
        Address("r/n:aws_route_table_association.data"): {
            "subnet_id": Ref(DATA, "id"),
            "route_table_id": Ref(table, "id"),
        },
        peering: {"vpc_id": Ref(VPC, "id"), "peer_vpc_id": Ref(other, "id"), "auto_accept": True},
    }
    made = [Resource(of, of.as_terraform().type, body, region="r") for of, body in bodies.items()]
    opening = opened(graph.changed(put=made), Reach(HERE, THERE, 5432))
    assert opening.verdict.proven, opening
    assert sorted((change.does, change.resource.type) for change in opening.changes) == sorted(
        [
            ("add", "aws_route"),
            ("append", "aws_route_table") if inline else ("add", "aws_route"),
            ("add", "aws_vpc_security_group_ingress_rule"),
        ]
    )


def test_networks_that_nothing_joins_are_not_joined():
    """To make a peering is no small change: it is left, and named."""
    graph = estate(near={"egress": [ANY]}, far={"ingress": [ANY]})
    other = Address("r/n:aws_vpc.other")
    bodies = {other: {"cidr_block": "10.9.0.0/16"}, DATA: {"vpc_id": Ref(other, "id"), "cidr_block": "10.9.2.0/24"}}
    made = [Resource(of, of.as_terraform().type, body, region="r") for of, body in bodies.items()]
    opening = smallest(facts_of(graph.changed(put=made)), Reach(HERE, THERE, 5432))
    assert opening.verdict.refuted
    assert [left.partition(":")[0] for left in opening.left] == ["route"]


def test_pods_that_cannot_look_up_a_name_are_let_ask_dns():
    """Where only the look-up is shut, one policy opens it, for both protocols that DNS speaks."""
    labels = {"matchLabels": {"app": "web"}}
    spec = {"containers": [{"name": "c", "image": "c:1", "ports": [{"containerPort": 80}]}]}
    pods = {"selector": labels, "template": {"metadata": {"labels": labels["matchLabels"]}, "spec": spec}}
    only = {"podSelector": labels, "policyTypes": ["Egress"], "egress": [{"ports": [{"port": 80}]}]}
    made = {
        ("apps/v1", "Deployment", "web"): pods,
        ("v1", "Service", "web"): {"selector": labels["matchLabels"], "ports": [{"port": 80}]},
        ("networking.k8s.io/v1", "NetworkPolicy", "only"): only,
    }
    graph = Graph(
        Resource(
            Address.kubernetes("c", kind, "n", name),
            f"{version}/{kind}",
            {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "n"}, "spec": body},
        )
        for (version, kind, name), body in made.items()
    )
    source = Address.kubernetes("c", "Deployment", "n", "web")
    opening = opened(graph, Reach(source, Address.kubernetes("c", "Service", "n", "web"), 80))
    assert opening.verdict.proven
    (change,) = opening.changes
    assert [each["protocol"] for each in change.resource.body["spec"]["egress"][0]["ports"]] == ["UDP", "TCP"]


def test_a_default_group_that_is_taken_over_gets_a_block():
    """Things that name no group have it, its rules stand within it, and of itself it cannot speak by reference."""
    default = Address("r/n:aws_default_security_group.main")
    graph = estate(Resource(default, "aws_default_security_group", {"vpc_id": Ref(VPC, "id")}, region="r"))
    for each in (HERE, THERE):
        body = {name: value for name, value in graph[each].body.items() if name != "vpc_security_group_ids"}
        graph = graph.changed(put=[Resource(each, "aws_instance", body, region="r")])
    opening = opened(graph, Reach(HERE, THERE, 5432))
    assert opening.verdict.proven
    assert [(change.does, change.resource.address, change.resource.type) for change in opening.changes] == [
        ("append", default, "aws_default_security_group"),
        ("append", default, "aws_default_security_group"),
    ]
    assert opening.changes[0].resource.body["egress"][0]["self"] is True
