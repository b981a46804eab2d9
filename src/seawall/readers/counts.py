"""How many there are of a resource, where nobody can say."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact
from seawall.facts.network import PerhapsNone
from seawall.graph.resource import Resource
from seawall.kernel.value import Unknown
from seawall.readers.registry import EVERY, reads


@reads(EVERY)
def perhaps_none(resource: Resource) -> Iterator[Fact]:
    """A resource whose ``count`` or ``for_each`` is not known may be there or not."""
    count = resource.meta.get("count")
    if isinstance(count, Unknown):
        yield PerhapsNone(resource.address, count)
