"""A rule for one code of ICMP is for its type only where that has no other."""

from __future__ import annotations

import pytest

from networks import TWO_SUBNETS
from seawall.analyze.reachability.reach import reach
from seawall.cli.input import load_graph
from seawall.facts.demands import Reach
from seawall.readers.read import facts_of

NETWORK = (
    TWO_SUBNETS
    + """
resource "aws_security_group" "g" {
  vpc_id = aws_vpc.v.id
  ingress {
    protocol    = "icmp"
    from_port   = TYPE
    to_port     = CODE
    cidr_blocks = ["10.0.0.0/16"]
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_network_acl" "l" {
  vpc_id     = aws_vpc.v.id
  subnet_ids = [aws_subnet.b.id]
  DENIED
  ingress {
    rule_no    = 20
    action     = "allow"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = "0.0.0.0/0"
  }
  egress {
    rule_no    = 20
    action     = "allow"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = "0.0.0.0/0"
  }
}
resource "aws_instance" "x" {
  subnet_id              = aws_subnet.a.id
  vpc_security_group_ids = [aws_security_group.g.id]
}
resource "aws_instance" "y" {
  subnet_id              = aws_subnet.b.id
  vpc_security_group_ids = [aws_security_group.g.id]
}
"""
)
DENIED = """
  ingress {
    rule_no    = 10
    action     = "deny"
    protocol   = "icmp"
    icmp_type  = 3
    icmp_code  = CODE
    from_port  = 0
    to_port    = 0
    cidr_block = "0.0.0.0/0"
  }
"""


@pytest.mark.parametrize(
    ("type", "code", "denied", "asked", "answer"),
    [
        (3, -1, None, 3, "proven"),
        (3, 4, None, 3, "unknown"),
        (3, 4, None, 8, "refuted"),
        (8, 0, None, 8, "proven"),
        (8, -1, None, 8, "proven"),
        (-1, -1, None, 3, "proven"),
        (-1, -1, -1, 3, "refuted"),
        (-1, -1, 4, 3, "unknown"),
        (-1, -1, 4, 8, "proven"),
    ],
)
def test_a_code_narrows_a_type_that_has_several(tmp_path, type, code, denied, asked, answer):
    """Of type 3 a rule for code 4 is a doubt, in a group and in a list; a ping has one code, and so no doubt."""
    text = NETWORK.replace("TYPE", str(type)).replace("= CODE", f"= {code}")
    text = text.replace("DENIED", "" if denied is None else DENIED.replace("CODE", str(denied)))
    (tmp_path / "main.tf").write_text(text)
    graph = load_graph([str(tmp_path)], None)[1]
    here, there = (each.address for each in graph if each.type == "aws_instance")
    path = reach(facts_of(graph), Reach(here, there, asked, "icmp"))
    assert str(path.verdict.answer) == answer, path.lines()
