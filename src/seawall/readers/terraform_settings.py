"""What Terraform itself is told: providers, where a state lies, what others make and what is made by number."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.delivery import WorksIn
from seawall.facts.fact import Fact
from seawall.facts.resilience import Repeated, StateElsewhere, Unread
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Unknown, holes
from seawall.readers.arguments import Arguments
from seawall.readers.registry import EVERY, reads


@reads("provider.helm", "provider.kubectl", "provider.kubernetes")
def provider(resource: Resource) -> Iterator[Fact]:
    """A provider with the host that it is given."""
    host = Arguments(resource).link_or_text("host")
    if host is not None:
        yield WorksIn(resource.address, host)


@reads("backend.s3")
def backend(resource: Resource) -> Iterator[Fact]:
    """A state that lies in another region, or another cloud, than what it is of."""
    body = Arguments(resource)
    yield StateElsewhere(
        resource.address, resource.region, body.known_text("region"), body.flag("of_azure", False) is True
    )


@reads("module")
def module(resource: Resource) -> Iterator[Fact]:
    """A module that is called and not read, with the things that its arguments name."""
    body = Arguments(resource)
    named = (body.as_link("given", hole) for hole in holes(resource.body.get("given")) if isinstance(hole, Ref))
    given = dict.fromkeys(each for each in named if isinstance(each, Address))
    yield Unread(resource.address, str(resource.body["why"]), tuple(sorted(given)))


@reads(EVERY)
def repeated(resource: Resource) -> Iterator[Fact]:
    """A resource whose ``count`` or ``for_each`` is not known."""
    number = resource.meta.get("count")
    if isinstance(number, Unknown):
        yield Repeated(resource.address, number)
