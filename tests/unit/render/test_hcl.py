"""Blocks in Terraform's own language: what a person copies is what was meant."""

from __future__ import annotations

from seawall.kernel.address import Address
from seawall.kernel.value import Ref
from seawall.render.terraform.hcl import block

RULE = Address("r/net:aws_vpc_security_group_ingress_rule.a")


def test_a_block_is_written_as_people_write_it():
    """Aligned, with references within the stack as expressions, indexes in brackets, and numbers as they are."""
    body = {
        "security_group_id": Ref(Address("r/net:aws_eks_cluster.main"), "vpc_config.0.cluster_security_group_id"),
        "from_port": 5432,
        "egress": False,
        "cidr_blocks": ["10.0.0.0/16"],
    }
    assert block(("resource", "aws_vpc_security_group_ingress_rule", "a"), body, RULE) == (
        'resource "aws_vpc_security_group_ingress_rule" "a" {\n'
        "  security_group_id = aws_eks_cluster.main.vpc_config[0].cluster_security_group_id\n"
        "  from_port         = 5432\n"
        "  egress            = false\n"
        '  cidr_blocks       = ["10.0.0.0/16"]\n'
        "}"
    )


def test_what_another_stack_holds_is_no_expression():
    """Terraform would look for it in this one."""
    body = {"id": Ref(Address("r/data:aws_security_group.db"), "id")}
    assert '"<r/data:aws_security_group.db.id>"' in block(("ingress",), body, RULE)


def test_text_cannot_become_an_expression():
    """`${` in a value stays text."""
    assert '"$${evil}"' in block(("ingress",), {"description": "${evil}"}, RULE)
