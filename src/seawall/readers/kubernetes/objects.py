"""What every Kubernetes object has: an address, a type, metadata; and a cursor over its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, cast

from seawall.facts.fact import Known
from seawall.facts.pod_network import Labels, Requirement, Selector
from seawall.graph.resource import Resource
from seawall.kernel.address import Address, KubernetesName
from seawall.kernel.value import Ref, Text, Textual, Unknown, text
from seawall.readers.arguments import Arguments

_CLUSTER_WIDE = """
    APIService CSIDriver CSINode CertificateSigningRequest ClusterRole ClusterRoleBinding ClusterTrustBundle
    ComponentStatus CustomResourceDefinition DeviceClass FlowSchema IngressClass MutatingAdmissionPolicy
    MutatingAdmissionPolicyBinding MutatingWebhookConfiguration Namespace Node PersistentVolume PriorityClass
    PriorityLevelConfiguration ResourceSlice RuntimeClass ServiceCIDR IPAddress StorageClass
    ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration VolumeAttachment
    VolumeAttributesClass
    AdminNetworkPolicy BaselineAdminNetworkPolicy CiliumClusterwideNetworkPolicy ClusterAnalysisTemplate
    ClusterExternalSecret ClusterIssuer ClusterNetworkPolicy ClusterPolicy ClusterPushSecret ClusterSecretStore
    AWSNodeTemplate ClusterTriggerAuthentication EC2NodeClass ENIConfig GatewayClass GlobalNetworkPolicy
    IngressClassParams NodeClaim
    NodePool Provisioner
    VolumeSnapshotClass VolumeSnapshotContent
"""
CLUSTER_WIDE: Final = frozenset(_CLUSTER_WIDE.split())
"""Kinds without a namespace: those of Kubernetes 1.36 and of the controllers that Seawall knows."""

# Nearly every part of a body is a plain dict or list, and asking for these first spares the slow question.
_MAPPING: Final = (dict, Mapping)
_LIST: Final = (list, tuple)

DEFAULT_NAMESPACE: Final = "default"
KUBERNETES_NAME: Final = "kubernetes.io/metadata.name"
"""The label that the API server gives every namespace."""

NOTHING: Final = Selector(requirements=(Requirement("", "In", ()),))
"""A selector that no labels fulfil; it stands for an absent one where Kubernetes reads that as none."""


def type_of(body: Mapping[str, Any]) -> str:
    """The resource type of a manifest: ``apps/v1/Deployment``."""
    return f"{body['apiVersion']}/{body['kind']}"


def address_of(cluster: str, body: Mapping[str, Any]) -> Address:
    """The address of a manifest's object in a cluster; a namespaced one without a namespace is in ``default``."""
    metadata = body["metadata"]
    if body["kind"] in CLUSTER_WIDE:
        return Address.kubernetes(cluster, body["kind"], "", metadata["name"])
    namespace = metadata.get("namespace") or DEFAULT_NAMESPACE
    return Address.kubernetes(cluster, _kind_in_address(body), namespace, metadata["name"])


def _kind_in_address(body: Mapping[str, Any]) -> str:
    """A kind as addresses name it: with its group, as kubectl does, where plug-ins have one of Kubernetes' own name."""
    kind, group = str(body["kind"]), str(body["apiVersion"]).partition("/")[0]
    return kind if kind != "NetworkPolicy" or group in _OWN_POLICIES else f"{kind}.{group}"


_OWN_POLICIES: Final = ("networking.k8s.io", "extensions")


