"""What stands behind Azure's balancers, gateways and Front Door is reached as its own groups say."""

from __future__ import annotations

import pytest

from seawall.analyze.reachability.entrances import exposures_of
from seawall.analyze.reachability.traffic import Traffic
from seawall.cli.input import load_graph
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.readers.read import facts_of

NETWORK = """
resource "azurerm_virtual_network" "v" {
  name = "v"
  address_space = ["10.0.0.0/16"]
}
resource "azurerm_subnet" "s" {
  virtual_network_name = azurerm_virtual_network.v.name
  address_prefixes = ["10.0.0.0/24"]
}
resource "azurerm_subnet" "g" {
  virtual_network_name = azurerm_virtual_network.v.name
  address_prefixes = ["10.0.1.0/24"]
}
resource "azurerm_public_ip" "p" { sku = "Standard" }
resource "azurerm_network_interface" "n" {
  ip_configuration {
    name = "n"
    subnet_id = azurerm_subnet.s.id
    private_ip_address = "10.0.0.7"
  }
}
resource "azurerm_linux_virtual_machine" "m" { network_interface_ids = [azurerm_network_interface.n.id] }
"""
GROUP = """
resource "azurerm_network_security_group" "g" {
  name = "g"
  security_rule {
    direction = "Inbound"
    access = "Allow"
    priority = 100
    protocol = "Tcp"
    source_port_range = "*"
    destination_address_prefix = "*"
    source_address_prefix = "FROM"
    destination_port_range = "8080"
  }
}
resource "azurerm_subnet_network_security_group_association" "s" {
  subnet_id = azurerm_subnet.s.id
  network_security_group_id = azurerm_network_security_group.g.id
}
"""
BALANCER = """
resource "azurerm_lb" "l" {
  sku = "SKU"
  frontend_ip_configuration {
    name = "f"
    FRONT
  }
}
resource "azurerm_lb_backend_address_pool" "b" { loadbalancer_id = azurerm_lb.l.id }
resource "azurerm_lb_rule" "r" {
  loadbalancer_id = azurerm_lb.l.id
  frontend_ip_configuration_name = "f"
  protocol = "Tcp"
  frontend_port = 80
  backend_port = 8080
  backend_address_pool_ids = [azurerm_lb_backend_address_pool.b.id]
}
resource "azurerm_network_interface_backend_address_pool_association" "a" {
  network_interface_id = azurerm_network_interface.n.id
  ip_configuration_name = "n"
  backend_address_pool_id = azurerm_lb_backend_address_pool.b.id
}
"""
PUBLIC, PRIVATE = "public_ip_address_id = azurerm_public_ip.p.id", "subnet_id = azurerm_subnet.s.id"


def ways(folder, terraform, of):
    """The ways of the internet to a thing."""
    (folder / "main.tf").write_text(terraform)
    return exposures_of(facts_of(load_graph([str(folder)], None)[1]), Address(f"/{folder.name}:{of}"))


@pytest.mark.parametrize(
    ("front", "sku", "group", "reached"),
    [
        (PUBLIC, "Standard", "Internet", True),
        (PUBLIC, "Standard", "10.0.0.0/8", False),
        (PUBLIC, "Standard", None, False),
        (PUBLIC, "Basic", None, True),
        (PRIVATE, "Standard", "Internet", False),
    ],
)
def test_machines_behind_a_balancer_see_the_client(tmp_path, front, sku, group, reached) -> None:
    """It is the machine's group that has to let the client in, and of a standard balancer there has to be one."""
    terraform = NETWORK + BALANCER.replace("SKU", sku).replace("FRONT", front)
    terraform += GROUP.replace("FROM", group) if group else ""
    for of in ("azurerm_linux_virtual_machine.m", "azurerm_network_interface.n"):
        found = ways(tmp_path, terraform, of)
        assert bool(found) is reached
        for way in found:
            assert way.open.sure == Traffic.of("tcp", Ports.one(8080))
            assert way.through == (Address(f"/{tmp_path.name}:azurerm_lb.l"),)


