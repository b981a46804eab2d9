"""An independent model of a VPC that sends single packets: no sets, no ranges of ports, the standard library alone.

Sources: the VPC user guide on security groups (stateful, permits only), on network ACLs (stateless, lowest number
first, not between things of one subnet) and on route priority (longest prefix; local).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any

CLIENT_PORTS = (1024, 2000, 3306, 10000, 32767, 32768, 40000, 50000, 55000, 60999, 61000, 63000, 65535)
"""Every port that a rule of a world may begin or end at, and one of each stretch between: where clients speak from."""
LINUX_PORTS = tuple(port for port in CLIENT_PORTS if 32768 <= port <= 60999)


@cache
def net(spelling: str) -> Any:
    """A network, parsed once."""
    return ip_network(spelling)


@cache
def inside(address: str, cidr: str) -> bool:
    """Whether an address lies in a range; of another version it does not."""
    return ip_address(address) in net(cidr)


@dataclass
class Rule:
    """A rule of a group or a list: protocol None is any; ``peer`` is a range or the name of a group."""

    direction: str
    protocol: str | None
    first: int
    last: int
    peer: str
    order: int = 0
    allow: bool = True


@dataclass
class World:
    """Networks with their ranges, subnets, tables, lists, groups and things, by name."""

    networks: dict[str, list[str]] = field(default_factory=dict)
    subnets: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    tables: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    lists: dict[str, list[Rule]] = field(default_factory=dict)
    groups: dict[str, list[Rule]] = field(default_factory=dict)
    things: dict[str, tuple[list[str], list[str], bool, bool]] = field(default_factory=dict)
    peerings: dict[str, tuple[str, str]] = field(default_factory=dict)


def _fits(rule: Rule, protocol: str, port: int) -> bool:
    return rule.protocol is None or (rule.protocol == protocol and rule.first <= port <= rule.last)


def group_lets(
    world: World, thing: str, direction: str, address: str, other: str | None, protocol: str, port: int
) -> bool:
    """Whether a permit of a thing's groups means this packet; ``other`` is the thing at the other end."""
    carried = world.things[other][1] if other is not None else []
    for group in world.things[thing][1]:
        for rule in world.groups[group]:
            if rule.direction != direction or not _fits(rule, protocol, port):
                continue
            if rule.peer in carried if rule.peer in world.groups else inside(address, rule.peer):
                return True
    return False


def list_lets(world: World, subnet: str, direction: str, address: str, protocol: str, port: int) -> bool:
    """What the first rule that matches says; no rule denies."""
    rules = [rule for rule in world.lists[subnet] if rule.direction == direction]
    for rule in sorted(rules, key=lambda rule: rule.order):
        if _fits(rule, protocol, port) and inside(address, rule.peer):
            return rule.allow
    return False


def goes(world: World, subnet: str, address: str) -> tuple[str, str] | None:
    """By which kind of route, through what, a packet leaves a subnet: the longest prefix wins."""
    network = world.subnets[subnet][0]
    found: tuple[int, str, str] | None = None
    for cidr in world.networks[network]:
        if inside(address, cidr):
            found = (net(cidr).prefixlen, "local", network)
    for cidr, kind, via in world.tables[subnet]:
        if found is not None and found[1] == "local" and kind != "nat":
            continue  # AWS takes no route into a network's own range but to a middlebox
        if inside(address, cidr) and (found is None or net(cidr).prefixlen > found[0]):
            found = (net(cidr).prefixlen, kind, via)
    return None if found is None else (found[1], found[2])


def arrives(world: World, subnet: str, other: str, address: str) -> bool:
    """Whether a packet from one subnet gets to an address of another."""
    if subnet == other:
        return True
    way = goes(world, subnet, address)
    if way is None:
        return False
    kind, via = way
    here, there = world.subnets[subnet][0], world.subnets[other][0]
    if kind == "local":
        return here == there
    return kind == "peering" and set(world.peerings[via]) == {here, there} and here != there


