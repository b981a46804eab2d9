"""Virtual networks, subnets, network security groups, and the addresses that machines have.

A group of Azure's is stateful, and its rules have an order: so it is read as an access-control list that lets answers
through. What it allows is said as permits as well, which is what rules about open doors ask for.
Source: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from seawall.facts.fact import Fact, Known, Link
from seawall.facts.network import (
    AclRule,
    Direction,
    Filtered,
    Gateway,
    Interface,
    Member,
    Network,
    Peer,
    Permit,
    PrefixList,
    Protocol,
    Route,
    Routed,
    Subnet,
)
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import ALL_PORTS, ANYWHERE, ANYWHERE_6, Cidr, Ports
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.registry import link, reads

link("azurerm_subnet", "virtual_network_name", to="azurerm_virtual_network", by="name")
link("azurerm_virtual_network_peering", "virtual_network_name", to="azurerm_virtual_network", by="name")
link("azurerm_route", "route_table_name", to="azurerm_route_table", by="name")
link("azurerm_network_security_rule", "network_security_group_name", to="azurerm_network_security_group", by="name")

_EVERYBODY = ("*", "Any")
SYSTEM = "system-routes"
"""The table that every network has from Azure."""
_PROTOCOLS: dict[str, Protocol] = {"Tcp": "tcp", "Udp": "udp", "Icmp": "icmp", "*": "any"}


@reads("azurerm_virtual_network")
def virtual_network(resource: Resource) -> Iterator[Fact]:
    """A network with its ranges; Azure routes within it and to the internet unless told otherwise, and filters nothing.

    Source: https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview#system-routes
    """
    body, address = Arguments(resource), resource.address
    found = body.cidrs("address_space")
    unknown = next((cidr for cidr in found if isinstance(cidr, Unknown)), None)
    ranges: Known[tuple[Cidr, ...]] = unknown or tuple(cidr for cidr in found if isinstance(cidr, Cidr))
    yield Network(address, ranges, resource.region)
    system, everything = address.implied(SYSTEM), address.implied("unfiltered")
    yield Routed(address, system)
    yield Filtered(address, everything)
    for anywhere in (ANYWHERE, ANYWHERE_6):
        yield Route(system, anywhere, None, "internet")
        for direction in _DIRECTIONS:
            yield AclRule(everything, direction, 65500, True, "any", ALL_PORTS, anywhere, stateful=True)
    for block in body.blocks("subnet"):
        name = block.known_text("name")
        if isinstance(name, str):
            own = address.implied(name)
            yield Subnet(own, address, *_ranges(block, "address_prefixes"))
            if block.has("security_group"):
                yield Filtered(own, block.required_link("security_group"))


@reads("azurerm_subnet")
def subnet(resource: Resource) -> Iterator[Fact]:
    """A subnet; in Azure it lies in all zones of its region."""
    body = Arguments(resource)
    yield Subnet(resource.address, body.required_link("virtual_network_name"), *_ranges(body, "address_prefixes"))


def _ranges(body: Arguments, name: str) -> tuple[Known[Cidr], str, Known[Cidr] | None]:
    """A subnet's range, that it lies in no one zone, and its range of IPv6."""
    found = body.cidrs(name)
    six = [cidr for cidr in found if isinstance(cidr, Cidr) and cidr.version == 6]
    four = [cidr for cidr in found if cidr not in six]
    return four[0] if len(four) == 1 else body.unknown(name), "", six[0] if six else None


@reads("azurerm_virtual_network_peering")
def virtual_network_peering(resource: Resource) -> Iterator[Fact]:
    """A network leads to another one, if the other leads back; Azure routes to all of its ranges."""
    body, address = Arguments(resource), resource.address
    own, other = body.required_link("virtual_network_name"), body.required_link("remote_virtual_network_id")
    access = body.flag("allow_virtual_network_access", default=True)
    yield Gateway(address, "peering", own, other, ready=access)
    table: Link = own if isinstance(own, Unknown) else own.implied(SYSTEM)
    if access is not False:
        yield Route(table, other, address, "peering")


@reads("azurerm_route_table")
def route_table(resource: Resource) -> Iterator[Fact]:
    """Routes that go before those of Azure's own."""
    body = Arguments(resource)
    for block in body.blocks("route"):
        yield from _route(resource.address, block)
    unknown = body.unknown_blocks("route")
    if unknown is not None:
        yield Route(resource.address, unknown, unknown, "unknown")


