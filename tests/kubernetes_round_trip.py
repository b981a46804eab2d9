"""The law facts(graph) = facts(ingest(render(graph))) for the Kubernetes half of any graph, through kubectl."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seawall.facts.facts import Facts
from seawall.graph.graph import Graph
from seawall.ingest.manifests import kustomized
from seawall.readers.read import read
from seawall.render.kubernetes.files import Described, files


def kubernetes_part(graph: Graph) -> Graph:
    """The Kubernetes objects of a graph, with no demands or claims but their own."""
    return Graph(resource for resource in graph if resource.is_kubernetes)


def write(folder: Path, platform: Described, graph: Graph) -> Path:
    """Write the rendered files below a folder and return the overlay's folder."""
    for path, content in files(platform, graph):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder / "kubernetes" / "overlays" / platform.environment


def read_back(overlay: Path, *clusters: str) -> Graph:
    """The objects that Kustomize builds from an overlay; those of several clusters lie in one each below it."""
    if len(clusters) == 1:
        return Graph(kustomized(overlay, clusters[0]))
    return Graph(resource for cluster in clusters for resource in kustomized(overlay / cluster, cluster))


def clusters_of(graph: Graph) -> tuple[str, ...]:
    """The clusters that a graph has objects in, sorted."""
    return tuple(sorted({address.partition("/")[0] for address in kubernetes_part(graph).resources}))


def differences(before: Facts, after: Facts) -> tuple[list[Any], list[Any]]:
    """The facts that were lost on the way, and those that appeared; both in an order that a person can read."""
    lost, appeared = set(before) - set(after), set(after) - set(before)
    return sorted(lost, key=repr), sorted(appeared, key=repr)


def assert_round_trip(graph: Graph, platform: Described, folder: Path, *clusters: str) -> None:
    """Fail, with what was lost and what appeared, unless the facts of the graph's objects survive."""
    part = kubernetes_part(graph)
    back = read_back(write(folder, platform, part), *clusters)
    assert sorted(back.resources) == sorted(part.resources)
    assert differences(read(part), read(back)) == ([], [])
