"""The pods of one cluster as bits of a number: whom a selector means is a few operations, however many they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from seawall.facts.compute import Container, Workload
from seawall.facts.facts import Facts
from seawall.facts.namespaces import namespace
from seawall.facts.network import Protocol
from seawall.facts.pod_network import Namespace, Requirement, Selector
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.kernel.value import Unknown

Bits: TypeAlias = int
"""A set of workloads, each the bit of its number."""

NOBODY: Final = 0

# Labels that a controller puts on each of its pods beside those of the template, by the workload's kind. Of a Job's
# the name is known, of those of a CronJob and of the pods of a StatefulSet how it begins; of the others only that
# every pod has one.
# Sources: Kubernetes documentation, "Well-Known Labels, Annotations and Taints"; Argo Rollouts documentation.
_GIVEN: Final[dict[str, tuple[str, ...]]] = {
    "Deployment": ("pod-template-hash",),
    "ReplicaSet": (),
    "StatefulSet": ("statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "controller-revision-hash"),
    "DaemonSet": ("controller-revision-hash", "pod-template-generation"),
    "Job": ("controller-uid", "batch.kubernetes.io/controller-uid"),
    "CronJob": ("controller-uid", "batch.kubernetes.io/controller-uid", "job-name", "batch.kubernetes.io/job-name"),
    "Rollout": ("rollouts-pod-template-hash",),
}
_JOB_NAMES: Final = ("job-name", "batch.kubernetes.io/job-name")
_BEGINS_WITH_NAME: Final = frozenset({*_JOB_NAMES, "statefulset.kubernetes.io/pod-name"})

# Namespaces that every cluster has, with no label but their name; of any other that the input merely uses, the
# labels are not known. Source: Kubernetes documentation, "Namespaces", "Initial namespaces".
_INITIAL: Final = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom a selector means: ``sure`` for certain, ``may`` perhaps (all of the sure and more), and why not surely."""

    sure: Bits
    may: Bits
    because: tuple[Unknown, ...] = ()

    def __and__(self, other: Meant) -> Meant:
        return Meant(self.sure & other.sure, self.may & other.may, (*self.because, *other.because))


class Pods:
    """Every workload of a cluster, sorted by address, with indexes by namespace, label and named port."""

    def __init__(self, facts: Facts, cluster: str) -> None:
        prefix = f"{cluster}/"
        found = {each.of: each for each in facts.all(Workload) if each.of.startswith(prefix) and _in(each.of, cluster)}
        self.workloads: tuple[Workload, ...] = tuple(found[of] for of in sorted(found))
        self.number = {workload.of: place for place, workload in enumerate(self.workloads)}
        self.everybody: Bits = (1 << len(self.workloads)) - 1
        self.host: Bits = 0
        self._facts = facts
        self._spaces: dict[Address, Bits] = {}
        self._having: dict[tuple[str, str], Bits] = {}
        self._labelled: dict[str, Bits] = {}
        self._doubtful: dict[str, dict[str, Bits]] = {}
        for place, workload in enumerate(self.workloads):
            self._enter(1 << place, workload)
        self._known: dict[Selector, Meant] = {}
        self._by_space: dict[Selector, Meant] = {}

    def _enter(self, bit: Bits, workload: Workload) -> None:
        if workload.host_network:
            self.host |= bit
        self._spaces[workload.namespace] = self._spaces.get(workload.namespace, 0) | bit
        labels = dict(workload.labels)
        given = _GIVEN.get(workload.controller, ())
        if workload.controller == "Job":
            labels |= dict.fromkeys(_JOB_NAMES, workload.of.rpartition("/")[2])
        for key, value in labels.items():
            if key in given:
                continue
            self._labelled[key] = self._labelled.get(key, 0) | bit
            self._having[key, value] = self._having.get((key, value), 0) | bit
            if holed(value):
                self._doubt(key, "", bit)
        for key in given:
            self._labelled[key] = self._labelled.get(key, 0) | bit
            begins = f"{workload.of.rpartition('/')[2]}-" if key in _BEGINS_WITH_NAME else ""
            self._doubt(key, begins, bit)

    def _doubt(self, key: str, begins: str, bit: Bits) -> None:
        by_beginning = self._doubtful.setdefault(key, {})
        by_beginning[begins] = by_beginning.get(begins, 0) | bit

    def members(self, bits: Bits) -> Iterator[int]:
        """The numbers of the workloads of a set, ascending."""
        # Looking for digits is faster than taking the lowest bit off a long number again and again.
        digits = bin(bits)[:1:-1]
        place = digits.find("1")
        while place >= 0:
            yield place
            place = digits.find("1", place + 1)

    def of(self, workloads: Iterable[Workload]) -> Bits:
        """The set of these workloads."""
        bits = 0
        for workload in workloads:
            bits |= 1 << self.number[workload.of]
        return bits

    def within(self, space: Address) -> Bits:
        """The workloads of a namespace."""
        return self._spaces.get(space, 0)

    def meant(self, selector: Selector) -> Meant:
        """Whom a selector of pods means, in any namespace."""
        found = self._known.get(selector)
        if found is None:
            found = self._known[selector] = self._meant(selector)
        return found

    def _meant(self, selector: Selector) -> Meant:
        sure = may = self.everybody
        for key, value in selector.labels:
            same, other = self._same(key, (value,))
            sure &= same
            may &= same | other
        for part in selector.requirements:
            holds, perhaps = self._fulfilling(part)
            sure &= holds
            may &= holds | perhaps
        if sure == may:
            return Meant(sure, may)
        keys = sorted({key for key, _ in selector.labels} | {part.key for part in selector.requirements})
        first = self.workloads[next(self.members(may & ~sure))].of
        why = "each pod has a value of its own, or the input does not say which"
        return Meant(sure, may, (Unknown(f"{first}.metadata.labels[{','.join(keys)}]", why=why),))

    def _same(self, key: str, values: Iterable[str]) -> tuple[Bits, Bits]:
        """Who has one of these values under a key for certain, and who may have it."""
        same = other = 0
        if holed(key):
            return 0, self.everybody
        for value in values:
            same |= self._having.get((key, value), 0)
            if holed(value):
                other |= self._labelled.get(key, 0)
            for begins, bits in self._doubtful.get(key, {}).items():
                if value.startswith(begins):
                    other |= bits
        return same, other & ~same

    def _fulfilling(self, part: Requirement) -> tuple[Bits, Bits]:
        operator: str = part.operator
        match operator:
            case "In":
                return self._same(part.key, part.values)
            case "NotIn":
                same, other = self._same(part.key, part.values)
                return self.everybody & ~same & ~other, other
            case "Exists":
                return self._labelled.get(part.key, 0), 0
            case "DoesNotExist":
                return self.everybody & ~self._labelled.get(part.key, 0), 0
            case _:  # no other operator gets past the API server
                return 0, 0

    def in_namespaces(self, selector: Selector) -> Meant:
        """The workloads of the namespaces that a selector means."""
        found = self._by_space.get(selector)
        if found is None:
            found = self._by_space[selector] = self._in_namespaces(selector)
        return found

    def _in_namespaces(self, selector: Selector) -> Meant:
        sure = may = 0
        because: list[Unknown] = []
        for space, bits in self._spaces.items():
            stated = namespace(self._facts, space)
            if means_namespace(selector, space, stated):
                sure |= bits
            elif not labels_known(space, stated) and _might(selector, stated):
                may |= bits
                because.append(Unknown(f"{space}.metadata.labels", why="the namespace's manifest is not in the input"))
        return Meant(sure, sure | may, tuple(because))

    def named_port(self, workload: Workload, name: str, protocol: Protocol) -> tuple[int, ...]:
        """The ports that the pods of a workload call by that name for that protocol."""
        return named_port(self._facts, workload, name, protocol)


