"""What is read of Azure's bodies."""

from __future__ import annotations

from seawall.analyze.reachability.network import between, inward, outward
from seawall.analyze.reachability.traffic import Traffic
from seawall.facts.data import Backup, Replicates, Store
from seawall.facts.identity import Attaches, Principal, Statement
from seawall.facts.network import Interface, Listens, Network, Permit, Subnet
from seawall.facts.resilience import Setting
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import ANYWHERE, Cidr, Ports
from seawall.kernel.value import Ref, Unknown
from seawall.kernel.verdict import Answer
from seawall.readers.read import facts_of


def at(type, name="main"):
    """An address in Azure."""
    return Address.terraform("koreacentral", "recovery", f"{type}.{name}")


def read(type, body, *more):
    """The facts of one resource, and of those it stands among."""
    return facts_of(Graph([Resource(at(type), type, body, region="koreacentral"), *more]))


def one(found, kind):
    """The only fact of a kind."""
    (fact,) = found.all(kind)
    return fact


def rule(**changed):
    """A rule of a security group."""
    return {
        "network_security_group_name": Ref(at("azurerm_network_security_group"), "name"),
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "Tcp",
        "source_address_prefix": "Internet",
        "destination_port_range": "443",
        **changed,
    }


def test_a_rule_that_allows_is_a_permit():
    """From anybody, from a range, or from a service tag, whose ranges Azure keeps."""
    permit = one(read("azurerm_network_security_rule", rule()), Permit)
    assert (permit.direction, permit.protocol, permit.ports, permit.peer) == (
        "ingress",
        "tcp",
        Ports(443, 443),
        ANYWHERE,
    )
    assert permit.group == at("azurerm_network_security_group")
    ranged = rule(source_address_prefix="10.0.0.0/8", destination_port_range="1000-2000")
    permit = one(read("azurerm_network_security_rule", ranged), Permit)
    assert (permit.peer, permit.ports) == (Cidr.parse("10.0.0.0/8"), Ports(1000, 2000))
    tagged = one(read("azurerm_network_security_rule", rule(source_address_prefix="AzureLoadBalancer")), Permit)
    assert tagged.peer == Address.outside("AzureLoadBalancer")


def test_a_rule_that_refuses_permits_nothing():
    """What no rule permits does not get through, so a refusal adds nothing."""
    assert list(read("azurerm_network_security_rule", rule(access="Deny")).all(Permit)) == []


def test_networks_and_subnets_have_ranges():
    """A subnet belongs to its network by name; in Azure it lies in every zone."""
    network = read("azurerm_virtual_network", {"name": "n", "address_space": ["10.200.0.0/16"]})
    assert one(network, Network).cidrs == (Cidr.parse("10.200.0.0/16"),)
    body = {"virtual_network_name": Ref(at("azurerm_virtual_network"), "name"), "address_prefixes": ["10.200.0.0/24"]}
    subnet = one(read("azurerm_subnet", body), Subnet)
    assert (subnet.network, subnet.cidr, subnet.zone) == (
        at("azurerm_virtual_network"),
        Cidr.parse("10.200.0.0/24"),
        "",
    )


def test_an_interface_is_public_if_it_has_a_public_address():
    """A machine's exposure is its interface's."""
    configuration = {"name": "main", "subnet_id": Ref(at("azurerm_subnet"), "id")}
    hidden = read("azurerm_network_interface", {"ip_configuration": [configuration]})
    assert one(hidden, Interface).public is False
    configuration["public_ip_address_id"] = Ref(at("azurerm_public_ip"), "id")
    seen = one(read("azurerm_network_interface", {"ip_configuration": [configuration]}), Interface)
    assert seen.public is True
    assert seen.subnets == (at("azurerm_subnet"),)


def test_an_account_says_whether_a_blob_may_be_public():
    """Silence means yes: that is the provider's default."""
    silent = read("azurerm_storage_account", {"name": "shopcopies"})
    assert one(silent, Store).public is True
    closed = read("azurerm_storage_account", {"name": "shopcopies", "allow_nested_items_to_be_public": False})
    assert one(closed, Store).public is False
    assert {(fact.key, fact.value) for fact in closed.all(Setting)} == {("block-public", True), ("tls-required", True)}


def test_a_life_cycle_ends_old_blobs():
    """Only a rule that is on counts."""
    rule = {
        "name": "r",
        "enabled": True,
        "filters": [{"blob_types": ["blockBlob"]}],
        "actions": [{"base_blob": [{"delete_after_days_since_modification_greater_than": 30}]}],
    }
    body = {"storage_account_id": Ref(at("azurerm_storage_account"), "id"), "rule": [rule]}
    assert one(read("azurerm_storage_management_policy", body), Setting).value is True
    rule["enabled"] = False
    assert one(read("azurerm_storage_management_policy", body), Setting).value is False


