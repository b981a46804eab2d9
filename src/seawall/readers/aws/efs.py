"""EFS: file systems, where they can be mounted, who may, how they are kept and copied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.facts.data import Backup, Replicates, Store
from seawall.facts.fact import Fact, Known
from seawall.facts.identity import Identifier
from seawall.facts.network import Hostname, Interface, Listens
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import Estimate, Ports
from seawall.kernel.value import Unknown, text
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import arn, made_up
from seawall.readers.aws.ec2 import stated_addresses
from seawall.readers.aws.policy import policy_facts
from seawall.readers.aws.quantities import DAY
from seawall.readers.registry import reads

PORT = 2049
"""NFS 4, the only protocol of EFS."""
KEPT = 35 * DAY
"""How long the automatic backup plan of EFS keeps each daily backup (Amazon EFS User Guide, "Automatic backups")."""
# AWS, "Amazon EFS replication": a recovery point of 15 minutes for most file systems. A copy can be read at any time;
# to be written it has to stop being a copy, which takes minutes, and no figure is given.
PROMOTION: Final = Estimate(60, 300, 1800, "s")


@reads("aws_efs_file_system")
def file_system(resource: Resource) -> Iterator[Fact]:
    """A file system, in every zone of its region unless it names one."""
    body, address = Arguments(resource), resource.address
    zone: Known[str] | None = body.known_text("availability_zone_name") if body.has("availability_zone_name") else None
    yield Store(
        address,
        "file-system",
        "efs",
        "",
        resource.region,
        zone=zone,
        encrypted=body.flag("encrypted"),
        key=body.link("kms_key_id"),
    )
    identifier = made_up(resource, "id")
    yield Identifier(address, "arn", arn(resource, "elasticfilesystem", "file-system/", identifier))
    yield Hostname(address, "dns_name", text(identifier, f".efs.{resource.region}.amazonaws.com"))
    yield Listens(address, "tcp", Ports.one(PORT), tls="optional")


@reads("aws_efs_mount_target")
def mount_target(resource: Resource) -> Iterator[Fact]:
    """Where a file system is in the network; without groups it has the network's default one."""
    body = Arguments(resource)
    system = body.required_link("file_system_id")
    groups = body.links("security_groups")
    subnet = body.required_link("subnet_id")
    of = system if isinstance(system, Address) else resource.address
    guarding = body.unknown("security_groups") if groups == () else groups
    yield Interface(of, (subnet,), guarding, addresses=stated_addresses(body, "ip_address"))


@reads("aws_efs_access_point")
def access_point(resource: Resource) -> Iterator[Fact]:
    """A door into a file system."""
    yield Identifier(
        resource.address, "arn", arn(resource, "elasticfilesystem", "access-point/", made_up(resource, "id"))
    )


@reads("aws_efs_file_system_policy")
def file_system_policy(resource: Resource) -> Iterator[Fact]:
    """Who may mount and write."""
    body = Arguments(resource)
    what = f"{resource.address}.policy"
    yield from policy_facts(body.raw("policy"), body.required_link("file_system_id"), "resource", what)


@reads("aws_efs_backup_policy")
def backup_policy(resource: Resource) -> Iterator[Fact]:
    """Whether AWS's own plan backs a file system up every day."""
    body = Arguments(resource)
    of = body.required_link("file_system_id")
    status = body.block("backup_policy").known_text("status")
    if isinstance(status, Unknown):
        yield Backup(of, status, DAY)
    elif status == "ENABLED":
        yield Backup(of, KEPT, DAY, region=resource.region)


@reads("aws_efs_replication_configuration")
def replication(resource: Resource) -> Iterator[Fact]:
    """A file system is copied, to one that is named or that EFS makes."""
    body = Arguments(resource)
    source, destination = body.required_link("source_file_system_id"), body.block("destination")
    if destination.has("file_system_id"):
        target = destination.required_link("file_system_id")
    else:
        target = resource.address.implied("copy")
    region = destination.known_text("region")
    far = region != resource.region if isinstance(region, str) and region else False
    yield Replicates(source, target, "asynchronous", "region" if far else "zone", "manual", PROMOTION)
