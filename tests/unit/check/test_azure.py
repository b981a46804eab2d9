"""Rules know no cloud: what is wrong with a database or a group of AWS is wrong with Azure's, too."""

from __future__ import annotations

from datetime import date

from seawall.check.engine import examine
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref
from seawall.readers.read import facts_of


def at(type):
    """An address in Azure."""
    return Address.terraform("koreacentral", "recovery", f"{type}.main")


def found(**bodies):
    """The rules that find something in these bodies, named by their types without `azurerm_`."""
    graph = Graph(
        Resource(at(f"azurerm_{type}"), f"azurerm_{type}", body, region="koreacentral") for type, body in bodies.items()
    )
    return {finding.rule for finding in examine(graph, facts_of(graph), waivers=(), as_of=date(2026, 11, 21)).findings}


def test_an_open_port_is_found_in_azure():
    """A rule that lets the internet to port 22 is what a security group's is; one for 443 is none."""

    def rule(port):
        return {
            "network_security_group_name": Ref(at("azurerm_network_security_group"), "name"),
            "direction": "Inbound",
            "access": "Allow",
            "protocol": "Tcp",
            "source_address_prefix": "Internet",
            "destination_port_range": port,
        }

    assert "NET-101" in found(network_security_group={"name": "g"}, network_security_rule=rule("22"))
    assert "NET-101" not in found(network_security_group={"name": "g"}, network_security_rule=rule("443"))


def test_an_exposed_database_is_found_in_azure():
    """A server with a public address that takes connections without TLS."""
    server = Ref(at("azurerm_mysql_flexible_server"), "name")
    plain = {"name": "require_secure_transport", "value": "OFF", "server_name": server}
    exposed = found(
        mysql_flexible_server={"name": "d", "public_network_access": "Enabled"},
        mysql_flexible_server_configuration=plain,
    )
    assert {"DATA-025", "DATA-103"} <= exposed
    closed = found(
        mysql_flexible_server={"name": "d", "public_network_access": "Disabled"},
        mysql_flexible_server_configuration=plain | {"value": "ON"},
    )
    assert not {"DATA-025", "DATA-103"} & closed


def test_an_account_whose_blobs_may_be_public_is_found():
    """Silence is the provider's default, and that is yes."""
    assert "DATA-104" in found(storage_account={"name": "a"})
    assert "DATA-104" not in found(storage_account={"name": "a", "allow_nested_items_to_be_public": False})
