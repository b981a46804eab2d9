"""Policies of single plug-ins and of administrators: whose pods they may be about, and which way they may decide.

What they let through is not read. That they are there is, for beside them a NetworkPolicy is not all that decides.

Sources: docs.cilium.io, "Layer 3 Examples" and "Deny Policies"; docs.tigera.io, reference of NetworkPolicy and
GlobalNetworkPolicy; network-policy-api.sigs.k8s.io, "API Overview"; docs.aws.amazon.com/eks, "Admin network policies".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from seawall.facts.fact import Fact
from seawall.facts.network import Direction
from seawall.facts.pod_network import ForeignPolicy, Requirement, Selector
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref, Text, Unknown
from seawall.readers.kubernetes.objects import Fields, Manifest
from seawall.readers.registry import reads

Refuses: TypeAlias = Literal["nothing", "where nobody isolates", "anything"]
Within: TypeAlias = Literal["pods", "nodes", "both"]
_DIRECTIONS: Final[tuple[Direction, ...]] = ("ingress", "egress")
_HOLES: Final = (Ref, Text, Unknown)


@reads("cilium.io/v2/CiliumNetworkPolicy", "cilium.io/v2/CiliumClusterwideNetworkPolicy")
def cilium(resource: Resource) -> Iterator[Fact]:
    """What it permits adds to what NetworkPolicies permit; what it denies nobody else can permit."""
    body, kind = Manifest(resource), _kind(resource)
    namespace = body.in_namespace if kind == "CiliumNetworkPolicy" else None
    for part in (*body.blocks("spec"), *body.blocks("specs")):
        within: Within = "nodes" if part.mentions("nodeSelector") else "pods"
        pods = None if within == "nodes" else _of_cilium(part, "endpointSelector")
        for direction in _DIRECTIONS:
            allows, denies = part.mentions(direction), part.mentions(f"{direction}Deny")
            if allows or denies:
                refuses: Refuses = "anything" if denies else "where nobody isolates"
                yield ForeignPolicy(
                    resource.address, kind, namespace, None, pods, direction, allows, refuses, within, plugin=True
                )


def _of_cilium(part: Fields, name: str) -> Selector | None:
    """A selector of endpoints, whose keys may begin with where the label comes from; None if not with Kubernetes."""
    if _unclear(part, name):
        return None
    own = part.selector(name, Selector())
    labels = [(_plain(key), value) for key, value in own.labels]
    requirements = [Requirement(_plain(each.key), each.operator, each.values) for each in own.requirements]
    if not all([*(key for key, _ in labels), *(each.key for each in requirements)]):
        return None
    return Selector(tuple(sorted(labels)), tuple(requirements))


def _plain(key: str) -> str:
    """A label's key as Kubernetes has it; "" for one that is no label of a pod's."""
    source, colon, rest = key.partition(":")
    if colon and source not in ("k8s", "any"):
        return ""
    own = rest if colon else key
    return "" if own.startswith(("io.kubernetes.", "io.cilium.")) else own


@reads(
    "projectcalico.org/v3/NetworkPolicy",
    "projectcalico.org/v3/GlobalNetworkPolicy",
    "crd.projectcalico.org/v1/NetworkPolicy",
    "crd.projectcalico.org/v1/GlobalNetworkPolicy",
)
def calico(resource: Resource) -> Iterator[Fact]:
    """It is asked in its order among NetworkPolicies, or in a tier before or after them; it may pass or deny."""
    body, kind = Manifest(resource), _kind(resource)
    spec = body.spec
    everywhere = kind == "GlobalNetworkPolicy"
    narrowed = any(spec.mentions(name) for name in ("namespaceSelector", "serviceAccountSelector"))
    pods = None if narrowed else _of_calico(spec)
    for direction in _DIRECTIONS:
        if not _is_about(spec, direction):
            continue
        actions = _actions(spec, direction)
        plain = actions <= {"allow", "log"} and spec.string("tier", "default") == "default"
        yield ForeignPolicy(
            resource.address,
            f"{kind} of Calico's",
            None if everywhere else body.in_namespace,
            None,
            pods,
            direction,
            bool(actions - {"deny", "log"}),
            "where nobody isolates" if plain else "anything",
            "both" if everywhere else "pods",
            plugin=True,
        )


def _is_about(spec: Fields, direction: Direction) -> bool:
    """Without types it is about each direction of which it has a rule, and about ingress if it has none."""
    if _unclear(spec, "types"):
        return True
    types = {name.lower() for name in spec.strings("types")}
    if types:
        return direction in types
    other: Direction = "egress" if direction == "ingress" else "ingress"
    return spec.mentions(direction) or (direction == "ingress" and not spec.mentions(other))


_CALICO_PART: Final = re.compile(
    r"(?P<no>!)?\s*(?:has\(\s*(?P<has>[\w./-]+)\s*\)|(?P<all>all\(\s*\))"
    r"|(?P<key>[\w./-]+)\s*(?P<op>==|!=)\s*(?P<quote>['\"])(?P<value>[^'\"]*)(?P=quote))"
)


def _of_calico(spec: Fields) -> Selector | None:
    """A selector of Calico's as one of labels; None where it says more than that."""
    if _unclear(spec, "selector"):
        return None
    spelled = spec.string("selector").strip()
    found: list[Requirement] = []
    for part in spelled.split("&&") if spelled else ():
        match = _CALICO_PART.fullmatch(part.strip())
        if match is None or (match["no"] and match["has"] is None):
            return None
        key = match["has"] or match["key"] or ""
        if key.startswith(("projectcalico.org/", "pcns.", "pcsa.")):
            return None
        if match["has"]:
            found.append(Requirement(key, "DoesNotExist" if match["no"] else "Exists"))
        elif match["key"]:
            found.append(Requirement(key, "In" if match["op"] == "==" else "NotIn", (match["value"],)))
    return Selector((), tuple(found))


