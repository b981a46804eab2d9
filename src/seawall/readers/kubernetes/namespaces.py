"""Namespaces, and what caps the objects within one."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.data import Limit
from seawall.facts.fact import Fact
from seawall.facts.pod_network import Namespace
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.value import Unknown
from seawall.readers.kubernetes.objects import KUBERNETES_NAME, Manifest
from seawall.readers.kubernetes.quantities import quantity
from seawall.readers.registry import reads

_ENFORCED = "pod-security.kubernetes.io/enforce"


@reads("v1/Namespace")
def namespace(resource: Resource) -> Iterator[Fact]:
    """A namespace with its labels; without a label it enforces the Pod Security level ``privileged``."""
    body = Manifest(resource)
    labels = dict(body.labels_of_object) | {KUBERNETES_NAME: body.name}
    yield Namespace(resource.address, body.cluster, body.name, tuple(sorted(labels.items())), states=True)
    yield Setting(resource.address, "pod-security", labels.get(_ENFORCED, "privileged"))


@reads("v1/ResourceQuota")
def resource_quota(resource: Resource) -> Iterator[Fact]:
    """What all pods of a namespace may ask for together; ``what`` is as written, ``value`` in base units.

    Base units are thousandths of a core for processor, bytes for memory and storage, else a count. What counts some
    pods alone, such as those of a class of priority, is ``scoped.pods``.
    """
    body = Manifest(resource)
    scoped = "scoped." if body.spec.mentions("scopeSelector") or body.spec.mentions("scopes") else ""
    for name, spelling in body.spec.pairs("hard"):
        yield Limit(body.in_namespace, scoped + name, _value(body, name, spelling), f"ResourceQuota {body.name}")


@reads("v1/LimitRange")
def limit_range(resource: Resource) -> Iterator[Fact]:
    """What one container, pod or claim of a namespace may ask for, and what it gets if it does not ask.

    ``what`` is ``container.default.cpu``: the type in lower case, the field, the resource; ``value`` in base units.
    """
    body = Manifest(resource)
    for item in body.spec.blocks("limits"):
        for field in ("default", "defaultRequest", "max", "maxLimitRequestRatio", "min"):
            for name, spelling in item.pairs(field):
                what = f"{item.string('type').lower()}.{field}.{name}"
                yield Limit(body.in_namespace, what, _value(body, what, spelling), f"LimitRange {body.name}")


def _value(body: Manifest, name: str, spelling: str) -> int | Unknown:
    try:
        value = quantity(spelling)
    except ValueError as error:
        return Unknown(f"{body.address}.spec.{name}", why=str(error))
    return round(value * 1000) if name.rsplit(".", 1)[-1] == "cpu" else round(value)
