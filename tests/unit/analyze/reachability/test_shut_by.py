"""What keeps the internet out is named: the address that is missing, the way, or the groups."""

from __future__ import annotations

import pytest

from seawall.analyze.reachability.from_internet import INTERNET, from_internet
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.network import AclRule, Filtered, Gateway, Interface, Network, Permit, Route, Routed, Subnet
from seawall.kernel.address import Address
from seawall.kernel.units import ALL_PORTS, ANYWHERE, Cidr, Ports

VPC, SUBNET, TABLE = Address("r/n:aws_vpc.v"), Address("r/n:aws_subnet.s"), Address("r/n:aws_route_table.t")
GATEWAY, GROUP, MACHINE = (
    Address(f"r/n:{name}.x") for name in ("aws_internet_gateway", "aws_security_group", "aws_lb")
)
ACL, WHOLE = VPC.implied("default-acl"), Cidr.parse("10.0.0.0/16")


@pytest.mark.parametrize(
    ("public", "routed", "port", "kind", "says"),
    [
        (False, True, 22, "entrance", "no public address"),
        (True, False, 22, "route", "no route"),
        (True, True, 23, "ingress group", str(GROUP)),
        (True, True, 22, None, ""),
    ],
)
def test_the_first_that_blocks_is_named(public, routed, port, kind, says) -> None:
    """Of a thing with an interface the path from the internet says which of its three doors is shut."""
    facts = Facts(
        [
            Network(VPC, (WHOLE,), "r"),
            Subnet(SUBNET, VPC, WHOLE, "a"),
            Gateway(GATEWAY, "internet", VPC),
            Routed(SUBNET, TABLE),
            Filtered(VPC, ACL),
            AclRule(ACL, "ingress", 100, True, "any", ALL_PORTS, ANYWHERE),
            AclRule(ACL, "egress", 100, True, "any", ALL_PORTS, ANYWHERE),
            Permit(GROUP, "ingress", "tcp", Ports.one(22), ANYWHERE),
            Interface(MACHINE, (SUBNET,), (GROUP,), public),
            *([Route(TABLE, ANYWHERE, GATEWAY, "internet")] if routed else []),
        ]
    )
    path = from_internet(facts, Reach(INTERNET, MACHINE, port))
    assert (path.blocked.kind if path.blocked else None) == kind
    assert path.blocked is None or says in path.blocked.says
