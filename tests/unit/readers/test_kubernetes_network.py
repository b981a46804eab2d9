"""Services, Ingresses, NetworkPolicies and namespaces: what they say, and what absent and empty mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kubernetes_cluster import CERTIFICATE, CLUSTER, thing
from seawall.facts.demands import Present, Reach
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier
from seawall.facts.namespaces import labels_of, namespace, namespaces
from seawall.facts.network import (
    Forwards,
    Guards,
    HealthCheck,
    Hostname,
    Interface,
    Listens,
    Permit,
    Presents,
    Record,
)
from seawall.facts.pod_network import (
    Isolates,
    Namespace,
    PodGroups,
    PodPeer,
    PolicyPermit,
    RangePeer,
    Requirement,
    Selector,
    Service,
    ServicePort,
)
from seawall.facts.resilience import Setting
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import ALL_PORTS, ANYWHERE, Cidr, Ports
from seawall.kernel.value import Ref, Unknown
from seawall.readers.read import read

PETCLINIC = Address.kubernetes(CLUSTER, "Namespace", "", "petclinic")


def facts(*resources: Resource) -> Facts:
    """The facts of these objects."""
    return read(Graph(resources))


def address(kind: str, name: str) -> Address:
    """An address in the test's namespace."""
    return Address.kubernetes(CLUSTER, kind, "petclinic", name)


def policy(**spec: Any) -> Facts:
    """The facts of one policy named ``p``."""
    return facts(thing("networking.k8s.io/v1", "NetworkPolicy", "p", spec={"podSelector": {}} | spec))


def directions(found: Facts) -> list[str]:
    """The directions in which the policy isolates."""
    return [isolates.direction for isolates in found.all(Isolates)]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, ["ingress"]),
        ({"egress": []}, ["ingress"]),
        ({"egress": [{}]}, ["ingress", "egress"]),
        ({"policyTypes": []}, ["ingress"]),
        ({"policyTypes": ["Egress"]}, ["egress"]),
        ({"policyTypes": ["Egress"], "ingress": [{}]}, ["egress"]),
    ],
)
def test_which_directions_a_policy_is_about(spec: dict[str, Any], expected: list[str]) -> None:
    """Without types a policy is about ingress, and about egress only if it has an egress rule."""
    assert directions(policy(**spec)) == expected


def test_rules_of_a_direction_that_is_not_meant_have_no_effect() -> None:
    """An ingress rule of a policy about egress permits nothing."""
    assert policy(policyTypes=["Egress"], ingress=[{}]).all(PolicyPermit) == ()


@pytest.mark.parametrize("rule", [{}, {"from": []}, {"from": None, "ports": []}])
def test_an_empty_rule_permits_everything(rule: dict[str, Any]) -> None:
    """Absent, null and empty peers and ports all mean everybody on every port."""
    found = policy(ingress=[rule])
    assert found.all(PolicyPermit) == (PolicyPermit(address("NetworkPolicy", "p"), "ingress", "any", ALL_PORTS, None),)


def test_ports_of_a_policy() -> None:
    """TCP by default, every port of a protocol without a number, ranges with both ends, names kept."""
    ports = [{"port": 80}, {"protocol": "UDP"}, {"port": 1000, "endPort": 2000}, {"port": "http"}]
    found = policy(ingress=[{"ports": ports}])
    assert [(permit.protocol, permit.ports) for permit in found.all(PolicyPermit)] == [
        ("tcp", Ports.one(80)),
        ("udp", ALL_PORTS),
        ("tcp", Ports(1000, 2000)),
        ("tcp", "http"),
    ]


def test_a_number_in_quotes_is_no_number() -> None:
    """The API takes it for a port's name, which no container can have, in a policy and in a service alike."""
    (permit,) = policy(ingress=[{"ports": [{"port": "3306"}]}]).all(PolicyPermit)
    assert permit.ports == "3306"
    ports = [{"port": 80, "targetPort": "8080"}]
    (service,) = facts(thing("v1", "Service", "web", spec={"ports": ports})).all(Service)
    assert service.ports[0].target == "8080"


