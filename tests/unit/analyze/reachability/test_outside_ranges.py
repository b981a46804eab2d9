"""A range of the internet's addresses as an end: its path is that of all of it, and the least that opens it is told."""

from __future__ import annotations

import pytest

from networks import public_subnet
from seawall.analyze.reachability.opening import applied, smallest
from seawall.analyze.reachability.outside_ranges import part_with_range, range_of_end, with_range
from seawall.cli.input import load_graph
from seawall.facts.demands import Reach
from seawall.graph.graph import Graph
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr
from seawall.readers.read import facts_of

BASE = (
    public_subnet(by_default=False)
    + """
resource "aws_instance" "w" {
  subnet_id                   = aws_subnet.s.id
  associate_public_ip_address = PUBLIC
  vpc_security_group_ids      = [aws_security_group.w.id]
}
"""
)
BALANCER = """
resource "aws_lb" "l" {
  load_balancer_type = "application"
  internal           = false
  subnets            = [aws_subnet.s.id]
  security_groups    = [aws_security_group.l.id]
}
resource "aws_lb_listener" "l" {
  load_balancer_arn = aws_lb.l.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.t.arn
  }
}
resource "aws_lb_target_group" "t" {
  port     = 8080
  protocol = "HTTP"
  vpc_id   = aws_vpc.v.id
}
resource "aws_lb_target_group_attachment" "w" {
  target_group_arn = aws_lb_target_group.t.arn
  target_id        = aws_instance.w.id
  port             = 8080
}
"""
DENIED = """
resource "aws_network_acl" "a" {
  vpc_id     = aws_vpc.v.id
  subnet_ids = [aws_subnet.s.id]
  ingress {
    rule_no    = 10
    action     = "deny"
    protocol   = "-1"
    cidr_block = "203.0.113.0/24"
    from_port  = 0
    to_port    = 0
  }
  ingress {
    rule_no    = 20
    action     = "allow"
    protocol   = "-1"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }
  egress {
    rule_no    = 20
    action     = "allow"
    protocol   = "-1"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }
}
"""
RANGE = "203.0.113.0/24"


def group(name: str, *rules: tuple[str, int, str]) -> str:
    """A security group with these rules: direction, port and whom, a range or a group."""
    blocks = ""
    for direction, port, whom in rules:
        peer = f'cidr_blocks = ["{whom}"]' if "/" in whom else f"security_groups = [aws_security_group.{whom}.id]"
        blocks += f'{direction} {{\n from_port = {port}\n to_port = {port}\n protocol = "tcp"\n {peer}\n}}\n'
    return f'resource "aws_security_group" "{name}" {{\nvpc_id = aws_vpc.v.id\n{blocks}}}\n'


@pytest.fixture
def estate(tmp_path):
    """The graph of a machine in a public subnet, with its groups and what else is there."""

    def made(*parts: str, public: bool = True) -> Graph:
        folder = tmp_path / "x"
        folder.mkdir(exist_ok=True)
        (folder / "main.tf").write_text("\n".join((BASE.replace("PUBLIC", str(public).lower()), *parts)))
        return load_graph([str(folder)], None)[1]

    return made


def machine(graph: Graph) -> Address:
    """The address of the machine."""
    return next(resource.address for resource in graph if resource.type == "aws_instance")


def inward(graph: Graph, whom: str = RANGE, port: int = 22) -> Reach:
    """What these addresses ask of the machine."""
    return Reach(Address(whom), machine(graph), port)


@pytest.mark.parametrize(
    ("rules", "whom", "verdict", "part"),
    [
        ([("ingress", 22, "0.0.0.0/0")], RANGE, "proven", "proven"),
        ([("ingress", 22, RANGE)], RANGE, "proven", "proven"),
        ([("ingress", 22, "203.0.113.0/25"), ("ingress", 22, "203.0.113.128/25")], RANGE, "proven", "proven"),
        ([("ingress", 22, "203.0.113.0/25")], RANGE, "refuted", "proven"),
        ([("ingress", 22, "203.0.113.0/25")], "203.0.113.7/32", "proven", "proven"),
        ([("ingress", 22, "203.0.113.0/25")], "203.0.113.200/32", "refuted", None),
        ([("ingress", 23, "0.0.0.0/0")], RANGE, "refuted", None),
        ([("ingress", 22, "10.0.0.0/8")], "10.1.0.0/16", "unknown", None),
        ([], RANGE, "refuted", None),
    ],
)
def test_a_range_gets_in_where_all_of_it_does(estate, rules, whom, verdict, part):
    """Its path is open for all of it, what some of it does is told apart, and private addresses are nobody's."""
    graph = estate(group("w", *rules))
    facts, demand = facts_of(graph), inward(graph, whom)
    path = with_range(facts, demand)
    assert str(path.verdict.answer) == verdict, path.lines()
    found = part_with_range(facts, demand)
    assert (None if found is None or found.unknown else str(found.answer)) == part