def test_a_mysql_server_is_a_database_with_backups():
    """Engine, version, size, days of backups, whether it is public, and that it insists on TLS."""
    body = {
        "name": "shopdb",
        "version": "8.4",
        "sku_name": "B_Standard_B1ms",
        "backup_retention_days": 9,
        "public_network_access": "Disabled",
        "storage": [{"size_gb": 50}],
    }
    found = read("azurerm_mysql_flexible_server", body)
    store = one(found, Store)
    assert (store.engine, store.version, store.size, store.public) == ("mysql", "8.4", 50 * 2**30, False)
    assert one(found, Backup).keeps == 9 * 86400
    assert one(found, Listens).tls == "required"
    unsaid = read("azurerm_mysql_flexible_server", {"public_network_access": Unknown("x")})
    assert isinstance(one(unsaid, Store).public, Unknown)


def test_a_server_says_of_which_database_it_is_a_copy():
    """Its tag names the original, so that it is not taken for another store that could be lost."""
    original = Address.terraform("ap-northeast-2", "data", "aws_db_instance.orders")
    found = read("azurerm_mysql_flexible_server", {"name": "shopdb", "tags": {"copy-of": Ref(original, "arn")}})
    copy = one(found, Replicates)
    assert (copy.source, copy.mode, copy.scope) == (original, "asynchronous", "cloud")
    assert copy.target == at("azurerm_mysql_flexible_server")


def test_an_identity_trusts_an_issuer_for_a_subject():
    """Who may become it, and what it may do, is read as for a role of AWS."""
    identity = at("azurerm_user_assigned_identity")
    assert one(read("azurerm_user_assigned_identity", {"name": "w"}), Principal).kind == "managed-identity"
    body = {
        "parent_id": Ref(identity, "id"),
        "issuer": "https://issuer.example",
        "subject": "system:serviceaccount:shop:recovery",
        "audience": ["api://AzureADTokenExchange"],
    }
    trust = one(read("azurerm_federated_identity_credential", body), Statement)
    assert (trust.holder, trust.kind, trust.principals) == (
        identity,
        "trust",
        (("Federated", "https://issuer.example"),),
    )
    assert {condition.key for condition in trust.conditions} == {"sub", "aud"}
    assigned = {"principal_id": Ref(identity, "principal_id"), "role_definition_name": "AcrPull", "scope": "s"}
    assert one(read("azurerm_role_assignment", assigned), Attaches).policy == "AcrPull"


def machines(*more):
    """Two subnets of a network, each with a machine; the second's is guarded by a group."""
    bodies = [
        ("azurerm_virtual_network", "main", {"name": "n", "address_space": ["10.0.0.0/16"]}),
        ("azurerm_virtual_network", "far", {"name": "f", "address_space": ["10.1.0.0/16"]}),
        ("azurerm_network_security_group", "main", {"name": "g"}),
        (
            "azurerm_subnet_network_security_group_association",
            "b",
            {
                "subnet_id": Ref(at("azurerm_subnet", "b"), "id"),
                "network_security_group_id": Ref(at("azurerm_network_security_group"), "id"),
            },
        ),
    ]
    for name, network, cidr in (("a", "n", "10.0.1.0/24"), ("b", "n", "10.0.2.0/24"), ("c", "f", "10.1.1.0/24")):
        bodies.append(("azurerm_subnet", name, {"virtual_network_name": network, "address_prefixes": [cidr]}))
        place = {"name": "main", "subnet_id": Ref(at("azurerm_subnet", name), "id")}
        bodies.append(("azurerm_network_interface", name, {"ip_configuration": [place]}))
    made = [Resource(at(type, name), type, body, region="koreacentral") for type, name, body in (*bodies, *more)]
    return facts_of(Graph(made))


def lets(found, one, other, port):
    """Whether one machine reaches another on a port of TCP."""
    ends = (found.one(Interface, of=at("azurerm_network_interface", name)) for name in (one, other))
    return between(found, *ends).ask(Traffic.of("tcp", Ports.one(port))).answer


