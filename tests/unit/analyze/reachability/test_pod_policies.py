"""Policies where something is not known, or where Kubernetes and its plug-ins leave something open."""

from __future__ import annotations

from typing import Any

import pytest

from seawall.analyze.reachability.enforcement import enforcement
from seawall.analyze.reachability.placement import ANY_ADDRESS, Whereabouts
from seawall.analyze.reachability.pod_policies import Reached, pod_policies
from seawall.analyze.reachability.pods import named_port
from seawall.analyze.reachability.policies import towards_pods
from seawall.analyze.reachability.traffic import EVERYTHING, Traffic
from seawall.facts.compute import Cluster, Container, FargateProfile, NodeGroup, Workload
from seawall.facts.fact import Fact
from seawall.facts.facts import Facts
from seawall.facts.network import Interface, Subnet
from seawall.facts.resilience import Setting
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr, Ports
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Answer
from seawall.readers.kubernetes.objects import address_of, type_of
from seawall.readers.read import read

Manifest = dict[str, Any]
TCP_80 = Traffic.of("tcp", Ports.one(80))
CLUSTER, NODES = Address("r/c:aws_eks_cluster.main"), Address("r/c:aws_eks_node_group.main")
SUBNET = Address("r/n:aws_subnet.app")
PROFILE = FargateProfile(Address("r/c:aws_eks_fargate_profile.shop"), CLUSTER, "shop", (("sh*", (("app", "web"),)),))
CILIUM = Container(Address("main/DaemonSet/kube-system/cilium"), "agent", "quay.io/cilium/cilium:v1.18.2@sha256:ab")


def workload(name: str, kind: str = "Deployment", namespace: str = "shop", **spec: Any) -> Manifest:
    """A workload whose pods carry their name as the label ``app`` and listen on 80 as http."""
    container = {"name": "main", "image": "main:1", "ports": [{"name": "http", "containerPort": 80}]}
    pod = {"containers": [container], **spec}
    metadata: Manifest = {"name": name, "namespace": namespace}
    if kind == "Pod":
        return {"apiVersion": "v1", "kind": kind, "metadata": {**metadata, "labels": {"app": name}}, "spec": pod}
    template = {"metadata": {"labels": {"app": name}}, "spec": pod}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": {"replicas": 2, "template": template}}


def policy(selector: Manifest, namespace: str = "shop", name: str = "p", **rules: Any) -> Manifest:
    """A policy about these pods of a namespace."""
    spec = {"podSelector": selector, "policyTypes": [each.capitalize() for each in rules], **rules}
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def app(name: str) -> Manifest:
    """The selector of a workload's pods."""
    return {"matchLabels": {"app": name}}


def facts_of(*manifests: Manifest, more: tuple[Fact, ...] = ()) -> Facts:
    """What manifests say, and more beside."""
    return read(Graph([Resource(address_of("main", each), type_of(each), each) for each in manifests])).and_also(more)


def estate(enforced: object = True, image: str = "AL2023_x86_64_STANDARD") -> tuple[Fact, ...]:
    """A cluster of one group of nodes."""
    return (
        Cluster(CLUSTER, "main", "1.33", "r", "", True, None),
        Setting(CLUSTER, "network-policy-enforced", enforced),
        NodeGroup(NODES, CLUSTER, (), 1, 1, 1, "on-demand", image),
        Interface(NODES, (SUBNET,), (Address("r/c:aws_security_group.node"),)),
        Subnet(SUBNET, Address("r/n:aws_vpc.main"), Cidr.parse("10.0.1.0/24"), "a"),
    )


def between(facts: Facts, source: str, target: str) -> Reached:
    """What the policies of both sides let through between two workloads."""
    one, other = (found(facts, name) for name in (source, target))
    return pod_policies(facts, one).between(one, other)


def found(facts: Facts, name: str) -> Workload:
    """A workload by its name."""
    return next(each for each in facts.all(Workload) if each.of.rpartition("/")[2] == name)


def test_a_label_of_one_pod_means_perhaps() -> None:
    """A policy for one pod of a StatefulSet says nothing certain of its workload, and nothing at all of others."""
    only = policy({"matchLabels": {"statefulset.kubernetes.io/pod-name": "db-0"}}, ingress=[])
    facts = facts_of(workload("db", "StatefulSet"), workload("web"), only)
    reached = between(facts, "web", "db").every
    assert not reached.sure
    assert reached.may == EVERYTHING
    assert reached.because[0].what == "main/StatefulSet/shop/db.metadata.labels[statefulset.kubernetes.io/pod-name]"
    assert between(facts, "db", "web").every.sure == EVERYTHING
    other = policy({"matchLabels": {"statefulset.kubernetes.io/pod-name": "cache-0"}}, ingress=[])
    assert (
        between(facts_of(workload("db", "StatefulSet"), workload("web"), other), "web", "db").every.ask(TCP_80).proven
    )


