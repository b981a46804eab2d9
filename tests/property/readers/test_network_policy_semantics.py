"""The facts of NetworkPolicies decide every connection as the Kubernetes API's own words do."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from kubernetes_cluster import CLUSTER, thing
from seawall.facts.facts import Facts
from seawall.facts.namespaces import labels_of
from seawall.facts.pod_network import Isolates, PodPeer, PolicyPermit, RangePeer
from seawall.graph.graph import Graph
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr
from seawall.readers.read import read


class Pod(NamedTuple):
    """An end of a connection; an empty namespace is a host outside the cluster."""

    namespace: str
    labels: dict[str, str]
    address: str
    named_ports: dict[str, int]


NAMESPACES = {"one": {"team": "a"}, "two": {"team": "b"}}
LABELS = [{}, {"app": "web"}, {"app": "was"}, {"app": "web", "tier": "x"}]
PODS = [
    Pod(namespace, labels, f"10.0.{number}.{index}", {"http": 80 + index})
    for number, namespace in enumerate(NAMESPACES)
    for index, labels in enumerate(LABELS)
]
OUTSIDE = [Pod("", {}, "192.0.2.1", {}), Pod("", {}, "10.0.9.9", {})]


# -- the specification, read from the manifest itself ------------------------------------------------------------------


def selects(selector: dict[str, Any] | None, labels: dict[str, str]) -> bool:
    """A label selector is the conjunction of its parts; an empty one selects everything."""
    selector = selector or {}
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    for part in selector.get("matchExpressions") or []:
        present, wanted = part["key"] in labels, part.get("values") or []
        good = {
            "In": present and labels.get(part["key"]) in wanted,
            "NotIn": not present or labels[part["key"]] not in wanted,
            "Exists": present,
            "DoesNotExist": not present,
        }
        if not good[part["operator"]]:
            return False
    return True


def peer_means(peer: dict[str, Any], policy_namespace: str, other: Pod) -> bool:
    """A peer is a range, or the pods that its selectors select; without a namespace selector in its own namespace."""
    if peer.get("ipBlock") is not None:
        block = peer["ipBlock"]
        here = ip_address(other.address)
        return here in ip_network(block["cidr"]) and not any(
            here in ip_network(hole) for hole in block.get("except") or []
        )
    if not other.namespace:
        return False
    if peer.get("namespaceSelector") is not None:
        labels = NAMESPACES[other.namespace] | {"kubernetes.io/metadata.name": other.namespace}
        return selects(peer["namespaceSelector"], labels) and selects(peer.get("podSelector"), other.labels)
    return other.namespace == policy_namespace and selects(peer["podSelector"], other.labels)


def port_means(port: dict[str, Any], protocol: str, number: int, listener: Pod) -> bool:
    """A port is of one protocol, TCP by default; without a number it is all of them; a name is the listener's."""
    if (port.get("protocol") or "TCP") != protocol:
        return False
    wanted = port.get("port")
    if wanted is None:
        return True
    if isinstance(wanted, str):
        return listener.named_ports.get(wanted) == number
    return bool(wanted <= number <= (port.get("endPort") or wanted))


def specified(policies: list[dict[str, Any]], source: Pod, target: Pod, protocol: str, number: int) -> bool:
    """Both ends must allow it: an end that no policy isolates allows everything, else one rule must match."""
    for direction, own, other, peers in (
        ("Egress", source, target, "to"),
        ("Ingress", target, source, "from"),
    ):
        isolated = permitted = False
        for policy in policies:
            spec = policy["spec"]
            types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
            if policy["namespace"] != own.namespace or not selects(spec.get("podSelector"), own.labels):
                continue
            if direction not in types:
                continue
            isolated = True
            for rule in spec.get(direction.lower()) or []:
                ports, ends = rule.get("ports") or [], rule.get(peers) or []
                if ports and not any(port_means(port, protocol, number, target) for port in ports):
                    continue
                if not ends or any(peer_means(peer, policy["namespace"], other) for peer in ends):
                    permitted = True
        if isolated and not permitted:
            return False
    return True


# -- the same from facts -----------------------------------------------------------------------------------------------


def space(name: str) -> Address:
    """A namespace's address."""
    return Address.kubernetes(CLUSTER, "Namespace", "", name)


