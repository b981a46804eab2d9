"""DMS: tasks that copy one database into another, of whatever cloud."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.data import Migrates, MigrationEnd
from seawall.facts.fact import Fact, Known
from seawall.graph.resource import Resource
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.registry import reads


@reads("aws_dms_endpoint")
def dms_endpoint(resource: Resource) -> Iterator[Fact]:
    """One end of tasks; its host is not known where a secret says it."""
    body = Arguments(resource)
    host = body.link_or_text("server_name")
    yield MigrationEnd(resource.address, body.unknown("server_name") if host is None else host)


@reads("aws_dms_replication_task")
def dms_task(resource: Resource) -> Iterator[Fact]:
    """A task on a replication instance."""
    yield _migrates(resource, "migration_type")


@reads("aws_dms_replication_config")
def dms_serverless(resource: Resource) -> Iterator[Fact]:
    """A task without a replication instance of its own."""
    yield _migrates(resource, "replication_type")


def _migrates(resource: Resource, kind: str) -> Migrates:
    """The task; only a full load ends when it has copied what is there."""
    body = Arguments(resource)
    way = body.known_text(kind)
    keeps_up: Known[bool] = way if isinstance(way, Unknown) else way != "full-load"
    source, target = body.required_link("source_endpoint_arn"), body.required_link("target_endpoint_arn")
    return Migrates(resource.address, source, target, keeps_up)
