"""Who reaches whom: every pair of an input, the internet among them."""

from __future__ import annotations

from seawall.analyze.reachability.matrix import INTERNET, Matrix, matrix
from seawall.analyze.reachability.reach import reach
from seawall.analyze.reachability.traffic import EVERYTHING, Traffic
from seawall.facts.compute import NodeGroup
from seawall.facts.data import Store
from seawall.facts.demands import Reach
from seawall.facts.fact import Fact
from seawall.facts.facts import Facts
from seawall.facts.network import (
    AclRule,
    Filtered,
    Gateway,
    Interface,
    Listens,
    Network,
    Permit,
    Route,
    Routed,
    Subnet,
)
from seawall.facts.pod_network import Isolates, PolicyPermit, RangePeer, Selector
from seawall.kernel.address import Address
from seawall.kernel.units import ALL_PORTS, ANYWHERE, Cidr, Ports
from unit.analyze.reachability.test_pod_policies import estate, facts_of, workload

VPC, TABLE, ACL = (Address(f"r/n:aws_vpc.main{part}") for part in ("", "//main", "//default-acl"))
SUBNET, DATA = Address("r/n:aws_subnet.app"), Address("r/n:aws_subnet.data")
NODE, STORE = Address("r/c:aws_security_group.node"), Address("r/d:aws_security_group.db")
DATABASE, BASTION = Address("r/d:aws_db_instance.db"), Address("r/e:aws_instance.bastion")
GATEWAY = Address("r/n:aws_internet_gateway.main")
WEB, API = Address("main/Deployment/shop/web"), Address("main/Deployment/shop/api")
POLICY, SPACE = Address("main/NetworkPolicy/shop/p"), Address("main/Namespace/shop")
TCP_3306 = Ports.one(3306)


def shop(*more: Fact) -> Facts:
    """Two workloads, a database that they may reach, and a bastion with a public address."""
    network = (
        Network(VPC, (Cidr.parse("10.0.0.0/16"),), "r"),
        Routed(VPC, TABLE),
        Route(TABLE, Cidr.parse("10.0.0.0/16"), None, "local"),
        Route(TABLE, ANYWHERE, GATEWAY, "internet"),
        Gateway(GATEWAY, "internet", VPC),
        Filtered(VPC, ACL),
        AclRule(ACL, "ingress", 100, True, "any", ALL_PORTS, ANYWHERE),
        AclRule(ACL, "egress", 100, True, "any", ALL_PORTS, ANYWHERE),
        Subnet(DATA, VPC, Cidr.parse("10.0.8.0/24"), "a"),
        Interface(DATABASE, (DATA,), (STORE,)),
        Store(DATABASE, "database", "mysql", "8.0", "r"),
        Listens(DATABASE, "tcp", TCP_3306),
        Permit(STORE, "ingress", "tcp", TCP_3306, NODE),
        Permit(NODE, "ingress", "any", ALL_PORTS, NODE),
        Permit(NODE, "egress", "any", ALL_PORTS, ANYWHERE),
        Interface(BASTION, (SUBNET,), (NODE, Address("r/e:aws_security_group.ssh")), True),
        Permit(Address("r/e:aws_security_group.ssh"), "ingress", "tcp", Ports.one(22), ANYWHERE),
    )
    return facts_of(workload("web"), workload("api"), more=(*estate(), *network, *more))


def test_rows_are_whoever_opens_connections_and_columns_whoever_is_there() -> None:
    """A store opens none; the internet is both; and a group of nodes is an end of its own."""
    whole = matrix(shop())
    nodes = Address("r/c:aws_eks_node_group.main")
    assert whole.sources == (*sorted((WEB, API, BASTION, nodes)), INTERNET)
    assert whole.targets == (*sorted((WEB, API, BASTION, nodes, DATABASE)), INTERNET)


