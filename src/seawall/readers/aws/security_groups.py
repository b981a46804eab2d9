"""Security groups and their rules, in the three ways in which they are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, cast

from seawall.facts.fact import Fact, Known, Link
from seawall.facts.network import Direction, GroupOf, Peer, Permit, Protocol, TakenOver
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.units import ALL_PORTS, Ports
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.registry import implies, reads

implies("default_security_group_id", "default-group")

DIRECTIONS: tuple[Direction, Direction] = ("ingress", "egress")


@reads("aws_security_group")
def security_group(resource: Resource) -> Iterator[Fact]:
    """A group lets through what its inline rules say; Terraform takes AWS's own egress rule away."""
    body = Arguments(resource)
    if body.has("vpc_id"):
        yield GroupOf(resource.address, body.required_link("vpc_id"))
    yield from _inline(resource)


@reads("aws_default_security_group")
def default_security_group(resource: Resource) -> Iterator[Fact]:
    """A VPC's default group, taken over: nothing gets through but what is stated here."""
    rules = list(_inline(resource))
    yield from rules
    body = Arguments(resource)
    network = body.required_link("vpc_id")
    yield Setting(network, "restricted-default-group", not rules)
    if not isinstance(network, Unknown):
        yield TakenOver(network.implied("default-group"), resource.address)


def _inline(resource: Resource) -> Iterator[Permit]:
    body = Arguments(resource)
    for direction in DIRECTIONS:
        for block in body.blocks(direction):
            yield from _permits(resource.address, direction, block, "protocol")
        unknown = body.unknown_blocks(direction)
        if unknown is not None:
            yield Permit(resource.address, direction, unknown, unknown, unknown)


@reads("aws_security_group_rule")
def security_group_rule(resource: Resource) -> Iterator[Fact]:
    """One rule of a group with all of its peers."""
    body = Arguments(resource)
    group = body.required_link("security_group_id")
    kind = body.known_text("type")
    for direction in DIRECTIONS:
        if kind == direction:
            yield from _permits(group, direction, body, "protocol")
        elif isinstance(kind, Unknown):
            # It may be for nobody in this direction.
            yield from (replace(permit, peer=kind) for permit in _permits(group, direction, body, "protocol"))


@reads("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")
def vpc_security_group_rule(resource: Resource) -> Iterator[Fact]:
    """One rule of a group with its one peer."""
    body = Arguments(resource)
    direction: Direction = "ingress" if resource.type.endswith("ingress_rule") else "egress"
    yield from _permits(body.required_link("security_group_id"), direction, body, "ip_protocol")


_RANGES = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")
_THINGS = (
    "security_groups",
    "source_security_group_id",
    "referenced_security_group_id",
    "prefix_list_ids",
    "prefix_list_id",
)


def _permits(group: Link, direction: Direction, rule: Arguments, protocol_name: str) -> Iterator[Permit]:
    protocol = protocol_of(rule, protocol_name)
    if protocol is None:
        return
    ports = ports_of(rule, protocol)
    peers: dict[Peer, None] = {}
    for name in _RANGES:
        peers.update(dict.fromkeys(rule.cidrs(name)))
    for name in _THINGS:
        things = rule.links(name)
        peers.update(dict.fromkeys((things,) if isinstance(things, Unknown) else things))
    itself = rule.flag("self")
    if isinstance(itself, Unknown):
        peers[itself] = None
    elif itself:
        peers[group] = None
    for peer in peers:
        yield Permit(group, direction, protocol, ports, peer, code_of(rule, protocol))


_PROTOCOLS: dict[str, Protocol] = {
    "-1": "any", "all": "any", "6": "tcp", "tcp": "tcp", "17": "udp", "udp": "udp", "1": "icmp", "icmp": "icmp",
    "58": "icmp", "icmpv6": "icmp", "132": "sctp", "sctp": "sctp",
}  # fmt: skip


def protocol_of(rule: Arguments, name: str) -> Known[Protocol] | None:
    """The protocol of a rule; None for one that no fact speaks of, such as ESP, which lets none of ours through."""
    spelled = rule.known_text(name)
    return spelled if isinstance(spelled, Unknown) else _PROTOCOLS.get(spelled.lower())


def ports_of(rule: Arguments, protocol: Known[Protocol]) -> Known[Ports]:
    """The ports of a rule; of ICMP, which has none, its types."""
    if protocol == "any":
        return ALL_PORTS
    if protocol == "icmp":
        return _messages(rule)
    first, last = rule.number("from_port"), rule.number("to_port")
    for bound in (first, last):
        if isinstance(bound, Unknown):
            return bound
    if first is None and last is None:
        return ALL_PORTS
    low, high = cast("int | None", first), cast("int | None", last)
    if low is None or low < 0:
        return ALL_PORTS
    return Ports(low, low if high is None else high)


# ICMPv6 has numbers of its own for the question whether a thing is there, and for the answer.
# Source: IANA's registries of the types of ICMP (RFC 792) and of ICMPv6 (RFC 4443).
_ECHO_6 = {128: 8, 129: 0}


def _messages(rule: Arguments) -> Known[Ports]:
    """The types of ICMP that a rule is for: a list says them apart, a group in the place of ports."""
    listed = rule.has("rule_no") or rule.has("rule_number")
    kind = rule.number("icmp_type" if listed else "from_port")
    if isinstance(kind, Unknown):
        return kind
    if kind is None or kind < 0:
        return ALL_PORTS
    return Ports.one(_ECHO_6.get(kind, kind))


# The types of ICMP and of ICMPv6 that have several codes; of every other the one code is 0.
# Source: IANA's registries, "ICMP Type Numbers" and "ICMPv6 Type Numbers".
_WITH_CODES: Final = frozenset({1, 3, 4, 5, 11, 12})


def code_of(rule: Arguments, protocol: Known[Protocol]) -> Known[int] | None:
    """The one code of ICMP that a rule is for where its type has others too; None where it is for all of a type."""
    if protocol != "icmp":
        return None
    listed = rule.has("rule_no") or rule.has("rule_number")
    kind, code = (rule.number(name) for name in (("icmp_type", "icmp_code") if listed else ("from_port", "to_port")))
    if code is None or isinstance(kind, Unknown) or kind is None or kind < 0:
        return None
    if isinstance(code, Unknown):
        return code
    return int(code) if code >= 0 and (kind in _WITH_CODES or code > 0) else None
