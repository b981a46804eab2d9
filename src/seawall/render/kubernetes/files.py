"""The files of a Kustomize base and of one environment's overlay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.errors import InputError
from seawall.render.kubernetes.outputs import FILE, Outputs, written
from seawall.render.kubernetes.yaml_text import yaml_text

BASE: Final = "kubernetes/base"
OVERLAYS: Final = "kubernetes/overlays"
COMPONENT: Final = "app.kubernetes.io/name"
"""The label that names the component an object belongs to, and so its folder."""
SHARED: Final = "cluster"
"""The folder of cluster-wide objects that belong to no component."""

# Flux has objects of the one kind and Argo CD of the other; Kustomize and Spring have files of that name.
_TAKEN: Final = {"kustomization": "kustomization-objects", "application": "applications"}
_FOLDER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")


class Described(Protocol):
    """What this renderer needs of a platform."""

    @property
    def environment(self) -> str: ...


def files(platform: Described, graph: Graph) -> Iterator[tuple[str, bytes]]:
    """The base, one folder a component and one file a kind, and the overlay of the platform's environment.

    Objects of several clusters go to a base and an overlay each, named for the cluster; those of one cluster need no
    such folder. Raises InputError for a body that cannot be written.
    """
    clusters: dict[str, list[Resource]] = {}
    for resource in graph:
        if resource.is_kubernetes:
            parts = resource.address.as_kubernetes()
            clusters.setdefault(parts.cluster if parts else "", []).append(resource)
    for cluster, resources in sorted(clusters.items()):
        suffix = f"/{_checked(cluster, 'cluster', resources[0])}" if len(clusters) > 1 else ""
        yield from _cluster(resources, f"{BASE}{suffix}", f"{OVERLAYS}/{platform.environment}{suffix}")


def _cluster(resources: list[Resource], base: str, overlay: str) -> Iterator[tuple[str, bytes]]:
    folders: dict[str, list[Resource]] = {}
    for resource in resources:
        folders.setdefault(_component(resource), []).append(resource)
    outputs = Outputs()
    for folder, inside in sorted(folders.items()):
        names = []
        for name, objects in sorted(_by_kind(inside).items()):
            names.append(name)
            for resource in objects:
                outputs.add(resource)
            bodies = [written(resource.body, resource) for resource in objects]
            yield f"{base}/{folder}/{name}", yaml_text(*bodies)
        yield f"{base}/{folder}/kustomization.yaml", _kustomization(resources=names)
    yield f"{base}/kustomization.yaml", _kustomization(resources=sorted(folders))
    inward = "../" * overlay.count("/") + base.removeprefix("kubernetes/")
    if not outputs:
        yield f"{overlay}/kustomization.yaml", _kustomization(resources=[inward])
        return
    yield (
        f"{overlay}/kustomization.yaml",
        _kustomization(resources=[inward, FILE], replacements=[{"path": "replacements.yaml"}]),
    )
    yield f"{overlay}/{FILE}", yaml_text(outputs.config_map())
    yield f"{overlay}/replacements.yaml", yaml_text(outputs.replacements())


def _kustomization(**fields: Any) -> bytes:
    return yaml_text({"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", **fields})


def _by_kind(resources: list[Resource]) -> dict[str, list[Resource]]:
    """Objects by file name, sorted by address; kinds of one name in two API groups share a file."""
    files: dict[str, list[Resource]] = {}
    for resource in sorted(resources, key=lambda found: found.address):
        kind = resource.type.rpartition("/")[2].lower()
        kind = _TAKEN.get(kind, kind)
        files.setdefault(f"{_checked(kind, 'kind', resource)}.yaml", []).append(resource)
    return files


def _component(resource: Resource) -> str:
    """The folder of an object: its component's, else its namespace's, else the shared one."""
    metadata = resource.body["metadata"]
    labels = metadata.get("labels")
    name = labels.get(COMPONENT) if isinstance(labels, Mapping) else None
    if not isinstance(name, str) or not name:
        name = metadata.get("namespace") or SHARED
    return _checked(str(name), "component", resource)


def _checked(name: str, what: str, resource: Resource) -> str:
    if not _FOLDER.fullmatch(name):
        raise InputError(
            f"{resource.address}: {name!r} cannot be the folder of a {what}",
            fix="use letters, digits, dots and dashes",
            origin=resource.origin,
        )
    return name
