"""Priority classes: whose pods go first where nodes are short."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.readers.kubernetes.objects import Manifest
from seawall.readers.registry import reads


@reads("scheduling.k8s.io/v1/PriorityClass")
def priority_class(resource: Resource) -> Iterator[Fact]:
    """A class and its number."""
    body = Manifest(resource)
    yield Setting(resource.address, "priority", body.count("value"))
