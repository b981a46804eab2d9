"""What stands in front of Azure's machines: load balancers, application gateways, and Front Door."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.facts.fact import Fact, Known, Link
from seawall.facts.fronts import Balances, Front, Offers, Passes, Published
from seawall.facts.network import Filtered, Forwards, Interface, Listens, Member, Protocol
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import ALL_PORTS, Cidr, Ports
from seawall.kernel.value import Ref, Text, Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.registry import reads

BACKENDS: Final = "backends"
"""What an application gateway's backends are, all of its pools together."""
_PROTOCOLS: Final[dict[str, Protocol]] = {"tcp": "tcp", "udp": "udp", "all": "any"}


@reads("azurerm_lb")
def load_balancer(resource: Resource) -> Iterator[Fact]:
    """A balancer of packets; one of the standard kind lets nobody in until a group does.

    Source: https://learn.microsoft.com/azure/load-balancer/load-balancer-overview#secure-by-default
    """
    body, address = Arguments(resource), resource.address
    fronts = list(body.blocks("frontend_ip_configuration"))
    seen = {block.has("public_ip_address_id") or block.has("public_ip_prefix_id") for block in fronts}
    public: Known[bool] = True in seen
    if len(seen) == 2:
        public = Unknown(f"{address}.frontend_ip_configuration", why="some of its addresses are private")
    public = body.unknown_blocks("frontend_ip_configuration") or public
    yield Interface(address, (), (), public, guarded=False)
    for block in fronts:
        if block.has("public_ip_address_id"):
            yield Setting(address, "answers-at", block.required_link("public_ip_address_id"))
    kind = body.known_text("sku") if body.has("sku") else body.unknown("sku")
    yield Setting(address, "secure-by-default", kind if isinstance(kind, Unknown) else kind != "Basic")


@reads("azurerm_lb_rule")
def load_balancer_rule(resource: Resource) -> Iterator[Fact]:
    """What comes to a port goes to a port of the machines of some pools."""
    body = Arguments(resource)
    of, front, back = body.required_link("loadbalancer_id"), _port(body, "frontend_port"), _port(body, "backend_port")
    for protocol in _spoken(body):
        yield Listens(of, protocol, front)
        pools = body.links("backend_address_pool_ids")
        for pool in (pools,) if isinstance(pools, Unknown) else pools:
            yield Balances(of, pool, protocol, front, back)


@reads("azurerm_lb_nat_rule")
def nat_rule(resource: Resource) -> Iterator[Fact]:
    """What comes to a port goes to a port of one machine, or of each of a pool by ports of its own."""
    body = Arguments(resource)
    of, back = body.required_link("loadbalancer_id"), _port(body, "backend_port")
    front = _port(body, "frontend_port")
    if body.has("frontend_port_start"):
        first, last = body.count("frontend_port_start"), body.count("frontend_port_end")
        front = first if isinstance(first, Unknown) else last if isinstance(last, Unknown) else Ports(first, last)
    pool = body.link("backend_address_pool_id")
    for protocol in _spoken(body):
        yield Listens(of, protocol, front)
        yield Balances(of, resource.address if pool is None else pool, protocol, front, back)


def _port(body: Arguments, name: str) -> Known[Ports]:
    """A port; 0 stands for all of them."""
    port = body.count(name)
    if isinstance(port, Unknown):
        return port
    return ALL_PORTS if port == 0 else Ports.one(port)


def _spoken(body: Arguments) -> Iterator[Protocol]:
    written = body.known_text("protocol")
    if isinstance(written, Unknown):
        yield "any"
    elif (protocol := _PROTOCOLS.get(written.lower())) is not None:
        yield protocol


@reads("azurerm_network_interface_backend_address_pool_association")
def member_of_pool(resource: Resource) -> Iterator[Fact]:
    """An interface is one of a pool's."""
    body = Arguments(resource)
    yield Member(body.required_link("backend_address_pool_id"), body.required_link("network_interface_id"))


@reads("azurerm_lb_backend_address_pool_address")
def address_of_pool(resource: Resource) -> Iterator[Fact]:
    """Whoever has an address is one of a pool's."""
    body = Arguments(resource)
    for cidr in body.cidrs("ip_address"):
        if isinstance(cidr, Cidr):
            yield Member(body.required_link("backend_address_pool_id"), cidr)


@reads("azurerm_network_interface_nat_rule_association")
def member_of_rule(resource: Resource) -> Iterator[Fact]:
    """An interface is whom a rule leads to."""
    body = Arguments(resource)
    yield Member(body.required_link("nat_rule_id"), body.required_link("network_interface_id"))