def test_what_is_open_is_a_cell_and_what_is_shut_is_none() -> None:
    """Of a database only what it listens on is open; nobody reaches from outside but the bastion."""
    whole = Matrix(shop())
    cells = {(cell.source, cell.target): cell for cell in whole.cells()}
    assert cells[WEB, DATABASE].every.sure == Traffic.of("tcp", TCP_3306)
    assert cells[WEB, API].every.sure == EVERYTHING
    assert (INTERNET, DATABASE) not in cells
    assert (INTERNET, INTERNET) not in cells
    assert cells[INTERNET, BASTION].some.may == Traffic.of("tcp", Ports.one(22))
    assert whole.between(WEB, DATABASE).ask(Traffic.of("tcp", Ports.one(5432))).refuted
    assert not whole.somewhere(INTERNET, WEB).may


def test_alike_workloads_are_worked_out_once() -> None:
    """Two workloads that no policy tells apart are one class, and each is told apart by a policy of its own."""
    assert len(Matrix(shop())._classes) == 5
    isolates = Isolates(POLICY, SPACE, Selector((("app", "web"),)), "egress")
    whole = Matrix(shop(isolates))
    assert len(whole._classes) == 6
    assert not whole.somewhere(WEB, DATABASE).may
    assert whole.between(API, DATABASE).ask(Traffic.of("tcp", TCP_3306)).proven


def test_one_of_two_subnets_is_a_way_for_some_and_not_for_every() -> None:
    """A policy that leaves out one of the subnets of a database breaks a need, and rules nothing out."""
    second = Address("r/n:aws_subnet.second")
    facts = shop(
        Subnet(second, VPC, Cidr.parse("10.0.9.0/24"), "b"),
        Interface(DATABASE, (second,), (STORE,)),
        Isolates(POLICY, SPACE, Selector((("app", "web"),)), "egress"),
        PolicyPermit(POLICY, "egress", "tcp", TCP_3306, RangePeer(Cidr.parse("10.0.8.0/24"))),
    )
    asked = Traffic.of("tcp", TCP_3306)
    assert Matrix(facts).between(WEB, DATABASE).ask(asked).refuted
    assert Matrix(facts).somewhere(WEB, DATABASE).ask(asked).proven
    assert reach(facts, Reach(WEB, DATABASE, 3306)).blocked is not None


def test_nodes_alone_have_no_pods() -> None:
    """An input without workloads, or with nothing, has a matrix all the same."""
    assert list(Matrix(Facts(())).cells()) == []
    facts = Facts(
        [*estate(), NodeGroup(Address("r/c:aws_eks_node_group.other"), Address("x"), (), 1, 1, 1, "spot", "")]
    )
    assert INTERNET in Matrix(facts).sources


def test_pods_on_one_node_need_no_group() -> None:
    """Where the nodes' group does not let in its own, pods reach each other only if they lie side by side."""
    own = Permit(NODE, "ingress", "any", ALL_PORTS, NODE)
    facts = Facts([fact for fact in shop() if fact != own])
    assert Matrix(facts).between(WEB, API).ask(Traffic.of("tcp")).refuted
    assert Matrix(facts).somewhere(WEB, API).sure == EVERYTHING


def test_files_are_mounted_by_the_node() -> None:
    """No policy of the pods that find them is asked."""
    files, isolates = Address("r/d:aws_efs_file_system.files"), Isolates(POLICY, SPACE, Selector(), "egress")
    facts = shop(
        isolates,
        Interface(files, (DATA,), (STORE,)),
        Store(files, "file-system", "efs", "", "r"),
        Permit(STORE, "ingress", "tcp", Ports.one(2049), NODE),
    )
    whole = Matrix(facts)
    assert whole.between(WEB, files).ask(Traffic.of("tcp", Ports.one(2049))).proven
    assert not whole.somewhere(WEB, DATABASE).may
    assert reach(facts, Reach(WEB, files, 2049)).verdict.proven