def fits(facts: Facts, permit: PolicyPermit, own: Pod, other: Pod, listener: Pod, protocol: str, number: int) -> bool:
    """Whether a permit means this connection."""
    if permit.protocol not in ("any", protocol.lower()):
        return False
    if isinstance(permit.ports, str):
        if listener.named_ports.get(permit.ports) != number:
            return False
    elif not permit.ports.contains(number):
        return False
    match permit.peer:
        case None:
            return True
        case RangePeer(cidr=cidr, excepts=excepts):
            here = Cidr.parse(f"{other.address}/32")
            return cidr.contains(here) and not any(hole.contains(here) for hole in excepts)
        case PodPeer(pods=pods, namespaces=None):
            return other.namespace == own.namespace and pods.matches(other.labels)
        case PodPeer(pods=pods, namespaces=namespaces):
            assert namespaces is not None
            if not other.namespace:
                return False
            return namespaces.matches(labels_of(facts, space(other.namespace))) and pods.matches(other.labels)
    raise AssertionError(permit)


def read_from_facts(facts: Facts, source: Pod, target: Pod, protocol: str, number: int) -> bool:
    """What the facts say of a connection."""
    for direction, own, other in (("egress", source, target), ("ingress", target, source)):
        isolating = [
            fact
            for fact in facts.where(Isolates, namespace=space(own.namespace))
            if fact.direction == direction and fact.pods.matches(own.labels)
        ]
        if isolating and not any(
            permit.direction == direction and fits(facts, permit, own, other, target, protocol, number)
            for fact in isolating
            for permit in facts.where(PolicyPermit, policy=fact.policy)
        ):
            return False
    return True


# -- policies of every shape -------------------------------------------------------------------------------------------


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping in which every field may be there, null or absent."""
    return st.fixed_dictionaries({}, optional={name: st.none() | value for name, value in fields.items()})


expressions = st.one_of(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(["app", "tier", "team"]),
            "operator": st.sampled_from(["In", "NotIn"]),
            "values": st.lists(st.sampled_from(["web", "was", "a", "x"]), min_size=1, max_size=2),
        }
    ),
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(["app", "tier", "team"]),
            "operator": st.sampled_from(["Exists", "DoesNotExist"]),
        }
    ),
)
selectors = optional(
    matchLabels=st.dictionaries(
        st.sampled_from(["app", "tier", "team", "kubernetes.io/metadata.name"]),
        st.sampled_from(["web", "was", "a", "x", "one"]),
        max_size=1,
    ),
    matchExpressions=st.lists(expressions, max_size=1),
)
peers = st.one_of(
    st.fixed_dictionaries({"podSelector": selectors}),
    st.fixed_dictionaries({"namespaceSelector": selectors}, optional={"podSelector": st.none() | selectors}),
    st.fixed_dictionaries(
        {
            "ipBlock": st.sampled_from(
                [
                    {"cidr": "0.0.0.0/0"},
                    {"cidr": "10.0.0.0/16", "except": ["10.0.9.0/24"]},
                    {"cidr": "10.0.1.0/24", "except": []},
                    {"cidr": "192.0.2.1/32", "except": None},
                ]
            )
        }
    ),
)
ports = st.one_of(
    optional(protocol=st.sampled_from(["TCP", "UDP"])),
    st.fixed_dictionaries({"port": st.sampled_from([80, 81, "http", "nobody"])}),
    st.fixed_dictionaries({"port": st.just(80), "endPort": st.just(82), "protocol": st.sampled_from(["TCP", "UDP"])}),
)


def rules(side: str) -> st.SearchStrategy[Any]:
    """Rules of a direction: absent, null, empty, or any mixture."""
    rule = optional(**{side: st.lists(peers, max_size=2), "ports": st.lists(ports, max_size=2)})
    return st.lists(rule, max_size=2)


policies = st.lists(
    st.fixed_dictionaries(
        {
            "namespace": st.sampled_from(sorted(NAMESPACES)),
            "spec": st.fixed_dictionaries(
                {"podSelector": selectors},
                optional={
                    "policyTypes": st.sampled_from([None, [], ["Ingress"], ["Egress"], ["Ingress", "Egress"]]),
                    "ingress": st.none() | rules("from"),
                    "egress": st.none() | rules("to"),
                },
            ),
        }
    ),
    max_size=3,
)


@settings(max_examples=150)
@given(policies, st.sampled_from(["TCP", "UDP"]), st.sampled_from([80, 81, 443]))
def test_facts_decide_as_the_api_does(written: list[dict[str, Any]], protocol: str, number: int) -> None:
    """For policies of every shape, each pair of pods and hosts is decided alike by the API's words and by facts."""
    resources = [
        thing("networking.k8s.io/v1", "NetworkPolicy", f"p{index}", namespace=policy["namespace"], spec=policy["spec"])
        for index, policy in enumerate(written)
    ]
    resources += [thing("v1", "Namespace", name, namespace="", labels=labels) for name, labels in NAMESPACES.items()]
    facts = read(Graph(resources))
    everybody = [*PODS, *OUTSIDE]
    for source in everybody:
        for target in everybody:
            expected = specified(written, source, target, protocol, number)
            assert read_from_facts(facts, source, target, protocol, number) == expected, (source, target)
