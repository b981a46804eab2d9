"""Which pods a selector means, and which policies mean a pod, without looking at every other one.

A namespace may hold a thousand workloads and as many policies: each question starts from the rarest label that the
selector asks for.
"""

from __future__ import annotations

from collections import Counter
from typing import TypeAlias

from seawall.facts.compute import Workload
from seawall.facts.facts import Facts
from seawall.facts.network import Direction
from seawall.facts.pod_network import Isolates, Selector
from seawall.kernel.address import Address

_Label: TypeAlias = tuple[Address, str, str]
_Place: TypeAlias = tuple[Address, Direction]


def selected(facts: Facts, namespace: Address, selector: Selector) -> tuple[Workload, ...]:
    """The workloads of a namespace whose pods a selector means, sorted by address."""
    index = facts.derive(_workloads_by_label)
    candidates: tuple[Workload, ...] | list[Workload] = facts.where(Workload, namespace=namespace)
    for key, value in selector.labels:
        having = index.get((namespace, key, value), [])
        if len(having) < len(candidates):
            candidates = having
    found = (workload for workload in candidates if selector.matches(dict(workload.labels)))
    return tuple(sorted(found, key=lambda workload: workload.of))


def _workloads_by_label(facts: Facts) -> dict[_Label, list[Workload]]:
    index: dict[_Label, list[Workload]] = {}
    for workload in facts.all(Workload):
        for key, value in workload.labels:
            index.setdefault((workload.namespace, key, value), []).append(workload)
    return index


def isolating(facts: Facts, workload: Workload, direction: Direction) -> tuple[Isolates, ...]:
    """The policies that isolate a workload's pods in a direction, sorted by address."""
    by_label, general = facts.derive(_policies)
    labels = dict(workload.labels)
    candidates = list(general.get((workload.namespace, direction), ()))
    for key, value in workload.labels:
        candidates += by_label.get((workload.namespace, key, value), ())
    found = {isolates for isolates in candidates if isolates.direction == direction and isolates.pods.matches(labels)}
    return tuple(sorted(found, key=lambda isolates: isolates.policy))


def _policies(facts: Facts) -> tuple[dict[_Label, list[Isolates]], dict[_Place, list[Isolates]]]:
    """Policies under the rarest label they ask for, and those that ask for none."""
    policies = facts.all(Isolates)
    counts = Counter((isolates.namespace, key, value) for isolates in policies for key, value in isolates.pods.labels)
    by_label: dict[_Label, list[Isolates]] = {}
    general: dict[_Place, list[Isolates]] = {}
    for isolates in policies:
        asked = [(isolates.namespace, key, value) for key, value in isolates.pods.labels]
        if asked:
            by_label.setdefault(min(asked, key=lambda label: counts[label]), []).append(isolates)
        else:
            general.setdefault((isolates.namespace, isolates.direction), []).append(isolates)
    return by_label, general
