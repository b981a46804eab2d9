"""Buckets, files and a secret at home and at a further site: real Terraform, its real AWS provider, the emulator."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

import descriptions
from seawall.components.expand import expand
from seawall.deploy import target
from seawall.deploy.down import down
from seawall.deploy.plan import plan
from seawall.deploy.rendered import Rendered
from seawall.deploy.up import up
from seawall.deploy.validate import validate
from seawall.deploy.workplace import Workplace
from seawall.graph.graph import Graph
from seawall.render.terraform import files as terraform_files

pytestmark = pytest.mark.needs("terraform", "aws-provider", "emulator")
STORAGE = """\
sites: {west: {region: us-west-2, network: {cidr: 10.1.0.0/16}}}
components:
  images:
    kind: bucket
    lifecycle: {to_infrequent_access: 90 d, to_glacier_instant: 180 d}
    logs_to: logs
    copy_to_sites: true
  models: {kind: bucket, lifecycle: {intelligent_tiering: true, archive_after: 90 d}}
  logs: {kind: bucket, lifecycle: {delete_after: 30 d}, versions: null}
  weights:
    kind: files
    path: /weights
    readers: [viewer]
    to_infrequent_access: 30 d
    copy_to_sites: true
  stripe: {kind: secret, sensitivity: high, keys: [api-key]}
  viewer: {kind: service, image: viewer, needs: [images, weights, stripe]}
"""
TYPES = {
    "aws_efs_access_point",
    "aws_efs_backup_policy",
    "aws_efs_file_system",
    "aws_efs_file_system_policy",
    "aws_efs_mount_target",
    "aws_efs_replication_configuration",
    "aws_s3_bucket_intelligent_tiering_configuration",
    "aws_s3_bucket_logging",
    "aws_s3_bucket_replication_configuration",
    "aws_secretsmanager_secret",
}


@dataclass(frozen=True)
class _Described:
    name: str = "shop"
    environment: str = "production"
    prefix: str | None = None


@pytest.fixture
def named() -> tuple[str, str]:
    """The platform that these tests bring up."""
    return "shop", "production"


def _stored() -> Graph:
    """The stacks that hold data, and the networks that they lie in."""
    whole = expand(descriptions.platform(descriptions.FRAME + STORAGE))
    wanted = {
        resource
        for resource in whole
        for parts in [resource.address.as_terraform()]
        if parts is not None and parts.stack in ("network", "data")
    }
    return Graph([resource for resource in whole if resource in wanted])


def test_what_keeps_data_comes_up_in_two_regions_stays_and_goes(place: Workplace) -> None:
    """All of it is applied, every second plan is empty, each thing is found there, and nothing is left after it."""
    graph = _stored()
    assert {resource.type for resource in graph} >= TYPES
    rendered = Rendered.of_graph(terraform_files.files(_Described(), graph), graph)
    cloud = target.emulator(place.root, start=True)
    assert cloud is not None
    counts = up(rendered, place, cloud).stacks
    made = sum(resource.is_terraform and not resource.type.startswith("data.") for resource in graph)
    assert sum(one.added for one in counts.values()) == made
    again = plan(rendered, place, cloud)
    assert again.is_empty, {key: stack.counts for key, stack in again.stacks.items()}
    checked = validate(rendered, place, cloud).checked
    assert {str(one.address): one.verdict for one in checked if not one.verdict.proven} == {}
    gone = down(rendered, place, cloud)
    assert gone.leftovers == ()
    assert sum(one.destroyed for one in gone.stacks.values()) == made