@pytest.mark.parametrize(
    ("labels", "answer"),
    [
        ({"team": "a"}, Answer.UNKNOWN),
        ({"kubernetes.io/metadata.name": "guests"}, Answer.PROVEN),
        ({"kubernetes.io/metadata.name": "hosts"}, Answer.REFUTED),
        ({}, Answer.PROVEN),
    ],
)
def test_labels_of_a_namespace_that_is_not_in_the_input(labels: Manifest, answer: Answer) -> None:
    """What its manifest would say may be anything, but its name is known."""
    allowed = [{"from": [{"namespaceSelector": {"matchLabels": labels}}]}]
    facts = facts_of(workload("web"), workload("guest", namespace="guests"), policy(app("web"), ingress=allowed))
    verdict = between(facts, "guest", "web").every.ask(TCP_80)
    assert verdict.answer is answer
    if verdict.unknown:
        assert verdict.because[0].what == "main/Namespace/guests.metadata.labels"


def test_every_cluster_has_kube_system_without_labels() -> None:
    """A selector by a label that somebody would have to put there does not mean it."""
    allowed = [{"from": [{"namespaceSelector": {"matchLabels": {"name": "kube-system"}}}]}]
    facts = facts_of(workload("web"), workload("dns", namespace="kube-system"), policy(app("web"), ingress=allowed))
    assert between(facts, "dns", "web").every.ask(TCP_80).refuted


def test_pods_on_the_network_of_their_host() -> None:
    """Amazon's plug-in takes them for their node; of others Kubernetes leaves it open."""
    allowed = [{"from": [{"podSelector": app("agent")}]}]
    manifests = (workload("web"), workload("agent", "DaemonSet", hostNetwork=True), policy(app("web"), ingress=allowed))
    alone = between(facts_of(*manifests), "agent", "web").every.ask(TCP_80)
    assert alone.unknown
    assert alone.because[0].what == "main/DaemonSet/shop/agent.spec.hostNetwork"
    amazons = between(facts_of(*manifests, more=estate()), "agent", "web")
    assert amazons.every.ask(TCP_80).refuted
    assert amazons.some.ask(TCP_80).proven  # the one that lies on the same node


def test_nobody_isolates_a_node() -> None:
    """A policy that selects pods on their host's network does nothing to them where the plug-in does not see them."""
    shut = policy({}, ingress=[])
    manifests = (workload("web"), workload("agent", "DaemonSet", hostNetwork=True), shut)
    assert between(facts_of(*manifests, more=estate()), "web", "agent").every.ask(TCP_80).proven
    assert between(facts_of(*manifests), "web", "agent").every.ask(TCP_80).unknown


@pytest.mark.parametrize(
    ("manifest", "more", "answer"),
    [
        (workload("web"), (), Answer.PROVEN),
        (workload("web"), estate(), Answer.PROVEN),
        (workload("web"), estate(False), Answer.REFUTED),
        (workload("web"), estate(Unknown("addon.configuration_values")), Answer.UNKNOWN),
        (workload("web", "Pod"), estate(), Answer.REFUTED),
        (workload("web", nodeSelector={"kubernetes.io/os": "windows"}), estate(), Answer.REFUTED),
        (workload("web"), estate(image="WINDOWS_CORE_2022_x86_64"), Answer.REFUTED),
        (workload("web"), (*estate(), PROFILE), Answer.REFUTED),
        (workload("web", "DaemonSet"), (*estate(), PROFILE), Answer.PROVEN),
        (workload("web"), (*estate(False), CILIUM), Answer.PROVEN),
        (workload("web", "Pod"), (*estate(False), CILIUM), Answer.PROVEN),
    ],
)
def test_who_enforces_policies(manifest: Manifest, more: tuple[Fact, ...], answer: Answer) -> None:
    """Nobody on Fargate; on Windows and for pods without an owner nobody where it is Amazon's plug-in; else as set."""
    facts = facts_of(manifest, policy({}, ingress=[]), more=more)
    web = found(facts, "web")
    assert enforcement(facts, web).answer is answer
    expected = {Answer.PROVEN: Answer.REFUTED, Answer.REFUTED: Answer.PROVEN, Answer.UNKNOWN: Answer.UNKNOWN}[answer]
    assert pod_policies(facts, web).ingress(web, ANY_ADDRESS).ask(TCP_80).answer is expected


