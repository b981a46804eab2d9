"""A relational database on Amazon Aurora: servers over one storage, in one region or following from several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from seawall.components.alert import Alert
from seawall.components.alerting.databases import Stored
from seawall.components.alerting.databases import alerts as databases_alerts
from seawall.components.component import Expandable
from seawall.components.keys import copies, copy_key, copy_keys
from seawall.components.network import Network
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
from seawall.components.takeover.action import Action, Move
from seawall.components.takeover.evidence import raised
from seawall.components.takeover.pages import when_lost
from seawall.components.takeover.stores import GlobalDatabase
from seawall.components.watch import Watch
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, Textual, text
from seawall.knowledge.database_classes import aurora_connections, memory, memory_of_units
from seawall.knowledge.database_engines import AURORA, Engine
from seawall.model.fields import Duration, Frame, Line, Name

SERVERLESS = "db.serverless"
USER = "dbadmin"
Class = Annotated[str, Field(pattern=r"^db\.(serverless|[a-z0-9]+\.[a-z0-9]+)$")]
Units = Annotated[float, Field(ge=0, le=256, multiple_of=0.5)]


class Serverless(Frame):
    """Between which capacities a serverless server scales by itself, in units of 2 GiB of memory (ACU)."""

    min: Units = 0.5
    """The least; at 0 a server that nobody asks anything pauses, and the next one to ask waits some 15 seconds."""
    max: Annotated[Units, Field(ge=1)] = 4
    pause_after: Duration | None = None
    """With a least of 0: how long nobody must have asked, 5 minutes to a day; where silent 5 minutes."""

    @model_validator(mode="after")
    def _sound(self) -> Serverless:
        if self.max < self.min:
            raise ValueError(f"max ({self.max:g}) is below min ({self.min:g})")
        if self.pause_after is not None and (self.min > 0 or not 300 <= self.pause_after.seconds <= 86400):
            raise ValueError("pause_after is of a server whose min is 0, and from 5 minutes to 24 hours")
        return self


class Aurora(Expandable):
    """A writer and its readers over one storage that six copies in three zones keep; a reader takes over by itself.

    Where further sites have it too, it is a global database: each site's servers read a copy that lags by about a
    second, and one of them is made the writer by hand if home is lost.
    """

    stack: ClassVar[str] = "data"

    kind: Literal["aurora"]
    engine: Literal["mysql", "postgresql"] = "postgresql"
    version: Annotated[str, Field(pattern=r"^\d{1,2}(\.\d{1,2}(\.mysql_aurora\.\d+\.\d+\.\d+)?)?$")] = ""
    """Major version, so that Aurora takes minor ones by itself, or a minor one.

    All members of a global database have the same one, the newest known where this is a major one; later ones are
    taken by upgrading the global database, members of other sites first, and not by a change here.
    """
    writer: Class | None = None
    """The class of the first server; where silent `db.serverless` if `serverless` is said, else db.r7g.large."""
    readers: Annotated[int, Field(ge=0, le=15)] | Annotated[tuple[Class, ...], Field(max_length=15)] = 1
    """Servers beside the writer: how many of its class, or the class of each.

    At a site they are all its servers; without one there its storage alone follows, and a server has to be made before
    it can take over.
    """
    tier: Name = "data"
    """The tier of the network in which it lies; policies of ranges tell stores apart by their tiers alone."""
    serverless: Serverless | None = None
    """What servers of the class db.serverless scale between."""
    backups: Duration = units.Duration(7 * 86400)
    """How long automatic backups are kept, 1 to 35 days; the time within can be gone back to, by the second."""
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")] = "app"
    """The database within the cluster."""
    parameters: Mapping[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]*$")], Line] = {}
    """Parameters of the cluster beside those that insist on TLS and log what is slow."""
    write_forwarding: bool = False
    """At a site: whether its readers hand writes on to the writer at home, each a journey between regions."""
    password_version: Annotated[int, Field(ge=1)] = 1
    """Of a global database, whose password Aurora cannot keep by itself: raise it to have a new one."""
    protected: bool = True
    """Whether it refuses to be deleted, and leaves a last snapshot when it is."""
    logs: Duration = units.Duration(30 * 86400)
    """How long the engine's logs are kept."""
    backup_window: Window = "17:00-18:00"
    """When the daily backup is made, UTC; by default at night in Seoul."""
    maintenance_window: Window = "sun:18:30-sun:19:30"

    @model_validator(mode="after")
    def _sound(self) -> Aurora:
        if not 1 <= self.backups.days <= 35:
            raise ValueError(f"backups are kept for 1 to 35 days, not {self.backups}")
        if self.version and self._major not in self._engine.support_ends:
            known = ", ".join(self._engine.support_ends)
            raise ValueError(f"{self.engine} {self.version} is not a version that Aurora supports; known are {known}")
        scaling = SERVERLESS in (self._writer, *self._readers)
        if scaling and self.serverless is None:
            raise ValueError(f"servers of the class {SERVERLESS} need `serverless: {{min: 0.5, max: 4}}`")
        if self.serverless is not None and not scaling:
            raise ValueError(f"`serverless` is said, and no server is of the class {SERVERLESS}; say `writer: null`")
        return self

    # -- what was meant --------------------------------------------------------------------------------------------

    @property
    def _engine(self) -> Engine:
        return AURORA[self.engine]

    @property
    def _major(self) -> str:
        parts = (self.version or self._engine.current).split(".")
        return ".".join(parts[:2]) if self.engine == "mysql" else parts[0]

    @property
    def _writer(self) -> str:
        return self.writer or (SERVERLESS if self.serverless else "db.r7g.large")

    @property
    def _readers(self) -> tuple[str, ...]:
        return (self._writer,) * self.readers if isinstance(self.readers, int) else self.readers

    def _servers(self, scope: Scope) -> tuple[str, ...]:
        """The class of each server in this region, the one that is to write first."""
        return self._readers if _follows(scope) else (self._writer, *self._readers)

    def _version(self, scope: Scope) -> str:
        said = self.version or self._engine.current
        if not _spans(scope) or said != self._major:
            return said
        return self._engine.newest[self._major]

    # -- what others may know --------------------------------------------------------------------------------------

    def offer(self, scope: Scope) -> Offer:
        """The writer by the name that moves with a failover, and the secret with its password.

        Of a global database the region's own writer, and where that is elsewhere a reader: pods of one region have no
        way to another's network, and find the writer at once when their own region has it.
        """
        cluster = ("aws_rds_cluster", scope.identifier)
        writer, reader = scope.ref(*cluster, "endpoint"), scope.ref(*cluster, "reader_endpoint")
        return Offer(
            scope.name,
            scope.address(*cluster),
            self.engine,
            writer,
            self._engine.port,
            (door(scope, self._engine, self.tier),),
            self.name,
            tls=True,
            credentials=self._credentials(scope),
            nodes=(writer, reader) if _spans(scope) else (),
            reader=reader if len(self._servers(scope)) > 1 or _follows(scope) else None,
        )

    def _credentials(self, scope: Scope) -> Credentials:
        name = scope.identifier
        if not _spans(scope):
            secret: Textual = scope.ref("aws_rds_cluster", name, "master_user_secret.0.secret_arn")
            return Credentials(secret, scope.name, key=scope.ref("aws_kms_key", name, "arn"))
        if _follows(scope):
            copy = scope.ref("data.aws_secretsmanager_secret", name, "arn")
            return Credentials(copy, scope.name, key=scope.home.ref("aws_kms_key", copy_key(scope), "arn"))
        secret = scope.ref("aws_secretsmanager_secret", name, "arn")
        return Credentials(secret, scope.name, key=scope.ref("aws_kms_key", name, "arn"))

    def backed_up(self, scope: Scope) -> Iterator[Ref]:
        """The cluster."""
        yield scope.ref("aws_rds_cluster", scope.identifier, "arn")

    def watches(self, scope: Scope) -> Iterator[Watch]:
        """Whether it speaks at all, what runs out, and how far behind whoever would take over is."""
        servers = self._servers(scope)
        cluster = (("DBClusterIdentifier", scope.ref("aws_rds_cluster", scope.identifier, "cluster_identifier")),)
        rds, follows = "AWS/RDS", _follows(scope)
        called, here = scope.full_name, f"--region {scope.region}"
        slow = crowded(scope, self._engine, f"/aws/rds/cluster/{called}/{self._engine.slow_log}")
        members = (
            f"`aws rds describe-db-clusters --db-cluster-identifier {called} {here} --query "
            "'DBClusters[0].[Status,DBClusterMembers]'`"
        )
        if follows:
            yield Watch(
                "global-lag",
                f"{scope.name} is more than five seconds behind its writer in {scope.home.region}, or says nothing of "
                "it: what is newer would be lost with that region.",
                "AuroraGlobalDBReplicationLag", rds, cluster, "Maximum", ">", 5000, "breaching", bad=5, of=5,
                layer="database",
                first=(
                    f"Whether it still follows: `aws rds describe-global-clusters --region {scope.home.region} --query "
                    "'GlobalClusters[].GlobalClusterMembers'`, and "
                    f"{members}.",
                    f"Whether {scope.home.region} itself is well: its alarms, and https://health.aws.amazon.com. "
                    + (when_lost(scope) or "If it is lost, this is the moment for the recovery of the region, not for "
                       "this page."),
                    "Whether the writer writes more than usual: a bulk load makes every follower late. End it, or "
                    "wait for it.",
                    events(scope, "cluster"),
                ),
            )  # fmt: skip
        if not servers:
            return
        speaking = (*cluster, ("Role", "READER" if follows else "WRITER"))
        if self.serverless is None or self.serverless.min > 0:
            yield Watch(
                "silent",
                f"No {'reader' if follows else 'writer'} of {scope.name} has said anything for five minutes: it is "
                "down, or being replaced.",
                "DatabaseConnections", rds, speaking, "SampleCount", "<", 1, "breaching", bad=5, of=5,
                critical=not follows,
                layer="database",
                first=(
                    f"Its servers and who writes: {members}.",
                    events(scope, "cluster"),
                    "No writer after five minutes, and a reader is there: `aws rds failover-db-cluster "
                    f"--db-cluster-identifier {called} {here}`.",
                    *anew(scope),
                    "The data is damaged: `aws rds restore-db-cluster-to-point-in-time "
                    f"--source-db-cluster-identifier {called} --db-cluster-identifier {called}-restored "
                    f"--use-latest-restorable-time {here}`.",
                ),
            )  # fmt: skip
        provisioned = [each for each in servers if each != SERVERLESS]
        if provisioned:
            yield Watch(
                "processor",
                f"A server of {scope.name} has used more than 80 % of its processor for ten minutes. "
                "Look at its slow statements.",
                "CPUUtilization", rds, cluster, "Maximum", ">", 80, "ignore", bad=10, of=10,
                layer="database",
                first=slow,
            )  # fmt: skip
            yield Watch(
                "local-storage",
                f"A server of {scope.name} has less than 2 GiB of the disk left on which it sorts and logs; its "
                "statements will fail.",
                "FreeLocalStorage", rds, cluster, "Minimum", "<", 2 * 2**30, "ignore",
                layer="database",
                first=(
                    f"Which statement sorts or joins on disk, most likely the longest: {sessions(self._engine)}.",
                    *slow[:1],
                    f"Local disk comes with the class alone: raise `writer` of {scope.name} in the description; a "
                    "reader is made first and takes over.",
                ),
            )  # fmt: skip
        if SERVERLESS in servers:
            yield Watch(
                "capacity",
                f"{scope.name} has run at nine tenths of its greatest capacity for ten minutes; raise "
                "`serverless.max`, or look at its slow statements.",
                "ACUUtilization", rds, cluster, "Maximum", ">", 90, "ignore", bad=10, of=10,
                layer="database",
                first=(
                    *slow,
                    f"It is the load itself: raise `serverless.max` of {scope.name} and apply; that takes effect "
                    "without a restart.",
                ),
            )  # fmt: skip
        sizes = [size for each in provisioned if (size := memory(each)) is not None]
        if sizes:
            yield Watch(
                "memory",
                f"Less than a twentieth of the memory of a server of {scope.name} is free; it will begin to swap.",
                "FreeableMemory", rds, cluster, "Minimum", "<", min(sizes).bytes // 20, "ignore", bad=10, of=10,
                layer="database",
                first=(
                    *slow[:1],
                    f"Which server it is: {members}; load on one reader alone can be turned away by failing over to "
                    "it.",
                    f"Nothing unusual: raise the class of {scope.name} in the description.",
                ),
            )  # fmt: skip
        most = self._connections(servers[0])
        if most is not None:
            yield Watch(
                "connections",
                f"{scope.name} has four fifths of the {most} connections that it accepts at most.",
                "DatabaseConnections", rds, speaking, "Maximum", ">", most * 4 // 5, "ignore",
                layer="database",
                first=(
                    f"Who has them: {sessions(self._engine)}. Many from one pod's address: its pool leaks, or it is "
                    "stuck.",
                    *anew(scope),
                    "How many pods there are and should be: `kubectl get hpa,scaledobjects -A`.",
                    *slow[:1],
                    f"It is the load itself: raise the class of {scope.name}, or put a `pooler` before it.",
                ),
            )  # fmt: skip
        if len(servers) > 1 and not follows:
            yield Watch(
                "lag",
                f"A reader of {scope.name} is more than two seconds behind the writer; it will soon start anew.",
                "AuroraReplicaLagMaximum", rds, cluster, "Maximum", ">", 2000, "ignore", bad=5, of=5,
                layer="database",
                first=(
                    f"Which reader: {members}.",
                    "What it is busy with: a long report on a reader keeps it from following. End it: "
                    f"{sessions(self._engine)}.",
                    f"It does not catch up: `aws rds reboot-db-instance --db-instance-identifier READER {here}`.",
                ),
            )  # fmt: skip

    def plots(self, scope: Scope) -> Iterator[Plot]:
        """How long reads and writes take, and how many there are."""
        yield from disks(
            scope, "DBClusterIdentifier", scope.ref("aws_rds_cluster", scope.identifier, "cluster_identifier")
        )

    def _connections(self, class_: str) -> int | None:
        stated = self.parameters.get("max_connections", "")
        if stated.isdecimal():
            return int(stated)
        if class_ == SERVERLESS and self.serverless is not None:
            return aurora_connections(self.engine, memory_of_units(self.serverless.max), self.serverless.min)
        size = memory(class_)
        return None if size is None else aurora_connections(self.engine, size)

    def alerts(self, scope: Scope) -> Iterator[Alert]:
        """What is worth an alert of clusters that have a server here; the first says it of all."""
        clusters = {name: each for name, each in scope.every(Aurora).items() if each._servers(scope.at(name))}
        if clusters and next(iter(clusters)) == scope.name:
            yield from databases_alerts([each._stored(scope.at(name)) for name, each in clusters.items()])

    def _stored(self, scope: Scope) -> Stored:
        return Stored(
            "Aurora",
            scope.name,
            scope.full_name,
            pools(scope),
            scales=SERVERLESS in self._servers(scope),
            pauses=self.serverless is not None and self.serverless.min == 0,
            urgent=not _follows(scope),
            steps=anew(scope),
        )

    def takes_over(self, scope: Scope, move: Move) -> Iterator[Action]:
        """The writer changes its region; a site whose storage alone follows cannot take it."""
        if not _follows(scope) or not self._servers(scope):
            return
        home, cluster = scope.home, ("aws_rds_cluster", scope.identifier, "arn")
        database = GlobalDatabase(
            scope.name,
            home.full_name,
            home.ref("aws_rds_global_cluster", scope.identifier, "arn"),
            home.ref(*cluster),
            scope.ref(*cluster),
            scope.full_name,
            home.region,
            scope.region,
        )
        yield from database.actions(move, raised(scope, self.watches(scope), ("global-lag",)))

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """Subnet group, security group, key, parameters, logs, password, cluster, servers; at home the global one."""
        self._fits(scope)
        name = scope.identifier
        yield from ground(scope, self._engine, "cluster", self.logs, self.tier)
        yield parameters(scope, "aws_rds_cluster_parameter_group", self._engine, self._major, self.parameters)
        if self._servers(scope):
            yield from monitoring(scope)
        if _leads(scope):
            yield from self._password(scope)
        yield self._cluster(scope)
        yield from self._instances(scope)
        if _leads(scope):
            yield self._global(scope)
        elif _follows(scope):
            yield scope.lookup(
                "aws_secretsmanager_secret", name, {"name": scope.home.ref("aws_secretsmanager_secret", name, "name")}
            )

    def _fits(self, scope: Scope) -> None:
        """InputError where the members of a global database could not be one."""
        if not _spans(scope):
            return
        if burstable := [each for each in self._servers(scope) if each.startswith("db.t")]:
            raise InputError(
                f"{scope.name} has a server of the class {burstable[0]}, and a global database has no burstable ones",
                fix="take db.r7g.large, or `serverless`",
                origin=scope.origin,
            )
        home = scope.platform.home.components[scope.name]
        if isinstance(home, Aurora) and (home.engine, home._version(scope)) != (self.engine, self._version(scope)):
            raise InputError(
                f"{scope.name} is {home.engine} {home._version(scope)} at home and {self.engine} "
                f"{self._version(scope)} in {scope.region}",
                fix="a global database is the same everywhere: say engine and version once",
                origin=scope.origin,
            )

    def _password(self, scope: Scope) -> Iterator[Resource]:
        """A password that Terraform passes on and never keeps, in a secret that each site has a copy of.

        Aurora does not manage the password of a global database's members (Aurora User Guide, "Limitations for
        Secrets Manager integration", read 2026-11-21).
        """
        name = scope.identifier
        account = scope.ref("data.aws_caller_identity", name, "account_id")
        purpose = f"The copy of the password of the database {scope.full_name}"
        yield from copy_keys(scope, account=account, suffix="-password", purpose=purpose)
        own_key = scope.ref("aws_kms_key", name, "arn")
        plain = {
            "name": f"{scope.full_name}-password",
            "description": f"The password of {USER} of the database {scope.full_name}, as it was made",
            "kms_key_id": own_key,
            "recovery_window_in_days": 30 if self.protected else 0,
        }
        yield scope.aws("aws_secretsmanager_secret", f"{name}_password", plain, called=f"{scope.full_name}-password")
        yield scope.ephemeral(
            "aws_secretsmanager_random_password", name, {"password_length": 40, "exclude_punctuation": True}
        )
        made = {
            "secret_id": scope.ref("aws_secretsmanager_secret", f"{name}_password", "id"),
            "secret_string_wo": scope.ref("ephemeral.aws_secretsmanager_random_password", name, "random_password"),
            "secret_string_wo_version": self.password_version,
        }
        yield scope.aws("aws_secretsmanager_secret_version", f"{name}_password", made)
        # Read back, and not passed on as it was made: every run makes another, and only one of them was kept.
        kept = scope.ref("aws_secretsmanager_secret_version", f"{name}_password", "secret_id")
        yield scope.ephemeral("aws_secretsmanager_secret_version", name, {"secret_id": kept})
        secret = {
            "name": scope.full_name,
            "description": f"User and password of the database {scope.full_name}",
            "kms_key_id": own_key,
            "recovery_window_in_days": 30 if self.protected else 0,
            "replica": copies(scope),
        }
        yield scope.aws("aws_secretsmanager_secret", name, secret, called=scope.full_name)
        said = {
            "secret_id": scope.ref("aws_secretsmanager_secret", name, "id"),
            "secret_string_wo": text('{"username":"', USER, '","password":"', _kept(scope), '"}'),
            "secret_string_wo_version": self.password_version,
        }
        yield scope.aws("aws_secretsmanager_secret_version", name, said)

    def _cluster(self, scope: Scope) -> Resource:
        name, keeps_last = scope.identifier, self.protected and not _follows(scope)
        key = scope.ref("aws_kms_key", name, "arn")
        body: dict[str, Any] = {
            "cluster_identifier": scope.full_name,
            "engine": self._engine.name,
            "engine_mode": "provisioned",
            "engine_version": self._version(scope),
            "iam_database_authentication_enabled": True,
            "port": self._engine.port,
            "storage_encrypted": True,
            "kms_key_id": key,
            "db_subnet_group_name": scope.ref("aws_db_subnet_group", name, "name"),
            "vpc_security_group_ids": [scope.ref("aws_security_group", name, "id")],
            "db_cluster_parameter_group_name": scope.ref("aws_rds_cluster_parameter_group", name, "name"),
            "backup_retention_period": round(self.backups.days),
            "preferred_backup_window": self.backup_window,
            "preferred_maintenance_window": self.maintenance_window,
            "copy_tags_to_snapshot": True,
            "delete_automated_backups": not self.protected,
            "deletion_protection": self.protected,
            "skip_final_snapshot": not keeps_last,
            "final_snapshot_identifier": f"{scope.full_name}-final" if keeps_last else None,
            "enabled_cloudwatch_logs_exports": list(self._engine.logs),
        }
        if self.serverless is not None:
            pause = self.serverless.pause_after or units.Duration(300)
            body["serverlessv2_scaling_configuration"] = {
                "min_capacity": self.serverless.min,
                "max_capacity": self.serverless.max,
                **({"seconds_until_auto_pause": round(pause.seconds)} if self.serverless.min == 0 else {}),
            }
        if _follows(scope):
            body |= {
                "global_cluster_identifier": scope.home.ref("aws_rds_global_cluster", name, "id"),
                "source_region": scope.home.region,
                "enable_global_write_forwarding": self.write_forwarding or None,
            }
        else:
            body |= {"database_name": self.name, "master_username": USER, **self._master(scope, key)}
        before = [scope.address("aws_cloudwatch_log_group", f"{name}_{log}") for log in self._engine.logs]
        # Who follows whom is decided by a failover, and the version by an upgrade of them all; neither is to be undone.
        decided = ["global_cluster_identifier", "replication_source_identifier", "engine_version"]
        lifecycle = {"ignore_changes": decided} if _spans(scope) else None
        return scope.aws("aws_rds_cluster", name, body, depends_on=before, lifecycle=lifecycle, called=scope.full_name)

    def _master(self, scope: Scope, key: Textual) -> dict[str, Any]:
        if _leads(scope):
            return {"master_password_wo": _kept(scope), "master_password_wo_version": self.password_version}
        return {"manage_master_user_password": True, "master_user_secret_kms_key_id": key}

    def _instances(self, scope: Scope) -> Iterator[Resource]:
        name, letters = scope.identifier, scope.the(Network).letters
        servers = self._servers(scope)
        for number, class_ in enumerate(servers):
            called = f"{scope.full_name}-{number + 1}"
            body = {
                "identifier": called,
                "cluster_identifier": scope.ref("aws_rds_cluster", name, "id"),
                "engine": self._engine.name,
                "instance_class": class_,
                "availability_zone": f"{scope.region}{letters[number % len(letters)]}",
                # Whoever is as large as the writer takes over first; serverless ones of tiers 0 and 1 scale with it.
                "promotion_tier": 0 if number == 0 else 1 if class_ == servers[0] else 15,
                "publicly_accessible": False,
                "auto_minor_version_upgrade": True,
                "copy_tags_to_snapshot": True,
                "preferred_maintenance_window": self.maintenance_window,
                **measured(scope, self._engine, class_),
            }
            before = [scope.address("aws_iam_role_policy_attachment", f"{name}_monitoring")]
            if number:
                # The first one up is the writer.
                before.append(scope.address("aws_rds_cluster_instance", f"{name}_1"))
            yield scope.aws("aws_rds_cluster_instance", f"{name}_{number + 1}", body, depends_on=before, called=called)

    def _global(self, scope: Scope) -> Resource:
        """What the sites' clusters follow.

        It is made of the cluster that there is, so that a site can come later and go again; its engine, version and
        encryption are that cluster's.
        """
        body = {
            "global_cluster_identifier": scope.full_name,
            "source_db_cluster_identifier": scope.ref("aws_rds_cluster", scope.identifier, "arn"),
            "deletion_protection": self.protected,
            # Members leave it when it goes, and live on.
            "force_destroy": True,
        }
        before = [
            scope.address("aws_rds_cluster_instance", f"{scope.identifier}_{number + 1}")
            for number in range(len(self._servers(scope)))
        ]
        return scope.aws("aws_rds_global_cluster", scope.identifier, body, depends_on=before, called=scope.full_name)


def _spans(scope: Scope) -> bool:
    """Whether it is a global database: home has it, and a further site."""
    return scope.name in scope.platform.home.components and bool(scope.sites)


def _leads(scope: Scope) -> bool:
    return _spans(scope) and scope.is_home


def _follows(scope: Scope) -> bool:
    return _spans(scope) and not scope.is_home


def _kept(scope: Scope) -> Textual:
    """The password as it lies in its secret; known while Terraform runs, and to nobody afterwards."""
    return scope.ref("ephemeral.aws_secretsmanager_secret_version", scope.identifier, "secret_string")
