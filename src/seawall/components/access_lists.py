"""What the access-control lists of a network's tiers let through.

They are stateless: an answer is let back by a rule of its own, from and to the ports from which clients speak.  Traffic
within a subnet, and a subnet's with AWS's own resolver, clock, DHCP and instance metadata, does not pass them (Amazon
VPC User Guide, "Network ACLs", read 2026-11-21).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from seawall.kernel.units import ANYWHERE, Cidr, Ports

MOST_RULES = 20
"""Rules of one direction that a list may hold unless AWS grants more (Amazon VPC quotas, read 2026-11-21)."""
_ALL = Ports(0, 65535)
_HTTPS = Ports.one(443)
_HTTP = Ports.one(80)
# NAT gateways and load balancers speak from 1024 upwards, Linux from 32768: the union is what answers come back to.
_ANSWERS = Ports(1024, 65535)

Rule = tuple[str, Ports | None, Cidr]
"""Protocol, ports and peer; without ports it is ICMP's word that a packet is too large for the way."""


def rules(tier: str, network: Cidr, private: Iterable[Cidr], data: Iterable[Cidr]) -> tuple[list[Rule], list[Rule]]:
    """What the list of a tier lets in, and what it lets out.

    ``public`` takes visitors in on 80 and 443, and answers.  Packets that private subnets send through a NAT gateway
    enter its subnet with the port of their destination, so HTTPS alone gets out that way.  ``data`` speaks with the
    private tiers and itself and nobody else.  Every other tier is private: the network's own traffic moves freely
    there (kubelets, webhooks, pods, DNS over UDP and TCP, health checks), security groups and policies narrow it.
    Visitors reach it through a load balancer with addresses of the network; one that keeps theirs is not provided for.
    """
    # Without it a sender on a jumbo frame never learns that its packets are too large, and hangs.
    too_large: Rule = ("icmp", None, ANYWHERE)
    if tier == "public":
        inward: list[Rule] = [
            ("tcp", _HTTP, ANYWHERE),
            ("tcp", _HTTPS, ANYWHERE),
            ("tcp", _ANSWERS, ANYWHERE),
            too_large,
        ]
        # To the network on every port: pods listen where they like, and their answers are asked for by the balancer.
        outward: list[Rule] = [
            ("tcp", _ALL, network),
            ("tcp", _HTTPS, ANYWHERE),
            ("tcp", _ANSWERS, ANYWHERE),
            too_large,
        ]
        return inward, outward
    if tier == "data":
        near: list[Rule] = [("tcp", _ANSWERS, peer) for peer in (*private, *data)]
        return near, list(near)
    within: list[Rule] = [("tcp", _ALL, network), ("udp", _ALL, network)]
    return [*within, ("tcp", _ANSWERS, ANYWHERE), too_large], [*within, ("tcp", _HTTPS, ANYWHERE), too_large]


def blocks(found: Sequence[Rule]) -> list[dict[str, Any]]:
    """The rules as Terraform writes them, numbered by tens so that one can be put between by hand."""
    return [_block(100 + 10 * number, *rule) for number, rule in enumerate(found)]


def _block(number: int, protocol: str, ports: Ports | None, peer: Cidr) -> dict[str, Any]:
    block: dict[str, Any] = {
        "rule_no": number,
        "action": "allow",
        "protocol": protocol,
        "cidr_block": str(peer),
        "from_port": ports.first if ports else 0,
        "to_port": ports.last if ports else 0,
    }
    # Type 3 code 4: destination unreachable, fragmentation needed.
    return block if ports else block | {"icmp_type": 3, "icmp_code": 4}
