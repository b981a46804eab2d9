"""Files that pods of several nodes share: an EFS file system, mounted by whoever needs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from seawall.components.component import Expandable
from seawall.components.keys import key
from seawall.components.network import Network
from seawall.components.offer import Door, Mount, Offer, Pods
from seawall.components.paths import consumers, known_readers
from seawall.components.pods import USER
from seawall.components.policy import document
from seawall.components.scope import Scope
from seawall.components.steps import look, users
from seawall.components.stores import guarded
from seawall.components.takeover.action import Action, Move
from seawall.components.watch import Watch
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, text
from seawall.model.fields import Duration, Name

PORT = 2049
DRIVER_ADDON, DRIVER = "aws-efs-csi-driver", "efs.csi.aws.com"
"""The add-on that mounts file systems, and the name under which the cluster knows it."""
AGES = (1, 7, 14, 30, 60, 90, 180, 270, 365)
"""Days after which EFS can move what nobody opened. Source: Amazon EFS API, LifecyclePolicy, read 2026-11-21."""
MountPath = Annotated[str, Field(pattern=r"^/[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$")]


class FileSystem(Expandable):
    """A file system in every zone: whoever needs it finds it under ``path`` of its containers."""

    stack: ClassVar[str] = "data"

    kind: Literal["files"]
    path: MountPath
    """Where containers find it."""
    readers: tuple[Name, ...] = ()
    """Those of its consumers that only read, as the file system itself sees to; the others write, too."""
    to_infrequent_access: Duration | None = None
    """What nobody opened for so long costs less to keep and more to read, and comes back when it is opened."""
    throughput: Literal["elastic", "bursting"] = "elastic"
    """As much as is asked for, paid by what is read and written; or by credits that come with what is stored."""
    backups: bool = True
    """Whether AWS Backup keeps a copy of every day for 35 days; false where the platform's own plan does."""
    copy_to_sites: bool = False
    """Whether it is copied to the same files at the further site, where it can be read; minutes behind as a rule."""
    protected: bool = True
    """Whether Terraform refuses to delete it."""

    @model_validator(mode="after")
    def _sound(self) -> FileSystem:
        age = self.to_infrequent_access
        if age is not None and age.days not in AGES:
            raise ValueError(f"EFS moves files after {', '.join(map(str, AGES))} days, not {age}")
        return self

    # -- what others may know --------------------------------------------------------------------------------------

    def offer(self, scope: Scope) -> Offer:
        """Where it is mounted; the node does it, so the door is in its group and not in the pods' policies."""
        target = scope.address("aws_efs_file_system", scope.identifier)
        host = scope.ref("aws_efs_file_system", scope.identifier, "dns_name")
        door = Door(PORT, group=scope.address("aws_security_group", scope.identifier))
        return Offer(scope.name, target, "files", host, PORT, (door,), tls=True)

    def offer_to(self, scope: Scope, consumer: str) -> Offer:
        """The same, with the claim that is the consumer's own."""
        mount = Mount(_claim(scope, consumer), self.path, self._reads(scope, consumer))
        return replace(self.offer(scope), mounts=(mount,))

    def _reads(self, scope: Scope, consumer: str) -> bool:
        """Whether a consumer only reads; a copy can be read alone until it is made the original."""
        return consumer in self.readers or self._is_copy(scope)

    def _is_copy(self, scope: Scope) -> bool:
        return self.copy_to_sites and not scope.is_home

    def backed_up(self, scope: Scope) -> Iterator[Ref]:
        """The file system."""
        yield scope.ref("aws_efs_file_system", scope.identifier, "arn")

    def relies_on(self) -> tuple[str, ...]:
        """What mounts it."""
        return (DRIVER_ADDON,)

    def takes_over(self, scope: Scope, move: Move) -> Iterator[Action]:
        """Nothing: its replication cannot be turned round, only ended, and whoever does that has it to make anew."""
        if self._is_copy(scope) and move != "failback":
            says = f"The files of {scope.name} can be read in {scope.region}, and not written."
            yield Action(f"{scope.name}-reads", says, "ask", scope.region)

    def watches(self, scope: Scope) -> Iterator[Watch]:
        """What runs out: how many operations it takes a second, and the credits for reading and writing fast."""
        it = (("FileSystemId", scope.ref("aws_efs_file_system", scope.identifier, "id")),)
        yield Watch(
            "operations",
            f"The files {scope.name} have been near their limit of operations for 15 minutes. "
            "Look for somebody who opens very many small files.",
            "PercentIOLimit", "AWS/EFS", it, "Maximum", ">", 90, "notBreaching", period=300,
            first=(
                f"Who mounts it: {', '.join(look(pods) for pods in users(scope)) or '`kubectl get pvc -A`'}.",
                "What they do: `kubectl -n NAMESPACE exec POD -- sh -c 'ls -R MOUNT | wc -l'`; very many small "
                "files, opened for each request, are the usual cause.",
                "At once: `aws efs update-file-system --file-system-id ID --throughput-mode elastic --region "
                f"{scope.region}`, and `throughput: elastic` of {scope.name} in the description.",
            ),
        )  # fmt: skip
        if self.throughput == "bursting":
            yield Watch(
                "credits",
                f"The files {scope.name} have used up most of their credits and will be slow; "
                "`throughput: elastic` knows no credits.",
                # A new file system has 2.1 TiB of them.
                "BurstCreditBalance", "AWS/EFS", it, "Minimum", "<", 200 * 2**30, "ignore", period=300,
                first=(
                    f"Who mounts it: {', '.join(look(pods) for pods in users(scope)) or '`kubectl get pvc -A`'}.",
                    "At once: `aws efs update-file-system --file-system-id ID --throughput-mode elastic --region "
                    f"{scope.region}`; AWS lets the mode be changed once in 24 hours.",
                    f"For good: `throughput: elastic` of {scope.name} in the description.",
                ),
            )  # fmt: skip

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """Key, file system, its policy, access points, a target in each zone; volume and claim of each consumer."""
        self._known(scope)
        name = scope.identifier
        yield scope.lookup("aws_caller_identity", name, {})
        account = scope.ref("data.aws_caller_identity", name, "account_id")
        purpose = f"Files of {scope.full_name}"
        yield from key(scope, name, account=account, called=scope.full_name, purpose=purpose)
        yield self._file_system(scope)
        it = scope.ref("aws_efs_file_system", name, "id")
        yield scope.aws(
            "aws_efs_backup_policy",
            name,
            {"file_system_id": it, "backup_policy": [{"status": "ENABLED" if self.backups else "DISABLED"}]},
        )
        for access in self._accesses:
            yield self._access_point(scope, access)
        yield self._policy(scope)
        yield from guarded(scope, scope.full_name, PORT, "files")
        network = scope.the(Network)
        for letter, subnet in zip(network.letters, network.subnet_ids(scope, "data"), strict=True):
            target = {
                "file_system_id": it,
                "subnet_id": subnet,
                "security_groups": [scope.ref("aws_security_group", name, "id")],
            }
            yield scope.aws("aws_efs_mount_target", f"{name}_{letter}", target)
        if self._is_copy(scope):
            yield self._copying(scope)
        for consumer, pods in consumers(scope):
            yield from self._volume(scope, consumer, pods)

    def _known(self, scope: Scope) -> None:
        known_readers(scope, self.readers)
        if self.copy_to_sites and len(scope.sites) > 1:
            raise InputError(
                f"{scope.name} is to be copied to {', '.join(scope.sites)}; EFS copies a file system to one other",
                fix=f"take {scope.name} out of all but one site: `{scope.name}: null`",
                origin=scope.origin,
            )

    def _file_system(self, scope: Scope) -> Resource:
        policies: list[dict[str, Any]] = []
        if self.to_infrequent_access is not None:
            days = round(self.to_infrequent_access.days)
            policies = [
                {"transition_to_ia": "AFTER_1_DAY" if days == 1 else f"AFTER_{days}_DAYS"},
                {"transition_to_primary_storage_class": "AFTER_1_ACCESS"},
            ]
        body = {
            "creation_token": scope.full_name,
            "encrypted": True,
            "kms_key_id": scope.ref("aws_kms_key", scope.identifier, "arn"),
            "performance_mode": "generalPurpose",
            "throughput_mode": self.throughput,
            "lifecycle_policy": policies or None,
        }
        lifecycle: dict[str, Any] = {"prevent_destroy": True} if self.protected else {}
        if self._is_copy(scope):
            # Only what is not protected against it can be copied to; once it is, EFS itself says REPLICATING.
            body["protection"] = [{"replication_overwrite": "DISABLED"}]
            lifecycle["ignore_changes"] = ["protection"]
        return scope.aws(
            "aws_efs_file_system", scope.identifier, body, lifecycle=lifecycle or None, called=scope.full_name
        )

    @property
    def _accesses(self) -> tuple[str, ...]:
        return ("writing", "reading") if self.readers else ("writing",)

    def _access_point(self, scope: Scope, access: str) -> Resource:
        body = {
            "file_system_id": scope.ref("aws_efs_file_system", scope.identifier, "id"),
            # Whoever comes in by it is this user, whatever its container says; it is the user that our pods are.
            "posix_user": [{"uid": USER, "gid": USER}],
            "root_directory": [
                {
                    "path": "/shared",
                    "creation_info": [{"owner_uid": USER, "owner_gid": USER, "permissions": "0750"}],
                }
            ],
        }
        return scope.aws("aws_efs_access_point", f"{scope.identifier}_{access}", body)

    def _policy(self, scope: Scope) -> Resource:
        name = scope.identifier
        it = scope.ref("aws_efs_file_system", name, "arn")
        points = {access: scope.ref("aws_efs_access_point", f"{name}_{access}", "arn") for access in self._accesses}

        def through(sid: str, action: str, accesses: list[Ref]) -> dict[str, Any]:
            # Nobody signs a mount of the CSI driver; the network, TLS and the access point are what lets one in.
            return {
                "Sid": sid,
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": f"elasticfilesystem:{action}",
                "Resource": it,
                "Condition": {
                    "Bool": {"elasticfilesystem:AccessedViaMountTarget": "true", "aws:SecureTransport": "true"},
                    "StringEquals": {"elasticfilesystem:AccessPointArn": accesses},
                },
            }

        refused = {
            "Sid": "RefusePlainText",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "*",
            "Resource": it,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        statements = [
            through("MountByAccessPoints", "ClientMount", list(points.values())),
            through("WriteByItsAccessPoint", "ClientWrite", [points["writing"]]),
            refused,
        ]
        body = {"file_system_id": scope.ref("aws_efs_file_system", name, "id"), "policy": document(*statements)}
        return scope.aws("aws_efs_file_system_policy", name, body)

    def _copying(self, scope: Scope) -> Resource:
        """What makes EFS copy from home; written down at the site, so that home never waits for it."""
        home = scope.home
        body = {
            "source_file_system_id": home.ref("aws_efs_file_system", home.identifier, "id"),
            "destination": [
                {
                    "file_system_id": scope.ref("aws_efs_file_system", scope.identifier, "id"),
                    "region": scope.region,
                }
            ],
        }
        return scope.aws("aws_efs_replication_configuration", scope.identifier, body, region=home.region)

    # -- in the cluster --------------------------------------------------------------------------------------------

    def _volume(self, scope: Scope, consumer: str, pods: Pods) -> Iterator[Resource]:
        reads = self._reads(scope, consumer)
        access = "reading" if consumer in self.readers else "writing"
        point = scope.ref("aws_efs_access_point", f"{scope.identifier}_{access}", "id")
        claim = _claim(scope, consumer)
        volume = f"{pods.namespace}-{claim}"
        common = {
            "accessModes": ["ReadOnlyMany" if reads else "ReadWriteMany"],
            # None of the cluster's classes: the volume is there already.
            "storageClassName": "",
            "volumeMode": "Filesystem",
        }
        spec = {
            **common,
            # Kubernetes wants a number; EFS has no size.
            "capacity": {"storage": "1Ti"},
            "persistentVolumeReclaimPolicy": "Retain",
            # For this claim and no other, whatever else is looking for a volume.
            "claimRef": {"namespace": pods.namespace, "name": claim},
            "mountOptions": ["tls"],
            "csi": {
                "driver": DRIVER,
                "volumeHandle": text(scope.ref("aws_efs_file_system", scope.identifier, "id"), "::", point),
            },
        }
        yield scope.object("v1", "PersistentVolume", volume, {"spec": spec})
        asked = {**common, "volumeName": volume, "resources": {"requests": {"storage": "1Ti"}}}
        yield scope.object("v1", "PersistentVolumeClaim", claim, {"spec": asked}, namespace=pods.namespace)


def _claim(scope: Scope, consumer: str) -> str:
    return f"{consumer}-{scope.name}"
