"""Addresses: the one name by which a resource is known, in messages, facts and journals alike."""

from __future__ import annotations

import re
from typing import NamedTuple

_LAST_WORDS = re.compile(r"(?:^|\.)((?:(?:data|ephemeral)\.)?[a-z0-9_]+)\.([^.\[]+(?:\[.*\])?)$")


class TerraformName(NamedTuple):
    """The parts of a Terraform address; ``path`` is what Terraform itself calls the resource within its stack."""

    region: str
    stack: str
    path: str

    @property
    def type(self) -> str:
        """The resource type, modules and instance keys left aside: ``aws_vpc``."""
        return self._words()[0]

    @property
    def name(self) -> str:
        """The resource's own name, with its instance key if it has one: ``main`` or ``zone["a"]``."""
        return self._words()[1]

    def _words(self) -> tuple[str, str]:
        match = _LAST_WORDS.search(self.path)
        if match is None:
            raise ValueError(f"not a Terraform resource address: {self.path!r}")
        return match[1], match[2]


class KubernetesName(NamedTuple):
    """The parts of a Kubernetes object's address; ``namespace`` is empty for a cluster-wide object."""

    cluster: str
    kind: str
    namespace: str
    name: str


class Address(str):
    """The name of a resource, or of what it implies.

    Spellings: ``region/stack:type.name`` (Terraform), ``cluster/Kind/namespace/name`` or ``cluster/Kind/name``
    (Kubernetes), ``stack/LogicalId`` (CloudFormation), ``iam/kind.name`` (an IAM file), ``file:path`` (a file of a
    known format), ``owner//name`` (made by AWS for its owner, such as a VPC's main route table), ``outside:id`` (only
    a literal id is known) and ``host:name`` (a demand's target that is a name).  A string subclass, so that it sorts,
    hashes and is written as JSON at no cost.
    """

    __slots__ = ()

    @classmethod
    def terraform(cls, region: str, stack: str, path: str) -> Address:
        """Name a resource of a stack; ``path`` is ``type.name`` or Terraform's full address within the stack."""
        return cls(f"{region}/{stack}:{path}")

    @classmethod
    def cloudformation(cls, stack: str, logical: str) -> Address:
        """Name a resource of a stack of CloudFormation by its logical id."""
        return cls(f"{stack}/{logical}")

    @classmethod
    def kubernetes(cls, cluster: str, kind: str, namespace: str, name: str) -> Address:
        """Name an object of a cluster; an empty namespace means that the object is cluster-wide."""
        return cls(f"{cluster}/{kind}/{namespace}/{name}" if namespace else f"{cluster}/{kind}/{name}")

    @classmethod
    def file(cls, path: str) -> Address:
        """Name a file of a known format, such as a workflow or a set of alert rules."""
        return cls(f"file:{path}")

    @classmethod
    def outside(cls, identifier: str) -> Address:
        """Name a thing of which the input holds nothing but its literal id."""
        return cls(f"outside:{identifier}")

    @classmethod
    def host(cls, name: str) -> Address:
        """Name a demand's target by its host name, before anybody has looked up whose it is."""
        return cls(f"host:{name}")

    def implied(self, name: str) -> Address:
        """Name a thing that comes into being with this one, such as a network's main route table."""
        return Address(f"{self}//{name}")

    @property
    def owner(self) -> Address:
        """Whoever states this address: itself, or the owner of an implied thing."""
        owner, implied, _ = self.partition("//")
        return Address(owner) if implied else self

    @property
    def is_outside(self) -> bool:
        """Whether only a literal id is known of it."""
        return self.startswith("outside:")

    def as_terraform(self) -> TerraformName | None:
        """Split a Terraform address into its parts; None for any other spelling."""
        # Taken apart rather than matched: addresses are asked for this more often than for anything else.
        place, _, path = self.partition("//")[0].partition(":")
        region, _, stack = place.partition("/")
        return TerraformName(region, stack, path) if stack and path and "/" not in stack else None

    def as_kubernetes(self) -> KubernetesName | None:
        """Split a Kubernetes address into its parts; None for any other spelling."""
        if self.startswith(("file:", "outside:", "host:")) or self.as_terraform():
            return None
        match self.owner.split("/"):
            case [cluster, kind, namespace, name]:
                return KubernetesName(cluster, kind, namespace, name)
            case [cluster, kind, name]:
                return KubernetesName(cluster, kind, "", name)
            case _:
                return None

    def __repr__(self) -> str:
        return f"Address({str.__repr__(self)})"
