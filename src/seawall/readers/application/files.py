"""Spring Boot's configuration files, document by document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seawall.facts.application import Configuration
from seawall.facts.fact import Demand, Fact
from seawall.graph.resource import Resource
from seawall.readers.application.spring import Properties, spring
from seawall.readers.registry import reads


@reads("file/spring")
def spring_file(resource: Resource) -> Iterator[Fact | Demand]:
    """What the properties ask for, whoever runs with them: the file itself is the source.

    A profile's document is laid over the common ones before it, and speaks as ``FILE//PROFILE``, because a file does
    not say which profile is active; so does one that several profiles share, under each expression as written.
    """
    common: dict[str, str] = {}
    documents = resource.body.get("documents")
    for order, document in enumerate(documents if isinstance(documents, list) else ()):
        properties = document.get("properties") if isinstance(document, Mapping) else None
        if not isinstance(properties, Mapping):
            continue
        profile = str(document.get("profile") or "")
        yield Configuration(resource.address, profile, tuple(properties.items()), order)
        if not profile:
            common |= properties
            continue
        source = resource.address.implied(profile)
        yield from spring(source, Properties({**common, **properties}, {}, f"{resource.origin.file} ({profile})"))
    if common:
        yield from spring(resource.address, Properties(common, {}, resource.origin.file))
