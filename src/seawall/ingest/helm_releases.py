"""Charts that Terraform installs, and the service accounts that it makes for them: twins that stand in a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from seawall.graph.resource import Resource
from seawall.kernel.address import Address

TYPE: Final = "file/helm-release"
_ACCOUNTS: Final = ("kubernetes_service_account", "kubernetes_service_account_v1")
_TAKEN: Final = ("chart", "repository", "version", "values", "set", "set_list", "set_sensitive", "set_wo")


def helm_releases(resources: Iterable[Resource], cluster: str) -> Iterator[Resource]:
    """A release of its chart for every ``helm_release``, an account for every ``kubernetes_service_account``.

    Only for those whose name and namespace are known, and that no manifest has, too. They are in ``cluster``; where
    that is empty, in one that nobody can tell.
    """
    known = list(resources)
    made = [resource for resource in known if resource.type in ("helm_release", *_ACCOUNTS)]
    taken = {resource.address for resource in known} if made else set()
    for resource in made:
        said = resource.body if resource.type == "helm_release" else _metadata(resource.body)
        namespace, name = said.get("namespace"), said.get("name")
        namespace = "default" if namespace in (None, "") else namespace
        if not (isinstance(namespace, str) and isinstance(name, str)) or not name or "/" in f"{namespace}{name}":
            continue
        kind = "HelmRelease" if resource.type == "helm_release" else "ServiceAccount"
        address = Address.kubernetes(cluster, kind, namespace, name)
        if address in taken:
            continue  # the same in two clusters
        taken.add(address)
        if kind == "ServiceAccount":
            metadata = {"name": name, "namespace": namespace, "annotations": said.get("annotations")}
            account = {"apiVersion": "v1", "kind": kind, "metadata": metadata}
            yield Resource(address, f"v1/{kind}", account, resource.origin)
            continue
        body = {name: resource.body[name] for name in _TAKEN if resource.body.get(name) is not None}
        yield Resource(address, TYPE, {**body, "namespace": namespace}, resource.origin)


def _metadata(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The block that names an object, which a plan has in a list."""
    found = body.get("metadata")
    first = found[0] if isinstance(found, list | tuple) and found else found
    return first if isinstance(first, Mapping) else {}
