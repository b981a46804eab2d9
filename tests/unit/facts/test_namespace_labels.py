"""A namespace that its own manifest states, and one that others merely imply."""

from __future__ import annotations

import pytest

from seawall.facts.facts import Facts
from seawall.facts.namespaces import namespace
from seawall.facts.pod_network import Namespace
from seawall.kernel.address import Address

DEV = Address("main/Namespace/dev")
NAME = (("kubernetes.io/metadata.name", "dev"),)
IMPLIED = Namespace(DEV, "main", "dev", NAME, by=Address("main/Deployment/dev/shop"))
STATED = Namespace(DEV, "main", "dev", NAME, states=True, by=DEV)


@pytest.mark.parametrize("order", [(IMPLIED, STATED), (STATED, IMPLIED)])
def test_a_manifest_without_labels_counts_whoever_speaks_first(order: tuple[Namespace, ...]) -> None:
    """What a pod implies says the same of the labels, and never hides that the manifest has said all of them."""
    found = namespace(Facts(order), DEV)
    assert found is not None
    assert found.states
    assert found.by == DEV