@reads("azurerm_route")
def route(resource: Resource) -> Iterator[Fact]:
    """A route of a table."""
    body = Arguments(resource)
    yield from _route(body.required_link("route_table_name"), body)


_HOPS: dict[str, Literal["vpn", "local", "internet", "unknown", "blackhole"]] = {
    "VirtualNetworkGateway": "vpn",
    "VnetLocal": "local",
    "Internet": "internet",
    "VirtualAppliance": "unknown",
    "None": "blackhole",
}


def _route(table: Link, body: Arguments) -> Iterator[Fact]:
    kind = body.known_text("next_hop_type")
    written = body.known_text("address_prefix")
    destination: Peer = written if isinstance(written, Unknown) else _peer(written)
    if isinstance(destination, Address):
        yield PrefixList(destination, internet=True)
    if isinstance(kind, Unknown):
        yield Route(table, destination, kind, "unknown")
        return
    via = body.unknown("next_hop_in_ip_address") if kind in ("VirtualAppliance", "VirtualNetworkGateway") else None
    yield Route(table, destination, via, _HOPS.get(kind, "unknown"))


@reads("azurerm_subnet_route_table_association")
def route_table_association(resource: Resource) -> Iterator[Fact]:
    """A subnet uses a table."""
    body = Arguments(resource)
    yield Routed(body.required_link("subnet_id"), body.required_link("route_table_id"))


@reads("azurerm_network_security_group")
def network_security_group(resource: Resource) -> Iterator[Fact]:
    """A group with its inline rules and with those that every group has.

    Source: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview#default-security-rules
    """
    body, group = Arguments(resource), resource.address
    for block in body.blocks("security_rule"):
        yield from _rule(group, block)
    unknown = body.unknown_blocks("security_rule")
    if unknown is not None:
        for direction in _DIRECTIONS:
            yield AclRule(group, direction, unknown, unknown, unknown, unknown, unknown, stateful=True)
    for direction, order, allow, peer in _DEFAULTS:
        yield AclRule(group, direction, order, allow, "any", ALL_PORTS, peer, stateful=True)


_DIRECTIONS: tuple[Direction, Direction] = ("ingress", "egress")
_DEFAULTS: tuple[tuple[Direction, int, bool, Peer], ...] = (
    ("ingress", 65000, True, Address.outside("VirtualNetwork")),
    ("ingress", 65001, True, Address.outside("AzureLoadBalancer")),
    ("egress", 65000, True, Address.outside("VirtualNetwork")),
    ("egress", 65001, True, Address.outside("Internet")),
)


@reads("azurerm_network_security_rule")
def network_security_rule(resource: Resource) -> Iterator[Fact]:
    """A rule of a group."""
    body = Arguments(resource)
    yield from _rule(body.required_link("network_security_group_name"), body)


def _rule(group: Link, body: Arguments) -> Iterator[Fact]:
    """A rule in its place; one that allows is a permit as well."""
    protocol = _protocol(body)
    if protocol is None:
        return
    access, inbound = body.known_text("access"), body.known_text("direction")
    allow: Known[bool] = access if isinstance(access, Unknown) else access == "Allow"
    for direction in _DIRECTIONS:
        if isinstance(inbound, str) and (inbound == "Inbound") is not (direction == "ingress"):
            continue
        side, other = ("source", "destination") if direction == "ingress" else ("destination", "source")
        narrow = inbound if isinstance(inbound, Unknown) else _narrowed(body, other)
        for peer in _peers(body, side):
            for means, ports in (each for own in _ports(body) for each in _on(protocol, own)):
                for meant in (peer,) if narrow is None else (narrow,):
                    yield AclRule(group, direction, body.count("priority"), allow, means, ports, meant, stateful=True)
                if allow is True and isinstance(inbound, str) and peer != ANYWHERE_6:
                    anybody = peer == Address.outside("Internet")
                    yield Permit(group, direction, means, ports, ANYWHERE if anybody else peer)


_WITH_PORTS: tuple[Protocol, ...] = ("tcp", "udp", "sctp")


def _on(protocol: Known[Protocol], ports: Known[Ports]) -> Iterator[tuple[Known[Protocol], Known[Ports]]]:
    """What a rule means: one for any protocol on some ports is for each protocol that has ports, on these alone."""
    if protocol != "any" or ports == ALL_PORTS:
        yield protocol, ports
        return
    for each in _WITH_PORTS:
        yield each, ports


