"""A relational database on Amazon RDS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from seawall.components.alert import Alert
from seawall.components.alerting.databases import Stored
from seawall.components.alerting.databases import alerts as databases_alerts
from seawall.components.component import Expandable
from seawall.components.keys import key
from seawall.components.offer import Credentials, Offer
from seawall.components.plot import Plot
from seawall.components.relational import (
    Window,
    crowded,
    disks,
    door,
    events,
    ground,
    measured,
    monitoring,
    parameters,
    pools,
    sessions,
)
from seawall.components.scope import Scope
from seawall.components.steps import anew
from seawall.components.watch import Watch
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref
from seawall.knowledge.database_classes import connections, memory
from seawall.knowledge.database_engines import ENGINES, Engine
from seawall.model.fields import Duration, Line, Name, Region, Size


class Database(Expandable):
    """An RDS instance: private, encrypted with a key of its own, TLS insisted on, its password kept by RDS."""

    stack: ClassVar[str] = "data"

    kind: Literal["database"]
    engine: Literal["mysql", "postgresql"]
    version: Annotated[str, Field(pattern=r"^\d{1,2}(\.\d{1,2}){0,2}$")] = ""
    """Major version, so that RDS takes minor ones by itself; where silent the engine's long-term one."""
    class_: Annotated[str, Field(alias="class", pattern=r"^db\.[a-z0-9]+\.[a-z0-9]+$")]
    storage: Size = units.Size(20 * 2**30)
    max_storage: Size | None = None
    """What storage may grow to by itself; where silent five times as much."""
    tier: Name = "data"
    """The tier of the network in which it lies; policies of ranges tell stores apart by their tiers alone."""
    multi_az: bool = True
    """Whether a standby in another zone takes over by itself, in 60 to 120 seconds."""
    backups: Duration = units.Duration(7 * 86400)
    """How long automatic backups are kept, 1 to 35 days; the time within can be gone back to, by the second."""
    copy_backups_to: Region | None = None
    """Another region, which gets every backup and log as soon as it is made.

    If this one is lost, the database can be restored there as it was 5 to 30 minutes before. Not every pair of regions
    is possible; Seoul copies to Tokyo, Singapore, N. Virginia, Ohio and Oregon.
    """
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")] = "app"
    """The database within the instance."""
    parameters: Mapping[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]*$")], Line] = {}
    """Engine parameters beside those that insist on TLS and log what is slow."""
    protected: bool = True
    """Whether it refuses to be deleted, and leaves a last snapshot when it is."""
    logs: Duration = units.Duration(30 * 86400)
    """How long the engine's logs are kept."""
    backup_window: Window = "17:00-18:00"
    """When the daily backup is made, UTC; by default at night in Seoul."""
    maintenance_window: Window = "sun:18:30-sun:19:30"

    @model_validator(mode="after")
    def _sound(self) -> Database:
        if not 1 <= self.backups.days <= 35:
            raise ValueError(f"backups are kept for 1 to 35 days, not {self.backups}")
        if self.version and self._major not in self._engine.support_ends:
            known = ", ".join(self._engine.support_ends)
            raise ValueError(f"{self.engine} {self.version} is not a version that RDS supports; known are {known}")
        if self.max_storage is not None and self.max_storage < self.storage:
            raise ValueError(f"max_storage ({self.max_storage}) is below storage ({self.storage})")
        return self

    @property
    def _engine(self) -> Engine:
        return ENGINES[self.engine]

    @property
    def _version(self) -> str:
        return self.version or self._engine.current

    @property
    def _major(self) -> str:
        parts = self._version.split(".")
        return ".".join(parts[:2]) if self.engine == "mysql" else parts[0]

    # -- what others may know --------------------------------------------------------------------------------------

    def offer(self, scope: Scope) -> Offer:
        """The instance by the name that moves with a failover, and the secret that RDS keeps and rotates."""
        return Offer(
            scope.name,
            scope.address("aws_db_instance", scope.identifier),
            self.engine,
            scope.ref("aws_db_instance", scope.identifier, "address"),
            self._engine.port,
            (door(scope, self._engine, self.tier),),
            self.name,
            tls=True,
            credentials=Credentials(
                scope.ref("aws_db_instance", scope.identifier, "master_user_secret.0.secret_arn"),
                scope.name,
                key=scope.ref("aws_kms_key", scope.identifier, "arn"),
            ),
        )

    def backed_up(self, scope: Scope) -> Iterator[Ref]:
        """The instance."""
        yield scope.ref("aws_db_instance", scope.identifier, "arn")

    def watches(self, scope: Scope) -> Iterator[Watch]:
        """Whether it speaks at all, and what runs out: processor, storage, memory, connections."""
        instance = (("DBInstanceIdentifier", scope.ref("aws_db_instance", scope.identifier, "identifier")),)
        rds = "AWS/RDS"
        called, here = scope.full_name, f"--region {scope.region}"
        slow = crowded(scope, self._engine, f"/aws/rds/instance/{called}/{self._engine.slow_log}")
        yield Watch(
            "silent",
            f"The database {scope.name} has said nothing for five minutes: it is down, or being replaced.",
            "DatabaseConnections", rds, instance, "SampleCount", "<", 1, "breaching", bad=5, of=5, critical=True,
            layer="database",
            first=(
                f"Its state: `aws rds describe-db-instances --db-instance-identifier {called} {here} --query "
                "'DBInstances[0].[DBInstanceStatus,MultiAZ,AvailabilityZone,PendingModifiedValues]'`. `available` in "
                "another zone: a failover is behind you, go on to the pods.",
                events(scope, "instance"),
                f"`storage-full`: give it more, `aws rds modify-db-instance --db-instance-identifier {called} "
                f"--allocated-storage {int(self.storage.gib) * 2} --apply-immediately {here}`.",
                f"Neither moves within five minutes, and it has a standby: `aws rds reboot-db-instance "
                f"--db-instance-identifier {called} --force-failover {here}`.",
                *anew(scope),
                "The data is damaged or gone: `aws rds restore-db-instance-to-point-in-time "
                f"--source-db-instance-identifier {called} --target-db-instance-identifier {called}-restored "
                f"--use-latest-restorable-time {here}`, then point the description at it.",
            ),
        )  # fmt: skip
        yield Watch(
            "processor",
            f"The database {scope.name} has used more than 80 % of its processor for ten minutes. "
            "Look at its slow statements.",
            "CPUUtilization", rds, instance, "Average", ">", 80, "ignore", bad=10, of=10,
            layer="database",
            first=slow,
        )  # fmt: skip
        yield Watch(
            "storage",
            # RDS adds storage below a tenth, if it still may.
            f"Less than a twentieth of {scope.name}'s storage is free, and it has not grown by itself.",
            "FreeStorageSpace", rds, instance, "Minimum", "<", self.storage.bytes // 20, "ignore", critical=True,
            layer="database",
            first=(
                "How much is left and how fast it goes: `aws cloudwatch get-metric-statistics --namespace AWS/RDS "
                f"--metric-name FreeStorageSpace --dimensions Name=DBInstanceIdentifier,Value={called} --statistics "
                "Minimum --period 3600 --start-time $(date -u -d '1 day ago' +%FT%TZ) --end-time $(date -u +%FT%TZ) "
                f"{here}`.",
                f"Whether it still grows: `aws rds describe-db-instances --db-instance-identifier {called} {here} "
                "--query 'DBInstances[0].[AllocatedStorage,MaxAllocatedStorage,DBInstanceStatus]'`; after a growth "
                "RDS waits six hours.",
                "At its most: raise `max_storage` in the description, or at once `aws rds modify-db-instance "
                f"--db-instance-identifier {called} --max-allocated-storage N --allocated-storage N "
                f"--apply-immediately {here}`.",
                "What takes the room: binary logs, logs of the engine, a table that nobody empties; ask "
                "`information_schema.tables` for the largest.",
            ),
        )  # fmt: skip
        yield Watch(
            "disk-queue",
            f"Ten requests and more wait for {scope.name}'s disk. Look at its slow statements: some read whole tables.",
            "DiskQueueDepth", rds, instance, "Average", ">", 10, "ignore", bad=5, of=5,
            layer="database",
            first=slow,
        )  # fmt: skip
        size = memory(self.class_)
        if size is not None:
            yield Watch(
                "memory",
                f"Less than a twentieth of {scope.name}'s memory is free; it will begin to swap.",
                "FreeableMemory", rds, instance, "Average", "<", size.bytes // 20, "ignore", bad=10, of=10,
                layer="database",
                first=(
                    f"Who has connections, each of which takes memory of its own: {sessions(self._engine)}.",
                    *slow[:1],
                    f"Nothing unusual: it is too small. Raise `class` of {scope.name} in the description and apply "
                    "it; with a standby that takes a failover of a minute or two.",
                ),
            )  # fmt: skip
        stated = self.parameters.get("max_connections", "")
        most = int(stated) if stated.isdecimal() else connections(self.engine, self.class_)
        if most is not None:
            yield Watch(
                "connections",
                f"{scope.name} has four fifths of the {most} connections that it accepts at most.",
                "DatabaseConnections", rds, instance, "Maximum", ">", most * 4 // 5, "ignore",
                layer="database",
                first=(
                    f"Who has them: {sessions(self._engine)}. Many from one pod's address: its pool leaks, or it is "
                    "stuck.",
                    *anew(scope),
                    "How many pods there are and should be: `kubectl get hpa -A`. More pods than the description's "
                    "most mean that somebody scaled by hand.",
                    *slow[:1],
                    f"It is the load itself: raise `class` or `max_connections` of {scope.name}, or put a `pooler` "
                    "before it.",
                ),
            )  # fmt: skip

    def alerts(self, scope: Scope) -> Iterator[Alert]:
        """What is worth an alert of instances; the first says it of all."""
        databases = scope.every(Database)
        if next(iter(databases)) == scope.name:
            yield from databases_alerts([database._stored(scope.at(name)) for name, database in databases.items()])

    def _stored(self, scope: Scope) -> Stored:
        return Stored("RDS", scope.name, scope.full_name, pools(scope), self.storage, steps=anew(scope))

    def plots(self, scope: Scope) -> Iterator[Plot]:
        """How long reads and writes take, and how many there are."""
        yield from disks(scope, "DBInstanceIdentifier", scope.ref("aws_db_instance", scope.identifier, "identifier"))

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """Subnet group, security group, key, parameters, logs, monitoring role and the instance."""
        yield from ground(scope, self._engine, "instance", self.logs, self.tier)
        yield parameters(scope, "aws_db_parameter_group", self._engine, self._major, self.parameters)
        yield from monitoring(scope)
        yield self._instance(scope)
        if self.copy_backups_to is not None:
            yield from self._copies(scope, self.copy_backups_to)

    def _copies(self, scope: Scope, region: str) -> Iterator[Resource]:
        if region == scope.region:
            raise InputError(
                f"{scope.name} copies its backups to {region}, where it is itself",
                fix="name another region",
                origin=scope.origin,
            )
        name = f"{scope.identifier}_copies"
        # A key is good in its own region only.
        yield from key(
            scope,
            name,
            account=scope.ref("data.aws_caller_identity", scope.identifier, "account_id"),
            called=f"{scope.full_name}-copies",
            purpose=f"Copies of the backups of the database {scope.full_name}",
            region=region,
        )
        copies = {
            "source_db_instance_arn": scope.ref("aws_db_instance", scope.identifier, "arn"),
            "kms_key_id": scope.ref("aws_kms_key", name, "arn"),
            "retention_period": round(self.backups.days),
        }
        yield scope.aws("aws_db_instance_automated_backups_replication", scope.identifier, copies, region=region)

    def _instance(self, scope: Scope) -> Resource:
        name = scope.identifier
        key = scope.ref("aws_kms_key", name, "arn")
        grown = self.max_storage or units.Size(self.storage.bytes * 5)
        body = {
            "identifier": scope.full_name,
            "engine": self._engine.name,
            "engine_version": self._version,
            "instance_class": self.class_,
            "allocated_storage": int(self.storage.gib),
            "max_allocated_storage": int(grown.gib),
            "storage_type": "gp3",
            "storage_encrypted": True,
            "kms_key_id": key,
            "db_name": self.name,
            "username": "dbadmin",
            "manage_master_user_password": True,
            "master_user_secret_kms_key_id": key,
            "iam_database_authentication_enabled": True,
            "port": self._engine.port,
            "multi_az": self.multi_az,
            "db_subnet_group_name": scope.ref("aws_db_subnet_group", name, "name"),
            "vpc_security_group_ids": [scope.ref("aws_security_group", name, "id")],
            "publicly_accessible": False,
            "parameter_group_name": scope.ref("aws_db_parameter_group", name, "name"),
            "backup_retention_period": round(self.backups.days),
            "backup_window": self.backup_window,
            "maintenance_window": self.maintenance_window,
            "auto_minor_version_upgrade": True,
            "copy_tags_to_snapshot": True,
            "delete_automated_backups": not self.protected,
            "deletion_protection": self.protected,
            "skip_final_snapshot": not self.protected,
            "final_snapshot_identifier": f"{scope.full_name}-final" if self.protected else None,
            "enabled_cloudwatch_logs_exports": list(self._engine.logs),
            **measured(scope, self._engine, self.class_),
        }
        before = [scope.address("aws_cloudwatch_log_group", f"{name}_{log}") for log in self._engine.logs]
        before.append(scope.address("aws_iam_role_policy_attachment", f"{name}_monitoring"))
        return scope.aws("aws_db_instance", name, body, depends_on=before, called=scope.full_name)
