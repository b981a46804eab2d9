"""Velero: which objects and volumes of a cluster are copied, and where the copies lie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from seawall.facts.data import BackupPlace, ClusterBackup
from seawall.facts.fact import Fact, Known
from seawall.graph.resource import Resource
from seawall.readers.kubernetes.objects import Fields, Manifest, namespace_address
from seawall.readers.registry import reads

_DEFAULT = "default"
"""The place that a backup goes to where it names none."""


@reads("velero.io/v1/Schedule")
def schedule(resource: Resource) -> Iterator[Fact]:
    """A backup that is made again and again."""
    body = Manifest(resource)
    yield _backup(body, body.spec.block("template"))


@reads("velero.io/v1/Backup")
def backup(resource: Resource) -> Iterator[Fact]:
    """A backup that is made once."""
    body = Manifest(resource)
    yield _backup(body, body.spec)


def _backup(body: Manifest, spec: Fields) -> ClusterBackup:
    names = [name for name in spec.strings("includedNamespaces") if name != "*"]
    place = body.sibling("BackupStorageLocation", spec.string("storageLocation", _DEFAULT))
    namespaces = tuple(namespace_address(body.cluster, name) for name in sorted(names))
    return ClusterBackup(body.address, namespaces, _volumes(spec), place)


def _volumes(spec: Fields) -> Known[Literal["none", "snapshot", "moved"]]:
    """Snapshots are taken unless a backup says otherwise, and stay where they are unless it says that they move."""
    files, moves = spec.flag("defaultVolumesToFsBackup"), spec.flag("snapshotMoveData")
    taken = spec.flag("snapshotVolumes", True)
    for said in (files, moves, taken):
        if not isinstance(said, bool):
            return said
    if files or (moves and taken):
        return "moved"
    return "snapshot" if taken else "none"


@reads("velero.io/v1/BackupStorageLocation")
def storage_location(resource: Resource) -> Iterator[Fact]:
    """The bucket that copies lie in."""
    body = Manifest(resource)
    bucket = body.spec.block("objectStorage").link_or_text("bucket")
    config = body.spec.block("config")
    region = config.known_text("region") if config.has("region") else config.unknown("region")
    if bucket is not None:
        yield BackupPlace(body.address, bucket, region)
