"""What the emulator lacks: types that are rendered and validated, and left out of what is applied to it.

A resource is left out because of its type, because it is Azure's, or because it cannot be without one that is left
out. What is left out is named to the user, never passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Unknown, map_leaves, refs, text


@dataclass(frozen=True, slots=True)
class Lacking:
    """A type that the emulator cannot make: in a few words why, and the call that makes one on AWS.

    A test keeps it true: on the emulator that call (boto3's service and method) must answer that it is not there.
    """

    why: str
    service: str
    call: str


LACKING: Final[Mapping[str, Lacking]] = {
    "aws_chatbot_slack_channel_configuration": Lacking(
        "moto has no chat applications", "chatbot", "create_slack_channel_configuration"
    ),
    "aws_msk_replicator": Lacking("moto has no replicators of MSK", "kafka", "create_replicator"),
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A graph without what the emulator lacks, and why each resource is not in it."""

    graph: Graph
    why: Mapping[Address, str]


def without_lacking(graph: Graph) -> LeftOut:
    """The part of a graph that the emulator can make; manifests stay, with the name of a value that is not there.

    The stacks of Azure stay whole: they are rendered, and not applied by anybody here.
    """
    why: dict[Address, str] = {}
    for resource in graph:
        lacking = LACKING.get(resource.type)
        if lacking is not None:
            why[resource.address] = lacking.why
    azure = {resource.address for resource in graph if _is_azure(resource)}
    waiting = [resource for resource in graph if resource.is_terraform and resource.address not in azure]
    found = True
    while found:
        found = False
        for resource in waiting:
            if resource.address in why:
                continue
            missing = next((ref.to for ref in refs(resource.body) if ref.to in why or ref.to in azure), None)
            if missing is not None:
                why[resource.address] = f"needs {missing}" + (", which is Azure's" if missing in azure else "")
                found = True
    gone = why.keys() | azure
    resources = [_without(resource, gone) for resource in graph if resource.address not in why]
    return LeftOut(Graph(resources, graph.demands, graph.claims), dict(sorted(why.items())))


def _is_azure(resource: Resource) -> bool:
    return resource.type.removeprefix("data.").startswith("azurerm_")


def _without(resource: Resource, gone: Any) -> Resource:
    if resource.is_kubernetes:
        body = map_leaves(resource.body, lambda leaf: _named(leaf, gone))
        return resource if body is resource.body else replace(resource, body=body)
    after = resource.meta.get("depends_on", ())
    if not any(address in gone for address in after) or _is_azure(resource):
        return resource
    kept = tuple(address for address in after if address not in gone)
    return replace(resource, meta={**resource.meta, "depends_on": kept})


def _named(leaf: Any, gone: Any) -> Any:
    """A reference to what is left out, as the words that name it."""
    match leaf:
        case Ref() if leaf.to in gone:
            return str(leaf).removeprefix("${").removesuffix("}")
        case Text():
            return text(*(_named(part, gone) for part in leaf.parts))
        case Unknown() | _:
            return leaf
