"""The network inside a cluster: namespaces, services, and who may talk to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from seawall.facts.fact import Fact, Known, Link, Plain
from seawall.facts.network import Direction, Protocol
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr, Ports
from seawall.kernel.value import Unknown

Labels: TypeAlias = tuple[tuple[str, str], ...]
"""Labels, sorted by key."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Requirement(Plain):
    """One expression of a selector."""

    key: str
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels fulfil it, as Kubernetes defines the four operators."""
        value = labels.get(self.key)
        match self.operator:
            case "In":
                return value in self.values
            case "NotIn":
                return value not in self.values
            case "Exists":
                return value is not None
            case "DoesNotExist":
                return value is None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Selector(Plain):
    """Which objects are meant, by their labels; an empty one means all."""

    labels: Labels = ()
    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels fulfil every part of it."""
        return all(labels.get(key) == value for key, value in self.labels) and all(
            requirement.matches(labels) for requirement in self.requirements
        )

    def __str__(self) -> str:
        parts = [f"{key}={value}" for key, value in self.labels]
        parts += [f"{part.key} {part.operator} {list(part.values)}" for part in self.requirements]
        return ", ".join(parts) or "all"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PodPeer(Plain):
    """Pods meant by a policy: those that both selectors match; no namespace selector means the policy's own."""

    pods: Selector
    namespaces: Selector | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RangePeer(Plain):
    """Addresses meant by a policy: a range less its exceptions."""

    cidr: Cidr
    excepts: tuple[Cidr, ...] = ()


PolicyPeer: TypeAlias = PodPeer | RangePeer | Unknown | None
"""Whom a policy lets through; None means anybody."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Namespace(Fact):
    """A namespace of a cluster with its labels, which are all that it has where its own manifest ``states`` them.

    Namespaces that an object merely uses are implied, with the one label that every namespace has.
    """

    of: Address
    cluster: str
    name: str
    labels: Labels
    states: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Isolates(Fact):
    """A policy isolates these pods of its namespace in one direction: only what some policy permits gets through."""

    policy: Address
    namespace: Address
    pods: Selector
    direction: Direction


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PolicyPermit(Fact):
    """A policy lets this traffic through; ``ports`` is a range, or a named port of the pod."""

    policy: Address
    direction: Direction
    protocol: Protocol
    ports: Ports | str
    peer: PolicyPeer


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ForeignPolicy(Fact):
    """A policy of another kind than NetworkPolicy may have a say in what these pods are sent, or send.

    What it says is not read.  ``namespace`` is the only one of whose pods it can be, None if it may be of any;
    ``namespaces`` and ``pods`` are whom it selects, None where that is not read.  It may let through what a
    NetworkPolicy refuses if it ``allows``; it ``refuses`` nothing, only what no NetworkPolicy is about, or anything.
    ``within`` says of what: of pods with a network of their own, of nodes with the pods on theirs, or of both.
    ``plugin`` says that no plug-in but the one whose kind it is knows it, which enforces NetworkPolicies too.
    """

    policy: Address
    kind: str
    namespace: Address | None
    namespaces: Selector | None
    pods: Selector | None
    direction: Direction
    allows: bool
    refuses: Literal["nothing", "where nobody isolates", "anything"]
    within: Literal["pods", "nodes", "both"] = "pods"
    plugin: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ServicePort(Plain):
    """A port of a service and the pods' port behind it, by number or name."""

    name: str
    protocol: Protocol
    port: int
    target: int | str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Service(Fact):
    """A stable name in front of pods; without a selector its endpoints are somebody else's business."""

    of: Address
    namespace: Address
    name: str
    selector: Selector | None
    kind: Literal["ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "Headless"]
    ports: tuple[ServicePort, ...]
    external_name: Known[str] = ""
    labels: Labels = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NodePort(Fact):
    """A port of every node of a cluster leads to ``port`` of a service, or of pods that lie on that node.

    ``keeps_source`` says that it leads to pods of the same node alone, and that they see who asks.
    """

    of: Address
    protocol: Protocol
    number: Known[int]
    port: int
    keeps_source: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PodGroups(Fact):
    """Pods of a namespace have these security groups instead of their node's; None: selected by the account alone."""

    of: Address
    namespace: Address
    pods: Selector | None
    accounts: Selector | None
    groups: Known[tuple[Link, ...]]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CalledBack(Fact):
    """The cluster's API server calls this by itself: an admission webhook, a conversion, an aggregated API.

    ``port`` is a service's; without a service it is that of the pods that a chart or add-on brings.  ``needed`` says
    whether requests fail while it cannot be called.
    """

    of: Address
    service: Address | None
    port: int
    what: str
    needed: bool = True