def test_a_name_of_a_port_is_one_of_a_protocol() -> None:
    """Two ports may share a name if their protocols differ; what ends before the pod begins has none."""
    web = workload("web")
    [container] = web["spec"]["template"]["spec"]["containers"]
    container["ports"] = [
        {"name": "dns", "containerPort": 53, "protocol": "UDP"},
        {"name": "dns-tcp", "containerPort": 53},
        {"name": "dns", "containerPort": 5353},
    ]
    allowed = [{"ports": [{"protocol": "UDP", "port": "dns"}]}]
    early: Manifest = {"name": "early", "image": "early:1", "ports": [{"name": "metrics", "containerPort": 9100}]}
    sidecar = {
        **early,
        "name": "beside",
        "ports": [{"name": "admin", "containerPort": 15000}],
        "restartPolicy": "Always",
    }
    web["spec"]["template"]["spec"]["initContainers"] = [early, sidecar]
    facts = facts_of(web, workload("api"), policy(app("web"), ingress=allowed))
    assert named_port(facts, found(facts, "web"), "metrics", "tcp") == ()
    assert named_port(facts, found(facts, "web"), "admin", "tcp") == (15000,)
    assert named_port(facts, found(facts, "web"), "dns", "udp") == (53,)
    assert between(facts, "api", "web").every.sure == Traffic.of("udp", Ports.one(53))


def test_an_address_that_nobody_knows_may_be_in_a_range() -> None:
    """Only what is let through to every address is certain for a thing of which the address is not known."""
    allowed = [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.9.0.0/16"]}}]}]
    facts = facts_of(workload("web"), policy(app("web"), egress=allowed))
    web = found(facts, "web")
    policies = pod_policies(facts, web)
    missing = Unknown("subnet.cidr")
    assert policies.egress(web, Whereabouts.of((), (missing,))).ask(TCP_80).because == (missing,)
    inside, hole = Cidr.parse("10.0.8.0/24"), Cidr.parse("10.9.8.0/24")
    assert policies.egress(web, Whereabouts.of((inside,), (missing,))).ask(TCP_80).unknown
    assert policies.egress(web, Whereabouts.of((inside,))).ask(TCP_80).proven
    assert policies.egress(web, Whereabouts.of((inside, hole))).ask(TCP_80).refuted
    assert policies.egress_somewhere(web, Whereabouts.of((inside, hole))).ask(TCP_80).proven
    assert policies.egress(web, Whereabouts.of((Cidr.parse("2001:db8::/64"),))).ask(TCP_80).refuted


def test_pods_of_a_cluster_have_its_nodes_addresses() -> None:
    """A range that holds all subnets of the nodes means every pod; of pods that are nowhere it may mean any."""
    allowed = [{"from": [{"ipBlock": {"cidr": "10.0.0.0/16"}}]}]
    manifests = (workload("web"), workload("api"), policy(app("web"), ingress=allowed))
    assert between(facts_of(*manifests, more=estate()), "api", "web").every.ask(TCP_80).proven
    assert between(facts_of(*manifests), "api", "web").every.ask(TCP_80).unknown


def test_a_pod_alone_always_reaches_itself() -> None:
    """Policies keep pods of one workload apart, but no pod from itself."""
    shut = policy({}, ingress=[], egress=[])
    facts = facts_of(workload("web"), shut)
    assert between(facts, "web", "web").every.ask(TCP_80).refuted
    assert between(facts, "web", "web").some.ask(TCP_80).proven
    alone = workload("web")
    alone["spec"]["replicas"] = 1
    assert between(facts_of(alone, shut), "web", "web").every.ask(TCP_80).proven


def test_other_protocols_are_left_open() -> None:
    """Kubernetes does not say what a policy does to ICMP, and neither does a hop."""
    facts = facts_of(workload("web"), workload("api"), policy(app("web"), ingress=[]))
    _, ingress = towards_pods(facts, found(facts, "api"), found(facts, "web"), 0, "icmp")
    assert ingress.verdict.unknown


def test_ports_beyond_the_last_and_protocols_beyond_the_known_mean_nothing() -> None:
    """The API server takes no such thing, and a file that has it stops nobody from being told the rest."""
    ports = [{"port": 65000, "endPort": 70000}, {"protocol": "GRE"}, {"port": 70000}, {"port": "{?var.port}"}]
    facts = facts_of(workload("web"), workload("api"), policy(app("web"), ingress=[{"ports": ports}]))
    reached = between(facts, "api", "web").every
    assert reached.sure == Traffic.of("tcp", Ports(65000, 65535))
    assert reached.may == Traffic.of("tcp")


def test_pods_of_a_job_carry_its_name() -> None:
    """The controller puts it on them, and a policy may mean them by it; of a CronJob's only how it begins is known."""
    job = {**workload("load"), "apiVersion": "batch/v1", "kind": "Job"}
    nightly = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "night", "namespace": "shop"},
        "spec": {"schedule": "0 0 * * *", "jobTemplate": {"spec": {"template": workload("night")["spec"]["template"]}}},
    }
    for name, source, answer in (
        ("load", "load", Answer.PROVEN),
        ("other", "load", Answer.REFUTED),
        ("night-29384730", "night", Answer.UNKNOWN),
        ("load", "night", Answer.REFUTED),
    ):
        allowed = [{"from": [{"podSelector": {"matchLabels": {"job-name": name}}}]}]
        facts = facts_of(workload("web"), job, nightly, policy(app("web"), ingress=allowed))
        assert between(facts, source, "web").every.ask(TCP_80).answer is answer, (name, source)


