"""A thing whose address is stated is there and nowhere else of its subnet: half of that is let through or is not."""

from __future__ import annotations

import pytest

from networks import TWO_SUBNETS
from seawall.analyze.reachability.partly import partly
from seawall.analyze.reachability.reach import reach
from seawall.cli.input import load_graph
from seawall.facts.demands import Reach
from seawall.readers.read import facts_of

NETWORK = (
    TWO_SUBNETS
    + """
resource "aws_security_group" "s" {
  vpc_id = aws_vpc.v.id
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["HALF"]
  }
}
resource "aws_security_group" "t" {
  vpc_id = aws_vpc.v.id
  ingress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["10.0.0.0/16"]
  }
}
resource "aws_instance" "x" {
  subnet_id              = aws_subnet.a.id
  vpc_security_group_ids = [aws_security_group.s.id]
}
"""
)
MACHINE = """
resource "aws_instance" "y" {
  subnet_id              = aws_subnet.b.id
  vpc_security_group_ids = [aws_security_group.t.id]
  STATED private_ip      = "10.0.2.10"
}
"""
BALANCER = """
resource "aws_lb" "y" {
  internal           = true
  load_balancer_type = "network"
  security_groups    = [aws_security_group.t.id]
  subnet_mapping {
    subnet_id                   = aws_subnet.b.id
    STATED private_ipv4_address = "10.0.2.10"
  }
}
"""
FILES = """
resource "aws_efs_file_system" "y" {
}
resource "aws_efs_mount_target" "m" {
  file_system_id  = aws_efs_file_system.y.id
  subnet_id       = aws_subnet.b.id
  security_groups = [aws_security_group.t.id]
  STATED ip_address = "10.0.2.10"
}
"""


@pytest.mark.parametrize("target", [MACHINE, BALANCER, FILES])
@pytest.mark.parametrize(
    ("half", "stated", "answer"),
    [
        ("10.0.2.0/25", True, "proven"),
        ("10.0.2.128/25", True, "refuted"),
        ("10.0.2.0/25", False, "in part"),
        ("10.0.2.128/25", False, "in part"),
    ],
)
def test_a_stated_address_is_in_one_half(tmp_path, target, half, stated, answer):
    """Machines, internal balancers and mount targets alike; where it is not stated it may be in either half."""
    text = NETWORK.replace("HALF", half) + target.replace("STATED ", "" if stated else "# ")
    (tmp_path / "main.tf").write_text(text)
    graph = load_graph([str(tmp_path)], None)[1]
    here, there = (next(each.address for each in graph if each.address.endswith(end)) for end in (".x", ".y"))
    demand = Reach(here, there, 2049)
    path = reach(facts_of(graph), demand)
    part = partly(facts_of(graph), demand) if path.verdict.refuted else None
    assert ("in part" if part is not None else str(path.verdict.answer)) == answer, path.lines()
