"""Volumes: claims and the classes that they are made by."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.compute import VolumeClass
from seawall.facts.fact import Fact
from seawall.facts.network import Member
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref, Text
from seawall.readers.kubernetes.objects import Manifest
from seawall.readers.kubernetes.workloads import claims
from seawall.readers.registry import reads

_DEFAULT = "storageclass.kubernetes.io/is-default-class"


@reads("v1/PersistentVolumeClaim")
def volume_claim(resource: Resource) -> Iterator[Fact]:
    """A volume is asked for."""
    yield claims(resource.address, Manifest(resource).spec)


@reads("v1/PersistentVolume")
def volume(resource: Resource) -> Iterator[Fact]:
    """A volume that is there already: the claim that it is kept for is a part of what it stands for."""
    body = Manifest(resource)
    handle = body.spec.block("csi").text("volumeHandle")
    first = handle.parts[0] if isinstance(handle, Text) else handle
    claim = body.spec.block("claimRef")
    if isinstance(first, Ref) and claim.has("name"):
        claimed = body.sibling("PersistentVolumeClaim", claim.string("name"), claim.string("namespace"))
        yield Member(first.to, claimed)


@reads("storage.k8s.io/v1/StorageClass")
def storage_class(resource: Resource) -> Iterator[Fact]:
    """A class of volumes; by default deleted with their claim, in the zone chosen before any pod.

    EBS volumes are encrypted if the class says so or the account's own default does, which no manifest shows.
    """
    body = Manifest(resource)
    parameters = body.block("parameters")
    yield VolumeClass(
        resource.address,
        body.name,
        body.string("provisioner"),
        parameters.flag("encrypted") if parameters.has("encrypted") else parameters.unknown("encrypted"),
        body.string("volumeBindingMode", "Immediate"),
        body.string("reclaimPolicy", "Delete"),
        body.flag("allowVolumeExpansion"),
        body.annotations.string(_DEFAULT) == "true",
    )
