"""Charts that Terraform installs: each ``helm_release`` with a twin that stands where its chart does, in a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from seawall.graph.resource import Resource
from seawall.kernel.address import Address

TYPE: Final = "file/helm-release"
_TAKEN: Final = ("chart", "repository", "version", "values", "set", "set_list", "set_sensitive", "set_wo")


def helm_releases(resources: Iterable[Resource], cluster: str) -> Iterator[Resource]:
    """A release of its chart for every ``helm_release`` whose name and namespace are known.

    It is in ``cluster``; where that is empty, in one that nobody can tell.
    """
    taken: set[Address] = set()
    for resource in resources:
        if resource.type != "helm_release":
            continue
        namespace, name = resource.body.get("namespace"), resource.body.get("name")
        namespace = "default" if namespace in (None, "") else namespace
        if not (isinstance(namespace, str) and isinstance(name, str)) or not name or "/" in f"{namespace}{name}":
            continue
        address = Address.kubernetes(cluster, "HelmRelease", namespace, name)
        if address in taken:
            continue  # the same in two clusters
        taken.add(address)
        body = {name: resource.body[name] for name in _TAKEN if resource.body.get(name) is not None}
        yield Resource(address, TYPE, {**body, "namespace": namespace}, resource.origin)