def means_namespace(selector: Selector, space: Address, stated: Namespace | None) -> bool:
    """Whether a selector means a namespace for certain, by the labels that the input says it has."""
    labels = dict(stated.labels) if stated else {}
    if labels_known(space, stated):
        return selector.matches(labels)
    # What is known of its labels is its name, so only parts about a known label, or about none, are certain.
    return all(labels.get(key) == value for key, value in selector.labels) and all(
        part.matches(labels) and (part.key in labels) for part in selector.requirements
    )


def labels_known(space: Address, stated: Namespace | None) -> bool:
    """Whether all labels of a namespace are known: it is in the input itself, or one that every cluster has."""
    return space.rpartition("/")[2] in _INITIAL or (stated is not None and stated.states)


def _might(selector: Selector, stated: Namespace | None) -> bool:
    """Whether nothing that is known of a namespace contradicts a selector."""
    labels = dict(stated.labels) if stated else {}
    return all(labels.get(key, value) == value for key, value in selector.labels) and all(
        part.key not in labels or part.matches(labels) for part in selector.requirements
    )


def named_port(facts: Facts, workload: Workload, name: str, protocol: Protocol) -> tuple[int, ...]:
    """The ports that the containers of a workload call by that name for that protocol.

    Containers that end before the others begin have none, sidecars have.
    """
    return tuple(
        sorted(
            {
                number
                for container in facts.where(Container, workload=workload.of)
                if not container.init or container.stays
                for place, (own, number) in enumerate(container.ports)
                if own == name and protocol_of(container, place) == protocol
            }
        )
    )


def protocol_of(container: Container, place: int) -> Protocol:
    """The protocol of a container's port; TCP where none is said."""
    # The API server knows TCP, UDP and SCTP, and takes no pod that says another.
    return cast(Protocol, container.protocols[place]) if place < len(container.protocols) else "tcp"


def one(ports: Iterable[int]) -> tuple[Ports, ...]:
    """Ports as ranges of one each."""
    return tuple(Ports.one(port) for port in ports)


def holed(value: str) -> bool:
    """Whether a label's value was written with a hole in it, which keeps its spelling as text."""
    return "{?" in value or "${" in value


def _in(of: Address, cluster: str) -> bool:
    name = of.as_kubernetes()
    return name is not None and name.cluster == cluster
