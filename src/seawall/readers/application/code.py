"""Source code as ``ingest.code`` found it: what it calls, and what it has to do with otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.application import Code, Involves, Operation
from seawall.facts.fact import Fact
from seawall.graph.resource import Resource
from seawall.knowledge import sdk_operations
from seawall.readers.registry import reads


@reads("file/code")
def source_code(resource: Resource) -> Iterator[Fact]:
    """Whose code it is, the operations that it calls, and the places where something is called that nobody can tell."""
    of, body = resource.address, resource.body
    yield Code(of, body["workload"])
    for call in body["calls"]:
        arguments = tuple((path, value) for path, value in call["arguments"])
        yield Operation(of, call["service"], call["operation"], arguments, call["region"], call["where"])
    for each in body["unread"]:
        service = sdk_operations.prefix(each["service"]) if each["service"] else "*"
        yield Involves(of, service, "*", f"{each['where']}: {each['why']}")