def test_peers_of_a_policy() -> None:
    """An empty selector is every pod or namespace; two selectors of one peer must both match; ranges have holes."""
    app = {"matchLabels": {"app": "web"}}
    few = {"matchExpressions": [{"key": "team", "operator": "In", "values": ["b", "a"]}]}
    peers = [
        {"podSelector": app},
        {"namespaceSelector": {}},
        {"namespaceSelector": few, "podSelector": app},
        {"podSelector": {}},
        {"ipBlock": {"cidr": "10.0.0.7/16", "except": ["10.0.9.0/24"]}},
    ]
    web = Selector((("app", "web"),))
    team = Selector(requirements=(Requirement("team", "In", ("a", "b")),))
    assert [permit.peer for permit in policy(egress=[{"to": peers}]).all(PolicyPermit)] == [
        PodPeer(web),
        PodPeer(Selector(), Selector()),
        PodPeer(web, team),
        PodPeer(Selector()),
        RangePeer(Cidr.parse("10.0.0.0/16"), (Cidr.parse("10.0.9.0/24"),)),
    ]


def test_a_range_that_is_not_known_is_said_to_be_unknown() -> None:
    """A range that is a reference, or no range at all, neither permits nor forbids."""
    ref = Ref(Address.terraform("r", "s", "aws_subnet.a"), "cidr_block")
    found = policy(egress=[{"to": [{"ipBlock": {"cidr": ref}}, {"ipBlock": {"cidr": "ten"}}]}])
    assert all(isinstance(permit.peer, Unknown) for permit in found.all(PolicyPermit))
    assert len(found.all(PolicyPermit)) == 2


def test_a_service_with_its_defaults() -> None:
    """A port is its own target unless another is named, and the Service has a name in the cluster."""
    ports = [{"port": 80}, {"port": 53, "protocol": "UDP", "name": "dns", "targetPort": "dns"}]
    found = facts(thing("v1", "Service", "web", spec={"selector": {"app": "web"}, "ports": ports}))
    of = address("Service", "web")
    assert found.all(Service) == (
        Service(
            of,
            PETCLINIC,
            "web",
            Selector((("app", "web"),)),
            "ClusterIP",
            (ServicePort("", "tcp", 80, 80), ServicePort("dns", "udp", 53, "dns")),
            labels=(("app.kubernetes.io/part-of", "petclinic"),),
        ),
    )
    assert found.all(Hostname)[0].pattern == "web.petclinic.svc.cluster.local"
    assert [(listens.protocol, listens.ports) for listens in found.all(Listens)] == [
        ("tcp", Ports.one(80)),
        ("udp", Ports.one(53)),
    ]


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ({"clusterIP": "None"}, "Headless"),
        ({"type": "ExternalName", "externalName": "db.example"}, "ExternalName"),
        ({"type": "LoadBalancer"}, "LoadBalancer"),
    ],
)
def test_kinds_of_service(spec: dict[str, Any], kind: str) -> None:
    """Without a selector a Service has endpoints of its own; the kinds are told apart."""
    (found,) = facts(thing("v1", "Service", "x", spec=spec)).all(Service)
    assert (found.kind, found.selector) == (kind, None)


def ingress(annotations: dict[str, Any], *paths: dict[str, Any], host: str | None = "www.example") -> Facts:
    """The facts of an Ingress named ``www`` for an Application Load Balancer."""
    rule = {"http": {"paths": list(paths)}} | ({"host": host} if host else {})
    notes = {f"alb.ingress.kubernetes.io/{key}": value for key, value in annotations.items()}
    return facts(
        thing(
            "networking.k8s.io/v1",
            "Ingress",
            "www",
            annotations=notes,
            spec={"ingressClassName": "alb", "rules": [rule]},
        )
    )


def path(path: str, kind: str, service: str, port: Any) -> dict[str, Any]:
    """One path of an Ingress."""
    spelled = {"name": port} if isinstance(port, str) else {"number": port}
    return {"path": path, "pathType": kind, "backend": {"service": {"name": service, "port": spelled}}}


BALANCER = address("Ingress", "www").implied("load-balancer")


def test_paths_become_patterns() -> None:
    """A prefix is the path itself and everything below it, an exact path only itself, the root everything."""
    found = ingress({}, path("/api", "Prefix", "was", 80), path("/x", "Exact", "x", 80), path("/", "Prefix", "web", 80))
    of = address("Ingress", "www")
    assert [fact for fact in found.all(Forwards) if fact.of == of] == [
        Forwards(of, address("Service", "was"), "www.example", "/api"),
        Forwards(of, address("Service", "was"), "www.example", "/api/*"),
        Forwards(of, address("Service", "x"), "www.example", "/x"),
        Forwards(of, address("Service", "web"), "www.example", "/*"),
    ]
    assert Forwards(BALANCER, of) in found.all(Forwards)
    assert Reach(BALANCER, address("Service", "was"), 80) in found.all(Reach)