@pytest.mark.parametrize(("listed", "reached"), [("10.0.0.7", True), ("10.0.0.8", False)])
def test_a_pool_may_name_its_members_by_address(tmp_path, listed, reached) -> None:
    """Whoever has an address that a pool lists is behind its balancer."""
    before, _, _ = BALANCER.partition('resource "azurerm_network_interface_backend')
    pool = "backend_address_pool_id = azurerm_lb_backend_address_pool.b.id"
    address = f'resource "azurerm_lb_backend_address_pool_address" "a" {{\n  {pool}\n  ip_address = "{listed}"\n}}\n'
    terraform = NETWORK + before.replace("SKU", "Standard").replace("FRONT", PUBLIC) + address
    found = ways(tmp_path, terraform + GROUP.replace("FROM", "Internet"), "azurerm_network_interface.n")
    assert [each.open.sure for each in found] == ([Traffic.of("tcp", Ports.one(8080))] if reached else [])


GATEWAY = """
resource "azurerm_application_gateway" "g" {
  name = "g"
  gateway_ip_configuration {
    name = "g"
    subnet_id = azurerm_subnet.g.id
  }
  frontend_port {
    name = "p"
    port = 443
  }
  frontend_ip_configuration {
    name = "f"
    FRONT
  }
  http_listener {
    name = "l"
    frontend_ip_configuration_name = "f"
    frontend_port_name = "p"
    protocol = "Https"
  }
  backend_http_settings {
    name = "s"
    port = 8080
    protocol = "Http"
  }
  backend_address_pool {
    name = "b"
    ip_addresses = ["10.0.0.7"]
  }
}
"""


@pytest.mark.parametrize(
    ("front", "group", "reached"),
    [(PUBLIC, "10.0.1.0/24", True), (PUBLIC, "10.9.0.0/16", True), (PRIVATE, "Internet", False)],
)
def test_machines_behind_a_gateway_see_the_gateway(tmp_path, front, group, reached) -> None:
    """What a gateway passes on comes from its own subnet, which a group lets in unless it says otherwise."""
    terraform = NETWORK + GATEWAY.replace("FRONT", front) + GROUP.replace("FROM", group)
    assert bool(ways(tmp_path, terraform, "azurerm_application_gateway.g")) is (front == PUBLIC)
    found = ways(tmp_path, terraform, "azurerm_linux_virtual_machine.m")
    assert bool(found) is reached
    for way in found:
        assert way.open.sure == Traffic.of("tcp", Ports.one(8080))


def test_a_group_may_keep_the_gateway_out(tmp_path) -> None:
    """A rule that denies the network keeps its machines from the gateway, whatever this listens on."""
    denied = GROUP.replace("FROM", "VirtualNetwork").replace('"Allow"', '"Deny"')
    terraform = NETWORK + GATEWAY.replace("FRONT", PUBLIC) + denied
    assert ways(tmp_path, terraform, "azurerm_linux_virtual_machine.m") == ()


FRONT_DOOR = """
resource "azurerm_cdn_frontdoor_endpoint" "e" { enabled = ENABLED }
resource "azurerm_cdn_frontdoor_origin_group" "g" { name = "g" }
resource "azurerm_cdn_frontdoor_route" "r" {
  cdn_frontdoor_endpoint_id = azurerm_cdn_frontdoor_endpoint.e.id
  cdn_frontdoor_origin_group_id = azurerm_cdn_frontdoor_origin_group.g.id
}
resource "azurerm_cdn_frontdoor_origin" "o" {
  cdn_frontdoor_origin_group_id = azurerm_cdn_frontdoor_origin_group.g.id
  host_name = azurerm_public_ip.p.ip_address
}
"""


@pytest.mark.parametrize(
    ("enabled", "front", "through"), [("true", PUBLIC, 1), ("false", PUBLIC, 0), ("true", PRIVATE, 0)]
)
def test_front_door_leads_to_whatever_has_the_address(tmp_path, enabled, front, through) -> None:
    """An endpoint that is on asks the origins of its route, and these let it in as they let in anybody."""
    terraform = NETWORK + GATEWAY.replace("FRONT", front) + FRONT_DOOR.replace("ENABLED", enabled)
    assert bool(ways(tmp_path, terraform, "azurerm_cdn_frontdoor_endpoint.e")) is (enabled == "true")
    found = [way for way in ways(tmp_path, terraform, "azurerm_application_gateway.g") if way.through]
    assert len(found) == through
    for way in found:
        assert way.open.sure == Traffic.of("tcp", Ports.one(443))
