"""What every Kubernetes object says of itself: its API version, its labels, and the namespaces it implies."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.compute import ApiVersion
from seawall.facts.fact import Fact
from seawall.facts.pod_network import Namespace
from seawall.facts.resilience import Tagged
from seawall.graph.resource import Resource
from seawall.readers.kubernetes.objects import DEFAULT_NAMESPACE, KUBERNETES_NAME, Manifest, namespace_address
from seawall.readers.registry import EVERY, reads

_ALWAYS = (DEFAULT_NAMESPACE, "kube-system")


@reads(EVERY)
def every_object(resource: Resource) -> Iterator[Fact]:
    """An object's API version and labels.

    A cluster always has the namespaces ``default`` and ``kube-system``, and an object's own namespace must exist:
    all of them are implied, with nothing but the label that the API server gives. ``facts.namespaces`` prefers what
    a Namespace says of itself.
    """
    if not resource.is_kubernetes:
        return
    body = Manifest(resource)
    yield ApiVersion(resource.address, body.cluster, body.string("apiVersion"), body.kind)
    for key, value in body.labels_of_object:
        yield Tagged(resource.address, key, value)
    for name in dict.fromkeys((*_ALWAYS, body.namespace)):
        if name:
            yield Namespace(namespace_address(body.cluster, name), body.cluster, name, ((KUBERNETES_NAME, name),))