def _narrowed(body: Arguments, side: str) -> Unknown | None:
    """Why a rule may not be for everybody that its group guards, or not for every port that a client speaks from."""
    for name in ("source_port_range", "source_port_ranges", f"{side}_address_prefix", f"{side}_address_prefixes"):
        value = body.raw(name)
        if value not in (None, "*", ["*"], "0.0.0.0/0", ["0.0.0.0/0"], "VirtualNetwork"):
            return Unknown(
                f"{body.address}.{body.path(name)}", why="the rule is for a part of the group's machines only"
            )
    name = f"{side}_application_security_group_ids"
    return body.unknown(name, body.raw(name)) if body.has(name) else None


def _protocol(body: Arguments) -> Known[Protocol] | None:
    """The protocol of a rule; None for one that no fact speaks of."""
    written = body.known_text("protocol")
    if isinstance(written, Unknown):
        return written
    if written in ("Esp", "Ah"):
        return None
    return _PROTOCOLS.get(written) or body.unknown("protocol", written)


def _peers(body: Arguments, side: str) -> Iterator[Peer]:
    written = body.known_text(f"{side}_address_prefix")
    listed = body.known_texts(f"{side}_address_prefixes")
    if isinstance(written, Unknown) or isinstance(listed, Unknown):
        yield written if isinstance(written, Unknown) else body.unknown(f"{side}_address_prefixes")
        return
    for prefix in (*((written,) if written else ()), *listed):
        if prefix in _EVERYBODY:
            yield ANYWHERE
            yield ANYWHERE_6
        else:
            yield _peer(prefix)
    groups = body.links(f"{side}_application_security_group_ids")
    yield from (groups,) if isinstance(groups, Unknown) else groups


def _peer(prefix: str) -> Cidr | Address:
    """A range, or a service tag: ranges that Azure keeps."""
    try:
        return Cidr.parse(prefix if "/" in prefix else f"{prefix}/{128 if ':' in prefix else 32}")
    except ValueError:
        return Address.outside(prefix)


def _ports(body: Arguments) -> Iterator[Known[Ports]]:
    written = body.known_text("destination_port_range")
    listed = body.known_texts("destination_port_ranges")
    if isinstance(written, Unknown) or isinstance(listed, Unknown):
        yield written if isinstance(written, Unknown) else body.unknown("destination_port_ranges")
        return
    for ports in (*((written,) if written else ()), *listed):
        first, _, last = ports.partition("-")
        yield ALL_PORTS if ports == "*" else Ports(int(first), int(last or first))


@reads("azurerm_subnet_network_security_group_association")
def association(resource: Resource) -> Iterator[Fact]:
    """A subnet whose machines a group guards."""
    body = Arguments(resource)
    group, guarded = body.required_link("network_security_group_id"), body.required_link("subnet_id")
    yield Member(group, guarded)
    yield Filtered(guarded, group)


@reads("azurerm_network_interface_security_group_association")
def interface_association(resource: Resource) -> Iterator[Fact]:
    """An interface that a group guards, besides its subnet's."""
    body = Arguments(resource)
    yield Filtered(body.required_link("network_interface_id"), body.required_link("network_security_group_id"))


@reads("azurerm_public_ip")
def public_ip(resource: Resource) -> Iterator[Fact]:
    """A public address; one of the standard kind lets nobody in until a group does. Which is usual has changed.

    Source: https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses#sku
    """
    body = Arguments(resource)
    kind = body.known_text("sku") if body.has("sku") else body.unknown("sku")
    yield Setting(resource.address, "secure-by-default", kind if isinstance(kind, Unknown) else kind != "Basic")


@reads("azurerm_network_interface")
def network_interface(resource: Resource) -> Iterator[Fact]:
    """Where a machine is in the network, and whether it has a public address."""
    body = Arguments(resource)
    subnets: list[Link] = []
    addresses: list[Cidr] = []
    public = six = False
    for configuration in body.blocks("ip_configuration"):
        if configuration.has("subnet_id"):
            subnets.append(configuration.required_link("subnet_id"))
        address = configuration.known_text("private_ip_address")
        stated = _peer(address) if isinstance(address, str) and address else None
        if isinstance(stated, Cidr):
            addresses.append(stated)
        if configuration.has("public_ip_address_id"):
            public = True
            yield Setting(resource.address, "public-address", configuration.required_link("public_ip_address_id"))
        six = six or configuration.known_text("private_ip_address_version") == "IPv6"
    where = tuple(sorted(dict.fromkeys(subnets), key=str))
    known = tuple(addresses) if len(addresses) == len(list(body.blocks("ip_configuration"))) else ()
    yield Interface(resource.address, where, (), public, known, six, guarded=False)