def test_a_load_balancer_with_the_controllers_defaults() -> None:
    """Without annotations it is internal, listens on 80 to everybody, and asks ``/`` every 15 seconds."""
    found = ingress({}, path("/", "Prefix", "web", 80))
    group = BALANCER.implied("group")
    (interface,) = found.all(Interface)
    assert (interface.groups, interface.public) == ((group,), False)
    assert isinstance(interface.subnets, Unknown)
    assert Listens(BALANCER, "tcp", Ports.one(80), "none") in found.all(Listens)
    assert Permit(group, "ingress", "tcp", Ports.one(80), ANYWHERE) in found.all(Permit)
    target = address("Ingress", "www").implied("target-group/web")
    web = address("Service", "web")
    assert found.all(HealthCheck) == (HealthCheck(target, web, "HTTP", None, "/", 15, 2),)
    assert found.where(Setting, key="idle-timeout") == (Setting(BALANCER, "idle-timeout", 60),)
    assert found.where(Setting, key="tls-required") == (Setting(BALANCER, "tls-required", False),)
    assert found.all(Presents) == found.all(Present) == ()


def test_certificates_firewall_groups_and_name() -> None:
    """A certificate makes it listen with TLS; references keep their targets, literals stay outside."""
    acl = "arn:aws:wafv2:ap-northeast-2:111122223333:regional/webacl/x/y"
    found = ingress(
        {
            "scheme": "internet-facing",
            "certificate-arn": Ref(CERTIFICATE, "arn"),
            "wafv2-acl-arn": acl,
            "security-groups": "sg-1, sg-2",
            "subnets": "subnet-1",
            "load-balancer-name": "petclinic",
        },
        path("/", "Prefix", "web", 80),
    )
    assert found.all(Presents) == (Presents(BALANCER, CERTIFICATE, ("www.example",), "ELBSecurityPolicy-2016-08"),)
    assert found.all(Present) == (Present(address("Ingress", "www"), "www.example", BALANCER),)
    assert Listens(BALANCER, "tcp", Ports.one(443), "required") in found.all(Listens)
    assert found.all(Guards) == (Guards(Address.outside(acl), BALANCER, "regional", "ap-northeast-2"),)
    assert found.all(Interface) == (
        Interface(
            BALANCER,
            (Address.outside("subnet-1"),),
            (Address.outside("sg-1"), Address.outside("sg-2")),
            True,
        ),
    )
    assert found.all(Permit) == ()
    assert found.all(Identifier) == (Identifier(BALANCER, "name", "petclinic"),)


def test_attributes_of_a_load_balancer_that_somebody_else_made() -> None:
    """A named load balancer keeps what the annotations do not mention; what they mention holds."""
    attributes = {"load-balancer-attributes": "idle_timeout.timeout_seconds=120"}
    found = ingress({"load-balancer-name": "petclinic"} | attributes, path("/", "Prefix", "web", 80))
    assert found.where(Setting, key="idle-timeout") == (Setting(BALANCER, "idle-timeout", 120),)
    assert found.where(Setting, key="drop-invalid-headers") == ()


def test_tls_without_a_certificate_is_looked_up() -> None:
    """Where TLS is asked for and no certificate named, the controller looks one up: which is unknown."""
    found = ingress({"listen-ports": '[{"HTTPS": 443}]'}, path("/", "Prefix", "web", 80))
    assert isinstance(found.all(Presents)[0].certificate, Unknown)
    assert found.where(Setting, key="tls-required") == (Setting(BALANCER, "tls-required", True),)


