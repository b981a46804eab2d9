"""Virtual networks, subnets, network security groups, and the addresses that machines have.

A group of Azure's is stateful, and its rules have an order: here the allowed ones are read as permits and a final
refusal of everything is their absence, since what is not permitted does not get through.
"""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact, Known, Link
from seawall.facts.network import Direction, Interface, Member, Network, Peer, Permit, Protocol, Subnet
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import ALL_PORTS, ANYWHERE, Cidr, Ports
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.registry import link, reads

link("azurerm_subnet", "virtual_network_name", to="azurerm_virtual_network", by="name")
link("azurerm_network_security_rule", "network_security_group_name", to="azurerm_network_security_group", by="name")

_ANYBODY = ("*", "Internet", "0.0.0.0/0", "Any")
_PROTOCOLS: dict[str, Protocol] = {"Tcp": "tcp", "Udp": "udp", "Icmp": "icmp", "*": "any"}


@reads("azurerm_virtual_network")
def virtual_network(resource: Resource) -> Iterator[Fact]:
    """A network with its ranges."""
    body = Arguments(resource)
    found = body.cidrs("address_space")
    unknown = next((cidr for cidr in found if isinstance(cidr, Unknown)), None)
    ranges: Known[tuple[Cidr, ...]] = unknown or tuple(cidr for cidr in found if isinstance(cidr, Cidr))
    yield Network(resource.address, ranges, resource.region)


@reads("azurerm_subnet")
def subnet(resource: Resource) -> Iterator[Fact]:
    """A subnet; in Azure it lies in all zones of its region."""
    body = Arguments(resource)
    ranges = body.cidrs("address_prefixes")
    cidr = ranges[0] if len(ranges) == 1 else body.unknown("address_prefixes")
    yield Subnet(resource.address, body.required_link("virtual_network_name"), cidr, "")


@reads("azurerm_network_security_rule")
def network_security_rule(resource: Resource) -> Iterator[Fact]:
    """What a rule that allows lets through."""
    body = Arguments(resource)
    access = body.known_text("access")
    if access == "Deny":
        return
    inbound = body.known_text("direction")
    if isinstance(inbound, Unknown) or isinstance(access, Unknown):
        return
    side = "source" if inbound == "Inbound" else "destination"
    direction: Direction = "ingress" if inbound == "Inbound" else "egress"
    group: Link = body.required_link("network_security_group_name")
    for peer in _peers(body, side):
        for ports in _ports(body):
            yield Permit(group, direction, _protocol(body), ports, peer)


def _protocol(body: Arguments) -> Known[Protocol]:
    written = body.known_text("protocol")
    if isinstance(written, Unknown):
        return written
    return _PROTOCOLS.get(written) or body.unknown("protocol", written)


def _peers(body: Arguments, side: str) -> Iterator[Peer]:
    written = body.known_text(f"{side}_address_prefix")
    listed = body.known_texts(f"{side}_address_prefixes")
    if isinstance(written, Unknown) or isinstance(listed, Unknown):
        yield written if isinstance(written, Unknown) else body.unknown(f"{side}_address_prefixes")
        return
    for prefix in (*((written,) if written else ()), *listed):
        if prefix in _ANYBODY:
            yield ANYWHERE
            continue
        try:
            yield Cidr.parse(prefix if "/" in prefix else f"{prefix}/32")
        except ValueError:
            # A service tag: ranges that Azure keeps.
            yield Address.outside(prefix)


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
    yield Member(body.required_link("network_security_group_id"), body.required_link("subnet_id"))


@reads("azurerm_network_interface")
def network_interface(resource: Resource) -> Iterator[Fact]:
    """Where a machine is in the network, and whether it has a public address."""
    body = Arguments(resource)
    subnets: list[Link] = []
    public = False
    for configuration in body.blocks("ip_configuration"):
        if configuration.has("subnet_id"):
            subnets.append(configuration.required_link("subnet_id"))
        public = public or configuration.has("public_ip_address_id")
    yield Interface(resource.address, tuple(sorted(subnets, key=str)), (), public)