@reads("azurerm_linux_virtual_machine_scale_set", "azurerm_windows_virtual_machine_scale_set")
def scale_set(resource: Resource) -> Iterator[Fact]:
    """Machines of one make: where they are, what guards them, and the pools that they belong to."""
    body, address = Arguments(resource), resource.address
    for card in body.blocks("network_interface"):
        if card.has("network_security_group_id"):
            yield Filtered(address, card.required_link("network_security_group_id"))
        for own in card.blocks("ip_configuration"):
            subnets = (own.required_link("subnet_id"),)
            yield Interface(address, subnets, (), own.stands("public_ip_address"), guarded=False)
            for name, within in (
                ("load_balancer_backend_address_pool_ids", ""),
                ("application_gateway_backend_address_pool_ids", BACKENDS),
            ):
                pools = own.links(name)
                for pool in (pools,) if isinstance(pools, Unknown) else pools:
                    yield Member(pool.implied(within) if within and isinstance(pool, Address) else pool, address)


@reads("azurerm_application_gateway")
def application_gateway(resource: Resource) -> Iterator[Fact]:
    """A proxy in a subnet of its own: its listeners, and what it asks its backends on."""
    body, address = Arguments(resource), resource.address
    places = [block.required_link("subnet_id") for block in body.blocks("gateway_ip_configuration")]
    fronts = {str(block.text("name")): block for block in body.blocks("frontend_ip_configuration")}
    numbers = {str(block.text("name")): block.count("port") for block in body.blocks("frontend_port")}
    used: set[bool] = set()
    for listener in body.blocks("http_listener"):
        front = fronts.get(str(listener.text("frontend_ip_configuration_name")))
        used.add(front is not None and front.has("public_ip_address_id"))
        number = numbers.get(str(listener.text("frontend_port_name")), listener.unknown("frontend_port_name"))
        secure = listener.known_text("protocol")
        yield Listens(
            address,
            "tcp",
            number if isinstance(number, Unknown) else Ports.one(number),
            secure if isinstance(secure, Unknown) else "required" if secure.lower() == "https" else "none",
        )
    public: Known[bool] = True in used
    if len(used) == 2:
        public = Unknown(f"{address}.http_listener", why="some of its listeners are private")
    public = body.unknown_blocks("http_listener") or public
    yield Interface(address, tuple(sorted(places, key=str)), (), public, guarded=False)
    for front in fronts.values():
        if front.has("public_ip_address_id"):
            yield Setting(address, "answers-at", front.required_link("public_ip_address_id"))
    backends = address.implied(BACKENDS)
    yield Forwards(address, backends)
    asked = {block.count("port") for block in body.blocks("backend_http_settings")}
    why = Unknown(f"{address}.backend_http_settings", why="its rules ask several ports")
    yield Setting(backends, "target-port", next(iter(asked)) if len(asked) == 1 else why)
    for pool in body.blocks("backend_address_pool"):
        for cidr in pool.cidrs("ip_addresses"):
            if isinstance(cidr, Cidr):
                yield Member(backends, cidr)


@reads("azurerm_network_interface_application_gateway_backend_address_pool_association")
def member_of_gateway(resource: Resource) -> Iterator[Fact]:
    """An interface is one of a gateway's backends."""
    body = Arguments(resource)
    value = body.raw("backend_address_pool_id")
    named = [value] if isinstance(value, Ref) else [*value.mentions] if isinstance(value, Unknown) else []
    gateways = dict.fromkeys(each.to for each in named if isinstance(each, Ref))
    pool: Link = body.unknown("backend_address_pool_id", value)
    if len(gateways) == 1:
        pool = next(iter(gateways)).implied(BACKENDS)
    yield Member(pool, body.required_link("network_interface_id"))


@reads("azurerm_cdn_frontdoor_endpoint")
def front_door(resource: Resource) -> Iterator[Fact]:
    """A name of Front Door's, which is there for everybody while it is on."""
    yield Front(resource.address, Arguments(resource).flag("enabled", True))


@reads("azurerm_cdn_frontdoor_route")
def front_door_route(resource: Resource) -> Iterator[Fact]:
    """What an endpoint is asked it asks the origins of a group."""
    body = Arguments(resource)
    of, group = body.required_link("cdn_frontdoor_endpoint_id"), body.required_link("cdn_frontdoor_origin_group_id")
    if body.flag("enabled", True) is False:
        return
    yield Published(of)
    yield Offers(of, str(group), "/*", body.flag("enabled", True))
    yield Passes(of, str(group), group)


@reads("azurerm_cdn_frontdoor_origin")
def front_door_origin(resource: Resource) -> Iterator[Fact]:
    """What a group asks: whose host it is, or what a private link leads to."""
    body = Arguments(resource)
    if body.flag("enabled", True) is False:
        return
    of, host = body.required_link("cdn_frontdoor_origin_group_id"), body.raw("host_name")
    link = body.block("private_link").link("private_link_target_id")
    holes = host.holes if isinstance(host, Text) else (host,)
    named = [hole.to for hole in holes if isinstance(hole, Ref)]
    if link is not None:
        yield Passes(of, "/*", link, link)
    elif len(named) == 1:
        yield Passes(of, "/*", named[0])