def asks(
    world: World, one: str, at: str, mine: str, other: str, to: str, theirs: str, protocol: str, port: int
) -> bool:
    """Whether the first packet of a connection arrives: from a thing's address in a subnet to another's."""
    if at != to and not list_lets(world, at, "egress", theirs, protocol, port):
        return False
    if at != to and not list_lets(world, to, "ingress", mine, protocol, port):
        return False
    return (
        group_lets(world, one, "egress", theirs, other, protocol, port)
        and arrives(world, at, to, theirs)
        and group_lets(world, other, "ingress", mine, one, protocol, port)
    )


def answers(world: World, at: str, mine: str, to: str, theirs: str, protocol: str, port: int) -> bool:
    """Whether an answer gets back to the port from which was asked; groups remember the connection."""
    if at == to:
        return True
    return (
        list_lets(world, to, "egress", mine, protocol, port)
        and arrives(world, to, at, mine)
        and list_lets(world, at, "ingress", theirs, protocol, port)
    )


def spots(world: World, thing: str, version: int) -> list[tuple[str, str]]:
    """Every subnet with every address where a thing may be."""
    return [
        (subnet, str(address))
        for subnet in world.things[thing][0]
        for cidr in world.subnets[subnet][1]
        if net(cidr).version == version
        for address in net(cidr)
    ]


def versions(world: World, *things: str) -> tuple[int, ...]:
    """The versions of IP that all of these things speak."""
    return (4, 6) if all(world.things[thing][3] for thing in things) else (4,)


def connects(
    world: World, one: str, other: str, protocol: str, port: int, ports: tuple[int, ...]
) -> dict[tuple[str, str], dict[int, list[bool]]]:
    """For each pair of subnets and each version: for every pair of addresses, whether it works from all these ports."""
    found: dict[tuple[str, str], dict[int, list[bool]]] = {
        (at, to): {} for at in world.things[one][0] for to in world.things[other][0]
    }
    for version in versions(world, one, other):
        for at, mine in spots(world, one, version):
            for to, theirs in spots(world, other, version):
                works = asks(world, one, at, mine, other, to, theirs, protocol, port) and all(
                    answers(world, at, mine, to, theirs, protocol, client if protocol in ("tcp", "udp") else port)
                    for client in ports
                )
                found[at, to].setdefault(version, []).append(works)
    return found


def leaves(world: World, thing: str, at: str, far: str, *, inward: bool) -> bool:
    """Whether a packet between a thing and an address of the internet has a way."""
    way = goes(world, at, far)
    if way is None:
        return False
    kind, via = way
    six = ip_address(far).version == 6
    if kind == "internet":
        return (six or world.things[thing][2]) and via == world.subnets[at][0]
    if kind == "egress-only":
        return not inward
    if kind == "nat":
        # A NAT gateway is in a subnet, and has to leave from there by an internet gateway.
        beyond = goes(world, via, far)
        return not inward and via != at and beyond == ("internet", world.subnets[via][0])
    return False


def talks(
    world: World, thing: str, at: str, mine: str, far: str, protocol: str, port: int, client: int, *, inward: bool
) -> bool:
    """Whether a connection between a thing in a subnet and an address of the internet works."""
    there, back = ("ingress", "egress") if inward else ("egress", "ingress")
    answer = client if protocol in ("tcp", "udp") else port
    works = (
        group_lets(world, thing, there, far, None, protocol, port)
        and list_lets(world, at, there, far, protocol, port)
        and list_lets(world, at, back, far, protocol, answer)
        and leaves(world, thing, at, far, inward=inward)
    )
    way = goes(world, at, far)
    if not works or way is None or way[0] != "nat":
        return works
    # The list of the NAT gateway's subnet sees the packet come in and leave, and the answer come in and leave.
    place = way[1]
    return (
        list_lets(world, place, "ingress", mine, protocol, port)
        and list_lets(world, place, "egress", far, protocol, port)
        and list_lets(world, place, "ingress", far, protocol, answer)
        and list_lets(world, place, "egress", mine, protocol, answer)
    )