def test_addresses_have_no_named_ports() -> None:
    """A name in a rule of egress is looked up in the pods at the other end, and there are none in a range."""
    allowed = [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": "http"}]}]
    facts = facts_of(workload("web"), workload("api"), policy(app("web"), egress=allowed))
    web = found(facts, "web")
    assert not pod_policies(facts, web).egress_somewhere(web, ANY_ADDRESS).may
    everybody = policy(app("web"), egress=[{"ports": [{"port": "http"}]}])
    assert between(facts_of(workload("web"), workload("api"), everybody), "web", "api").every.sure == TCP_80


@pytest.mark.parametrize(
    ("ingress", "what"),
    [
        (Unknown("var.rules"), "spec.ingress"),
        ([{"from": Unknown("var.peers")}], "spec.ingress.0.from"),
        ([{"ports": Unknown("var.ports")}], "spec.ingress.0.ports"),
        ([{"from": [{"podSelector": Unknown("var.selector")}]}], "spec.ingress.0.from.0.podSelector"),
        ([{"ports": [{"port": 81, "endPort": Unknown("var.last")}]}], "spec.ingress.0.ports.0.endPort"),
        ([{"from": [{"ipBlock": {"cidr": Unknown("var.cidr")}}]}], "spec.ingress.0.from.0.ipBlock.cidr"),
    ],
)
def test_a_rule_of_which_a_part_is_not_known_may_permit(ingress: Any, what: str) -> None:
    """No part of a rule that is known later makes a definite no, and the part is named."""
    facts = facts_of(workload("web"), workload("api"), policy(app("web"), ingress=ingress))
    verdict = between(facts, "api", "web").every.ask(TCP_80)
    assert verdict.unknown
    assert any(what in reason.what or reason.what.startswith("var.") for reason in verdict.because), verdict.because


def test_a_label_that_is_known_later_may_be_the_one_that_is_asked_for() -> None:
    """A selector and a label with holes may fit, and fit for certain where both are the same hole."""
    hole = Unknown("var.name")
    allowed = [{"from": [{"podSelector": {"matchLabels": {"app": hole}}}]}]
    facts = facts_of(workload("web"), workload("api"), policy(app("web"), ingress=allowed))
    assert between(facts, "api", "web").every.ask(TCP_80).unknown
    same = workload("api")
    same["spec"]["template"]["metadata"]["labels"]["app"] = hole
    assert (
        between(facts_of(workload("web"), same, policy(app("web"), ingress=allowed)), "api", "web")
        .every.ask(TCP_80)
        .proven
    )


def test_a_policy_of_which_the_pods_are_not_known_may_isolate_any() -> None:
    """A selector that is known later is neither one of nobody nor, like an empty one, one of everybody."""
    later: Any = Unknown("var.selector")
    facts = facts_of(workload("web"), workload("api"), policy(later, ingress=[]))
    assert between(facts, "api", "web").every.ask(TCP_80).unknown


@pytest.mark.parametrize(
    ("operator", "values", "answer"),
    [
        ("NotIn", ["x"], Answer.PROVEN),
        ("In", ["x"], Answer.REFUTED),
        ("DoesNotExist", [], Answer.PROVEN),
        ("Exists", [], Answer.REFUTED),
        ("Above", ["1"], Answer.REFUTED),
    ],
)
def test_a_label_that_is_not_there(operator: str, values: list[str], answer: Answer) -> None:
    """It has none of the values of NotIn, which therefore means pods without it; an operator of nobody means nobody."""
    expression = {"key": "tier", "operator": operator, "values": values}
    allowed = [{"from": [{"podSelector": {"matchExpressions": [expression]}}]}]
    facts = facts_of(workload("web"), workload("api"), policy(app("web"), ingress=allowed))
    assert between(facts, "api", "web").every.ask(TCP_80).answer is answer
