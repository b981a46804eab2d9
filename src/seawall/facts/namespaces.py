"""Which labels a namespace has, when an object that merely uses it and its own manifest both speak of it."""

from __future__ import annotations

from collections.abc import Mapping

from seawall.facts.facts import Facts
from seawall.facts.pod_network import Namespace
from seawall.kernel.address import Address


def namespace(facts: Facts, of: Address) -> Namespace | None:
    """The namespace of that address: as its own manifest states it, else as others imply it, else None.

    An implied fact has only the label that the API server gives, so the one with more labels is the namespace's own
    wherever the two differ.
    """
    return max(facts.where(Namespace, of=of), key=lambda fact: (fact.states, len(fact.labels)), default=None)


def namespaces(facts: Facts, cluster: str) -> tuple[Namespace, ...]:
    """Every namespace of a cluster once, sorted by name."""
    return facts.derive(_namespaces, cluster)


def labels_of(facts: Facts, of: Address) -> Mapping[str, str]:
    """A namespace's labels, empty if nobody speaks of it."""
    found = namespace(facts, of)
    return dict(found.labels) if found else {}


def _namespaces(facts: Facts, cluster: str) -> tuple[Namespace, ...]:
    addresses = sorted({fact.of for fact in facts.where(Namespace, cluster=cluster)})
    found = (namespace(facts, address) for address in addresses)
    return tuple(fact for fact in found if fact is not None)