def test_weights_of_an_action() -> None:
    """An action's weights are the shares of its Services; a redirect is an answer of the load balancer's own."""
    groups = [
        {"serviceName": "was-stable", "servicePort": "8080", "weight": 90},
        {"serviceName": "was-canary", "servicePort": "8080", "weight": 10},
    ]
    forward = json.dumps({"type": "forward", "forwardConfig": {"targetGroups": groups}})
    fixed = json.dumps({"type": "fixed-response", "fixedResponseConfig": {"statusCode": "503"}})
    found = ingress(
        {"actions.was": forward, "actions.down": fixed},
        path("/", "Exact", "was", "use-annotation"),
        path("/down", "Exact", "down", "use-annotation"),
    )
    of = address("Ingress", "www")
    assert [(fact.to, fact.weight) for fact in found.all(Forwards) if fact.of == of] == [
        (address("Service", "was-stable"), 90),
        (address("Service", "was-canary"), 10),
        ("fixed-response:503", 100),
    ]


def test_ingresses_of_a_group_share_a_load_balancer() -> None:
    """A group's name, not the Ingress, is the load balancer's identity."""
    (interface,) = ingress({"group.name": "shared"}, path("/", "Prefix", "web", 80)).all(Interface)
    assert interface.of == Address(f"{CLUSTER}//ingress-group/shared")


def test_an_ingress_of_another_class_has_no_load_balancer() -> None:
    """nginx's Ingress forwards, but nothing of AWS is implied."""
    rules = [{"http": {"paths": [path("/", "Prefix", "web", 80)]}}]
    spec = {"ingressClassName": "nginx", "rules": rules}
    found = facts(thing("networking.k8s.io/v1", "Ingress", "www", spec=spec))
    assert found.all(Interface) == ()
    assert found.all(Forwards) == (Forwards(address("Ingress", "www"), address("Service", "web")),)


def test_external_dns_names_make_records() -> None:
    """ExternalDNS writes the annotated names, which follow the Ingress."""
    notes = {"external-dns.alpha.kubernetes.io/hostname": "a.example, b.example"}
    found = facts(thing("networking.k8s.io/v1", "Ingress", "www", annotations=notes, spec={}))
    assert [record.name for record in found.all(Record)] == ["a.example", "b.example"]


def test_security_groups_for_pods() -> None:
    """The selected pods have the policy's groups."""
    spec = {"podSelector": {"matchLabels": {"app": "was"}}, "securityGroups": {"groupIds": ["sg-1"]}}
    found = facts(thing("vpcresources.k8s.aws/v1beta1", "SecurityGroupPolicy", "was", spec=spec))
    of = address("SecurityGroupPolicy", "was")
    selector = Selector((("app", "was"),))
    groups = (Address.outside("sg-1"),)
    assert found.all(PodGroups) == (PodGroups(of, PETCLINIC, selector, None, groups),)


def test_target_group_bindings_forward() -> None:
    """A target group made by Terraform forwards to the bound Service."""
    group = Address.terraform("r", "s", "aws_lb_target_group.was")
    spec = {"serviceRef": {"name": "was", "port": 80}, "targetGroupARN": Ref(group, "arn")}
    found = facts(thing("elbv2.k8s.aws/v1beta1", "TargetGroupBinding", "was", spec=spec))
    assert found.all(Forwards) == (Forwards(group, address("Service", "was")),)


def test_a_namespaces_own_labels_win_over_implied_ones() -> None:
    """Whatever the order, a namespace has the labels of its own manifest; one merely used has its name."""
    own = thing("v1", "Namespace", "petclinic", namespace="", labels={"team": "a"})
    user = thing("v1", "ServiceAccount", "was")
    for order in ((own, user), (user, own)):
        found = facts(*order)
        assert labels_of(found, PETCLINIC)["team"] == "a"
        assert labels_of(found, PETCLINIC)["kubernetes.io/metadata.name"] == "petclinic"
        assert [item.name for item in namespaces(found, CLUSTER)] == ["default", "kube-system", "petclinic"]
    implied = facts(user)
    assert namespace(implied, PETCLINIC) == Namespace(
        PETCLINIC, CLUSTER, "petclinic", (("kubernetes.io/metadata.name", "petclinic"),)
    )
    assert namespace(implied, Address.kubernetes(CLUSTER, "Namespace", "", "other")) is None


def test_pod_security_of_a_namespace() -> None:
    """Without a label a namespace enforces nothing, which the API calls privileged."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    strict = facts(thing("v1", "Namespace", "petclinic", namespace="", labels=labels))
    assert strict.all(Setting) == (Setting(PETCLINIC, "pod-security", "restricted"),)
    lax = facts(thing("v1", "Namespace", "petclinic", namespace=""))
    assert lax.all(Setting) == (Setting(PETCLINIC, "pod-security", "privileged"),)
