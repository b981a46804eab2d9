"""Platforms from a few lines of YAML, for tests of what components come to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seawall.components.expand import expand
from seawall.components.kinds import kinds
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref, Text, Unknown, map_leaves
from seawall.model.document import parse_document
from seawall.model.loader import load
from seawall.model.platform import Platform

FRAME = """\
platform: shop
domain: shop.example
network: {cidr: 10.0.0.0/16, zones: 2}
cluster:
  version: "1.36"
  node_groups: {workload: {types: [t3.medium], min: 3, max: 6}}
environments: {production: {region: ap-northeast-2}}
"""
"""What every description needs; components are written after it."""


def platform(text: str, environment: str | None = None) -> Platform:
    """Load a description; it is called platform.yaml in messages."""
    return load(parse_document(text, "platform.yaml"), kinds(), environment)


def on_cluster(cluster: str, components: str) -> Graph:
    """The graph of the frame with this text in place of its node groups, and components after it."""
    groups = "  node_groups: {workload: {types: [t3.medium], min: 3, max: 6}}\n"
    assert groups in FRAME
    return expand(platform(FRAME.replace(groups, cluster) + components))


def graph(components: str) -> Graph:
    """The graph of the frame with this text after it."""
    return expand(platform(FRAME + components))


def named(found: Graph, type: str, name: str) -> Resource:
    """The one resource of a type with that name: Terraform's own name, or an object's."""
    matches = [resource for resource in found.of_type(type) if _name(resource) == name]
    assert len(matches) == 1, f"{type} {name}: {[_name(resource) for resource in found.of_type(type)]}"
    return matches[0]


def spec(found: Graph, type: str, name: str) -> Any:
    """The specification of the one Kubernetes object of a type with that name."""
    return named(found, type, name).body["spec"]


def _name(resource: Resource) -> str:
    if resource.is_kubernetes:
        return str(resource.body["metadata"]["name"])
    terraform = resource.address.as_terraform()
    return terraform.name if terraform else ""


def manifests(found: Graph) -> Iterator[tuple[str, dict[str, Any]]]:
    """Address and manifest of every Kubernetes object, with references as the text that stands for them."""
    for resource in found:
        if resource.is_kubernetes:
            yield resource.address, map_leaves(resource.body, _text)


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, Ref | Text | Unknown) else value