def test_a_group_decides_by_its_first_rule_and_lets_answers_through():
    """Within a network all is open until a rule refuses; one with a lower number goes before it."""
    refuse = rule(access="Deny", priority=200, protocol="*", source_address_prefix="VirtualNetwork")
    refuse["destination_port_range"] = "*"
    allow = rule(priority=100, source_address_prefix="10.0.1.0/24", destination_port_range="5432")
    assert lets(machines(), "a", "b", 22) is Answer.PROVEN
    guarded = machines(("azurerm_network_security_rule", "x", refuse), ("azurerm_network_security_rule", "y", allow))
    assert lets(guarded, "a", "b", 22) is Answer.REFUTED
    assert lets(guarded, "a", "b", 5432) is Answer.PROVEN
    assert lets(guarded, "b", "a", 22) is Answer.PROVEN
    narrow = machines(
        ("azurerm_network_security_rule", "x", refuse | {"priority": 90, "destination_address_prefix": "10.0.2.4"})
    )
    assert lets(narrow, "a", "b", 22) is Answer.UNKNOWN


def test_networks_are_joined_once_both_sides_say_so():
    """A peering of one side alone leads nowhere; what a table says goes before Azure's own routes."""
    there = {"virtual_network_name": "n", "remote_virtual_network_id": Ref(at("azurerm_virtual_network", "far"), "id")}
    back = {"virtual_network_name": "f", "remote_virtual_network_id": Ref(at("azurerm_virtual_network"), "id")}
    joined = [("azurerm_virtual_network_peering", "x", there), ("azurerm_virtual_network_peering", "y", back)]
    assert lets(machines(), "a", "c", 22) is Answer.REFUTED
    assert lets(machines(joined[0]), "a", "c", 22) is Answer.REFUTED
    assert lets(machines(*joined), "a", "c", 22) is Answer.PROVEN
    nowhere = {"name": "x", "address_prefix": "10.1.0.0/16", "next_hop_type": "None"}
    uses = {
        "subnet_id": Ref(at("azurerm_subnet", "a"), "id"),
        "route_table_id": Ref(at("azurerm_route_table"), "id"),
    }
    table = [
        ("azurerm_route_table", "main", {"name": "t", "route": [nowhere]}),
        ("azurerm_subnet_route_table_association", "a", uses),
    ]
    assert lets(machines(*joined, *table), "a", "c", 22) is Answer.REFUTED


def test_every_machine_of_azure_leaves_and_none_is_entered_without_a_public_address():
    """Azure's own route leads out, through an address of its own; what comes in needs the machine's."""
    found = machines()
    one = found.one(Interface, of=at("azurerm_network_interface", "a"))
    assert outward(found, one).ask(Traffic.of("tcp", Ports.one(443))).proven
    assert inward(found, one).ask(Traffic.of("tcp", Ports.one(443))).refuted


def public(sku, *more):
    """A machine with a public address of that kind."""
    place = {
        "name": "main",
        "subnet_id": Ref(at("azurerm_subnet", "a"), "id"),
        "public_ip_address_id": Ref(at("azurerm_public_ip"), "id"),
    }
    address = {"name": "p"} | ({} if sku is None else {"sku": sku})
    return machines(
        ("azurerm_public_ip", "main", address),
        ("azurerm_network_interface", "seen", {"ip_configuration": [place]}),
        *more,
    )


def reached(found, port):
    """Whether the internet reaches the machine on a port of TCP."""
    interface = found.one(Interface, of=at("azurerm_network_interface", "seen"))
    return inward(found, interface).ask(Traffic.of("tcp", Ports.one(port))).answer


def test_a_rule_for_any_protocol_on_a_port_is_for_that_port():
    """Of any protocol does not mean on any port, neither where a rule allows nor where it refuses."""
    guarded = (
        "azurerm_network_interface_security_group_association",
        "a",
        {
            "network_interface_id": Ref(at("azurerm_network_interface", "seen"), "id"),
            "network_security_group_id": Ref(at("azurerm_network_security_group"), "id"),
        },
    )
    opens = rule(priority=200, protocol="*", source_address_prefix="*", destination_port_range="22")
    found = public("Standard", guarded, ("azurerm_network_security_rule", "o", opens))
    assert [reached(found, port) for port in (22, 23)] == [Answer.PROVEN, Answer.REFUTED]
    both = {**opens, "destination_port_range": None, "destination_port_ranges": ["22", "23"]}
    shuts = {**opens, "priority": 100, "access": "Deny"}
    rules = (("azurerm_network_security_rule", "o", both), ("azurerm_network_security_rule", "s", shuts))
    found = public("Standard", guarded, *rules)
    assert [reached(found, port) for port in (22, 23)] == [Answer.REFUTED, Answer.PROVEN]


def test_a_standard_public_address_lets_nobody_in_without_a_group():
    """One of the basic kind does, and where the kind is not stated the versions of the provider differ."""
    assert reached(public("Standard"), 22) is Answer.REFUTED
    assert reached(public("Basic"), 22) is Answer.PROVEN
    assert reached(public(None), 22) is Answer.UNKNOWN