@reads(
    "policy.networking.k8s.io/v1alpha1/AdminNetworkPolicy",
    "policy.networking.k8s.io/v1alpha1/BaselineAdminNetworkPolicy",
    "policy.networking.k8s.io/v1alpha2/ClusterNetworkPolicy",
    "networking.k8s.aws/v1alpha1/ClusterNetworkPolicy",
)
def of_administrators(resource: Resource) -> Iterator[Fact]:
    """One of the tier of administrators is asked before NetworkPolicies; a baseline's only where none isolates."""
    body, kind = Manifest(resource), _kind(resource)
    tier = body.spec.string("tier").lower()
    baseline = kind == "BaselineAdminNetworkPolicy" or tier == "baseline"
    namespaces, pods = _subject(body.spec)
    for direction in _DIRECTIONS:
        actions = _actions(body.spec, direction)
        denies = bool(actions - {"allow", "accept", "pass"})
        allows = not baseline and bool(actions - {"deny", "pass"})
        if not denies and not allows:
            continue
        refuses: Refuses = "nothing" if not denies else "where nobody isolates" if baseline else "anything"
        yield ForeignPolicy(resource.address, kind, None, namespaces, pods, direction, allows, refuses)


def _subject(spec: Fields) -> tuple[Selector | None, Selector | None]:
    """The namespaces and pods that a policy of an administrator is about."""
    subject = spec.block("subject")
    if _unclear(spec, "subject") or _unclear(subject, "namespaces") or _unclear(subject, "pods"):
        return None, None
    if subject.mentions("pods"):
        part = subject.block("pods")
        if _unclear(part, "namespaceSelector") or _unclear(part, "podSelector"):
            return None, None
        return part.selector("namespaceSelector", Selector()), part.selector("podSelector", Selector())
    own = subject.block("namespaces")
    return Selector(own.labels("matchLabels"), own.expressions("matchExpressions")), None


@reads("networking.k8s.aws/v1alpha1/ApplicationNetworkPolicy")
def application_network_policy(resource: Resource) -> Iterator[Fact]:
    """It is a NetworkPolicy that may also permit names, and adds to the others of its namespace."""
    body, kind = Manifest(resource), _kind(resource)
    types = {name.lower() for name in body.spec.strings("policyTypes")}
    pods = None if _unclear(body.spec, "podSelector") else body.spec.selector("podSelector", Selector())
    for direction in _DIRECTIONS:
        if not types or direction in types or _unclear(body.spec, "policyTypes"):
            refuses: Refuses = "where nobody isolates"
            yield ForeignPolicy(resource.address, kind, body.in_namespace, None, pods, direction, True, refuses)


@reads(
    "crd.antrea.io/v1beta1/NetworkPolicy",
    "crd.antrea.io/v1alpha1/NetworkPolicy",
    "crd.antrea.io/v1beta1/ClusterNetworkPolicy",
    "crd.antrea.io/v1alpha1/ClusterNetworkPolicy",
)
def antrea(resource: Resource) -> Iterator[Fact]:
    """Its tiers are asked before NetworkPolicies, the baseline after them."""
    body, kind = Manifest(resource), _kind(resource)
    namespace = body.in_namespace if kind == "NetworkPolicy" else None
    for direction in _DIRECTIONS:
        if body.spec.mentions(direction):
            yield ForeignPolicy(
                resource.address,
                f"{kind} of Antrea's",
                namespace,
                None,
                None,
                direction,
                True,
                "anything",
                "both",
                True,
            )


def _kind(resource: Resource) -> str:
    return resource.type.rpartition("/")[2]


def _actions(spec: Fields, direction: Direction) -> frozenset[str]:
    """What the rules of a direction do; "?" stands for what is not known."""
    if _unclear(spec, direction):
        return frozenset({"?"})
    found: set[str] = set()
    for rule in spec.blocks(direction):
        found.add("?" if _unclear(rule, "action") else rule.string("action").lower())
    return frozenset(found)


def _unclear(part: Fields, name: str) -> bool:
    """Whether what stands there is not known."""
    return isinstance(part.raw(name), _HOLES)