def test_a_list_that_denies_a_range_denies_it_alone(estate):
    """The internet gets in and the range does not: the list's rule is the hop that blocks, and an entry opens it."""
    graph = estate(group("w", ("ingress", 22, "0.0.0.0/0")), DENIED)
    path = with_range(facts_of(graph), inward(graph))
    assert path.blocked.kind == "ingress acl"
    assert "rule 10" in path.blocked.says
    assert with_range(facts_of(graph), inward(graph, "198.51.100.0/24")).verdict.proven
    opened(graph, inward(graph), ["aws_network_acl"])


def opened(graph: Graph, demand: Reach, types: list[str]) -> None:
    """That the changes that are offered are of these types, open the path, and are the least."""
    found = smallest(facts_of(graph), demand)
    assert [change.resource.type for change in found.changes] == types
    assert found.verdict.proven, found
    assert with_range(facts_of(applied(graph, found.changes)), demand).verdict.proven
    for change in found.changes:
        others = [other for other in found.changes if other is not change]
        assert not with_range(facts_of(applied(graph, others)), demand).verdict.proven
    for change in found.changes:
        assert "0.0.0.0/0" not in str(change.resource.body)


def test_a_range_is_let_in_by_a_rule_for_it_and_for_nobody_else(estate):
    """A machine with a public address gets one rule of its group."""
    graph = estate(group("w"))
    opened(graph, inward(graph), ["aws_vpc_security_group_ingress_rule"])


@pytest.mark.parametrize(
    ("front", "own", "types"),
    [
        ([("ingress", 80, "198.51.100.0/24")], [("ingress", 8080, "l")], ["aws_security_group"]),
        ([("ingress", 80, RANGE)], [("ingress", 9, "l")], ["aws_security_group"]),
        ([("ingress", 80, "198.51.100.0/24")], [("ingress", 9, "l")], ["aws_security_group"] * 2),
        ([("ingress", 80, RANGE)], [("ingress", 8080, "l")], []),
    ],
)
def test_behind_a_balancer_its_door_and_that_of_the_thing_are_opened(estate, front, own, types):
    """The range is let in to the balancer on its own port, the balancer to the thing, each only where it is not yet."""
    out = ("egress", 8080, "10.0.0.0/16")
    graph = estate(group("l", *front, out), group("w", *own), BALANCER, public=False)
    opened(graph, inward(graph, port=8080), types)


def test_what_no_rule_opens_is_left(estate):
    """A thing without a public address and with nothing in front is not to be reached by any rule."""
    graph = estate(group("w", ("ingress", 22, "0.0.0.0/0")), public=False)
    found = smallest(facts_of(graph), inward(graph))
    assert not found.changes
    assert "no public address" in found.left[0]


@pytest.mark.parametrize(
    ("rules", "verdict"),
    [
        ([("egress", 443, "0.0.0.0/0")], "proven"),
        ([("egress", 443, RANGE)], "proven"),
        ([("egress", 443, "203.0.113.0/25")], "refuted"),
        ([("egress", 443, "198.51.100.0/24")], "refuted"),
    ],
)
def test_a_range_is_reached_where_all_of_it_is(estate, rules, verdict):
    """The way out asks groups and routes for the whole range, and one rule for it opens the rest."""
    graph = estate(group("w", *rules))
    demand = Reach(machine(graph), Address(RANGE), 443)
    path = with_range(facts_of(graph), demand)
    assert str(path.verdict.answer) == verdict, path.lines()
    if path.verdict.refuted:
        assert path.blocked.kind == "egress group"
        opened(graph, demand, ["aws_security_group"])


@pytest.mark.parametrize(
    ("end", "cidr"),
    [
        ("203.0.113.0/24", Cidr.parse("203.0.113.0/24")),
        ("2001:db8::/32", Cidr.parse("2001:db8::/32")),
        ("internet", None),
        ("cluster/Deployment/shop/web", None),
        ("r/n:aws_instance.x", None),
    ],
)
def test_only_what_is_spelled_as_a_range_is_one(end, cidr):
    """Addresses of things are no ranges, whatever they have in common with one."""
    assert range_of_end(Address(end)) == cidr
