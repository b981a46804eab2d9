"""What may not be there at all, because nobody can say how many of it there are, lets nothing through for certain."""

from __future__ import annotations

import argparse

import pytest

from networks import TWO_SUBNETS
from seawall.analyze.reachability.reach import reach
from seawall.check.isolation import judged
from seawall.cli.input import load_graph
from seawall.cli.reach import asked
from seawall.facts.demands import Reach
from seawall.facts.isolation import Isolation
from seawall.kernel.address import Address
from seawall.readers.read import facts_of

NETWORK = (
    TWO_SUBNETS
    + """
variable "many" {}
resource "aws_security_group" "g" {
  vpc_id = aws_vpc.v.id
}
resource "aws_network_acl" "l" {
  vpc_id     = aws_vpc.v.id
  subnet_ids = [aws_subnet.b.id]
}
resource "aws_instance" "x" {
  COUNT_X
  subnet_id              = aws_subnet.a.id
  vpc_security_group_ids = [aws_security_group.g.id]
}
resource "aws_instance" "y" {
  subnet_id              = aws_subnet.b.id
  vpc_security_group_ids = [aws_security_group.g.id]
}
resource "aws_vpc_security_group_egress_rule" "g" {
  security_group_id = aws_security_group.g.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}
resource "aws_vpc_security_group_ingress_rule" "g" {
  COUNT_RULE
  security_group_id = aws_security_group.g.id
  cidr_ipv4         = "10.0.0.0/16"
  ip_protocol       = "-1"
}
resource "aws_network_acl_rule" "denies" {
  COUNT_DENIES
  network_acl_id = aws_network_acl.l.id
  rule_number    = 10
  rule_action    = "deny"
  protocol       = "tcp"
  from_port      = 81
  to_port        = 81
  cidr_block     = "10.0.0.0/16"
}
resource "aws_network_acl_rule" "in" {
  network_acl_id = aws_network_acl.l.id
  rule_number    = 20
  rule_action    = "allow"
  protocol       = "-1"
  cidr_block     = "0.0.0.0/0"
}
resource "aws_network_acl_rule" "out" {
  network_acl_id = aws_network_acl.l.id
  rule_number    = 20
  egress         = true
  rule_action    = "allow"
  protocol       = "-1"
  cidr_block     = "0.0.0.0/0"
}
"""
)


@pytest.fixture
def graph(tmp_path):
    """The graph of two instances; of what is named the number is not known."""

    def made(*unknown: str):
        text = NETWORK
        for name in ("X", "RULE", "DENIES"):
            text = text.replace(f"COUNT_{name}\n", "count = var.many\n" if name in unknown else "\n")
        (tmp_path / "main.tf").write_text(text)
        return load_graph([str(tmp_path)], None)[1]

    return made


@pytest.mark.parametrize(
    ("unknown", "port", "answer"),
    [
        ((), 80, "proven"),
        ((), 81, "refuted"),
        (("RULE",), 80, "unknown"),
        (("RULE",), 81, "refuted"),
        (("DENIES",), 80, "proven"),
        (("DENIES",), 81, "unknown"),
    ],
)
def test_a_rule_that_may_not_be_there_decides_nothing(graph, unknown, port, answer):
    """One that would permit and one that would deny are both doubts, which name what would have to be known."""
    built = graph(*unknown)
    here, there = (each.address for each in built if each.type == "aws_instance")
    path = reach(facts_of(built), Reach(Address(here), Address(there), port))
    assert str(path.verdict.answer) == answer, path.lines()
    assert all("many" in reason.what or "count" in reason.what for reason in path.missing)


def test_an_end_of_which_there_may_be_none_is_said_to_be(graph):
    """The path is that of each that there is, and says so; a claim of isolation is not refuted by it."""
    built = graph("X")
    chosen = argparse.Namespace(source="x", target="y", port=80, protocol="tcp")
    path = asked(built, chosen).path
    assert path.verdict.proven
    assert any("how many there are of" in hop.says and "aws_instance.x" in hop.says for hop in path.hops)
    assert judged(facts_of(built), Isolation.parse("x -> y never"))[0].unknown
    assert judged(facts_of(graph()), Isolation.parse("x -> y never"))[0].refuted
