"""What Terraform itself is told: providers that work inside a cluster, and where a state lies."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.delivery import WorksIn
from seawall.facts.fact import Fact
from seawall.facts.resilience import StateElsewhere
from seawall.graph.resource import Resource
from seawall.readers.arguments import Arguments
from seawall.readers.registry import reads


@reads("provider.helm", "provider.kubectl", "provider.kubernetes")
def provider(resource: Resource) -> Iterator[Fact]:
    """A provider with the host that it is given."""
    host = Arguments(resource).link_or_text("host")
    if host is not None:
        yield WorksIn(resource.address, host)


@reads("backend.s3")
def backend(resource: Resource) -> Iterator[Fact]:
    """A state that lies in another region than what it is of."""
    yield StateElsewhere(resource.address, resource.region, Arguments(resource).known_text("region"))