class Fields(Arguments):
    """The fields of an object or of a part of it, named as ``kubectl explain`` names them."""

    __slots__ = ()

    def blocks(self, name: str) -> Iterator[Fields]:
        """The objects of a list, or the one object that stands there."""
        value = self.body.get(name)
        if isinstance(value, _LIST):
            for number, item in enumerate(value):
                if isinstance(item, _MAPPING):
                    yield self._inside(item, f"{name}.{number}")
        elif isinstance(value, _MAPPING) and value:
            yield self._inside(value, name)

    def block(self, name: str) -> Fields:
        """The object of that name, or one without fields."""
        value = self.body.get(name)
        return self._inside(value if isinstance(value, _MAPPING) else {}, name)

    def within(self, *names: str) -> Fields:
        """The object at the end of a path of names, or one without fields."""
        part = self
        for name in names:
            part = part.block(name)
        return part

    def mentions(self, name: str) -> bool:
        """Whether the field stands there at all, be it empty; null is absent, as for the API server."""
        return self.body.get(name) is not None

    @property
    def given(self) -> bool:
        """Whether any of its fields is there; an object of nulls is as good as an empty one."""
        return any(value is not None for value in self.body.values())

    @property
    def names(self) -> list[str]:
        """The names of the fields that are there, sorted."""
        return sorted(str(key) for key, value in self.body.items() if value is not None)

    def string(self, name: str, default: str = "") -> str:
        """A name or keyword, which is never unknown; numbers as written, holes spelled out."""
        value = self.body.get(name)
        if type(value) is str:
            return value or default
        return str(self.text(name, default))

    def strings(self, name: str) -> tuple[str, ...]:
        """A list of names or keywords in their order."""
        value = self.raw(name)
        return tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()

    def labels(self, name: str) -> Labels:
        """A mapping of labels, sorted by key; one that is null is no label."""
        value = self.body.get(name)
        if not isinstance(value, _MAPPING):
            return ()
        return tuple(sorted((str(key), _spelled(item)) for key, item in value.items() if item is not None))

    def selector(self, name: str, absent: Selector) -> Selector:
        """A label selector; ``absent`` is what the API reads where there is none, an empty one means all."""
        if not self.mentions(name):
            return absent
        part = self.block(name)
        return Selector(part.labels("matchLabels"), part.expressions("matchExpressions"))

    def expressions(self, name: str) -> tuple[Requirement, ...]:
        """The requirements of a selector, of labels or of nodes."""
        return tuple(
            Requirement(
                requirement.string("key"),
                cast("Any", requirement.string("operator")),
                tuple(sorted(requirement.strings("values"))),
            )
            for requirement in self.blocks(name)
        )

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """A mapping of quantities as written, sorted by key."""
        return self.labels(name)

    def _inside(self, body: Mapping[str, Any], path: str) -> Fields:
        inner = Fields.__new__(Fields)
        inner.address, inner.body, inner._path = (self.address, body, f"{self._path}{path}.")
        return inner


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


@lru_cache(maxsize=64)  # the readers of one object follow each other
def _parts(address: Address) -> KubernetesName | None:
    return address.as_kubernetes()


class Manifest(Fields):
    """A whole object: its cluster, namespace and name beside its fields."""

    __slots__ = ("cluster", "kind", "name", "namespace")

    def __init__(self, resource: Resource) -> None:
        super().__init__(resource)
        parts = _parts(resource.address)
        if parts is None:
            raise ValueError(f"{resource.address} is not the address of a Kubernetes object")
        self.cluster, self.kind, self.namespace, self.name = parts

    @property
    def spec(self) -> Fields:
        """The object's specification."""
        return self.block("spec")

    @property
    def annotations(self) -> Fields:
        """The object's annotations, read like any other fields."""
        return self.within("metadata", "annotations")

    @property
    def labels_of_object(self) -> Labels:
        """The object's own labels, sorted by key."""
        return self.block("metadata").labels("labels")

    @property
    def in_namespace(self) -> Address:
        """The address of the namespace that the object is in."""
        return namespace_address(self.cluster, self.namespace or DEFAULT_NAMESPACE)

    def sibling(self, kind: str, name: str, namespace: str = "") -> Address:
        """The address of another object by its kind and name, in this one's namespace unless another is named."""
        if kind in CLUSTER_WIDE:
            return Address.kubernetes(self.cluster, kind, "", name)
        return Address.kubernetes(self.cluster, kind, namespace or self.namespace or DEFAULT_NAMESPACE, name)


def namespace_address(cluster: str, name: str) -> Address:
    """The address of a namespace."""
    return Address.kubernetes(cluster, "Namespace", "", name)


def lines(part: Fields, name: str, separator: str = ",") -> tuple[Textual, ...]:
    """The items of a list that is written as one string, such as an annotation's; holes stay in their items."""
    value = part.raw(name)
    if value is None:
        return ()
    parts = value.parts if isinstance(value, Text) else (value,)
    items: list[Textual] = [""]
    for piece in parts:
        if not isinstance(piece, str):
            items[-1] = text(items[-1], piece)
            continue
        first, *rest = piece.split(separator)
        items[-1] = text(items[-1], first)
        items.extend(rest)
    stripped = (item.strip() if isinstance(item, str) else item for item in items)
    return tuple(item for item in stripped if not (isinstance(item, str) and not item))


def number(value: Any, part: Fields, name: str) -> Known[int]:
    """A whole number that is written as a string, as annotations write them; Unknown if it is not one."""
    if isinstance(value, Ref | Text | Unknown):
        return part.unknown(name, value)
    try:
        return int(value)
    except (TypeError, ValueError):
        return part.unknown(name, value)
