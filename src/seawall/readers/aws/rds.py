"""RDS and Aurora: instances, clusters, subnet groups, parameter groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal

from seawall.facts.data import Backup, Limit, Parameter, Replicates, Store
from seawall.facts.fact import Fact, Known, Link
from seawall.facts.identity import Identifier, Secret
from seawall.facts.network import Forwards, Hostname, Interface, Listens, Member
from seawall.facts.resilience import Setting
from seawall.facts.telemetry import Logs
from seawall.graph.resource import Resource
from seawall.kernel.units import Estimate, Ports
from seawall.kernel.value import Ref, Text, Textual, Unknown, text
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import SECRET_SUFFIX, arn, made_up
from seawall.readers.aws.quantities import DAY, GIB, times
from seawall.readers.registry import implies, link, reads

link("aws_db_instance", "db_subnet_group_name", to="aws_db_subnet_group", by="name")
link("aws_db_instance", "parameter_group_name", to="aws_db_parameter_group", by="name")
link("aws_db_instance", "replicate_source_db", to="aws_db_instance", by="identifier")
link("aws_rds_cluster", "db_subnet_group_name", to="aws_db_subnet_group", by="name")
link("aws_rds_cluster", "db_cluster_parameter_group_name", to="aws_rds_cluster_parameter_group", by="name")
link("aws_rds_cluster", "global_cluster_identifier", to="aws_rds_global_cluster", by="global_cluster_identifier")
link("aws_rds_cluster_instance", "cluster_identifier", to="aws_rds_cluster", by="cluster_identifier")
link("aws_rds_cluster_instance", "db_parameter_group_name", to="aws_db_parameter_group", by="name")

MASTER_SECRET = "master-secret"
"""The secret that RDS makes and rotates for the master password."""
implies("master_user_secret.0.secret_arn", MASTER_SECRET)

# AWS, "Configuring and managing a Multi-AZ deployment", Multi-AZ DB instance deployments: typically 60-120 s.
STANDBY_PROMOTION: Final = Estimate(60, 90, 120, "s")
# No figure is published for the promotion of a read replica by hand but "several minutes" and a reboot of it.
REPLICA_PROMOTION: Final = Estimate(120, 300, 1800, "s")
# Aurora User Guide, "High availability for Amazon Aurora": with a reader in less than 60 s, often less than 30.
READER_PROMOTION: Final = Estimate(10, 30, 60, "s")
# Aurora User Guide, "Using switchover or failover in Aurora Global Database": an RTO in the order of minutes.
GLOBAL_PROMOTION: Final = Estimate(60, 180, 600, "s")

_PORTS = (
    ("mysql", 3306), ("mariadb", 3306), ("aurora-mysql", 3306), ("aurora-postgresql", 5432), ("aurora", 3306),
    ("postgres", 5432), ("oracle", 1521), ("custom-oracle", 1521), ("sqlserver", 1433),
    ("custom-sqlserver", 1433), ("db2", 50000),
)  # fmt: skip


def _ports(body: Arguments, engine: Known[str]) -> Known[Ports]:
    port = body.number("port")
    if port is None:
        if isinstance(engine, Unknown):
            return engine
        port = next((port for name, port in _PORTS if engine.startswith(name)), None)
        if port is None:
            return body.unknown("port")
    return port if isinstance(port, Unknown) else Ports.one(port)


def _last_snapshot(body: Arguments) -> Setting:
    """Whether a destroy knows what to do with the last snapshot: take none, or call it by a name."""
    skips = body.flag("skip_final_snapshot")
    named = body.has("final_snapshot_identifier")
    return Setting(body.address, "last-snapshot", skips if isinstance(skips, Unknown) and not named else named or skips)


def _or_unknown(body: Arguments, name: str) -> Known[str]:
    return body.known_text(name) if body.has(name) else body.unknown(name)


def _interface(body: Arguments, public: Known[bool]) -> Interface:
    """Where a database is: in its subnet group, whose members are the subnets."""
    subnets: Known[tuple[Link, ...]] = body.unknown("db_subnet_group_name")
    if body.has("db_subnet_group_name"):
        subnets = (body.required_link("db_subnet_group_name"),)
    groups = body.links("vpc_security_group_ids")
    # A new one that names no group has its network's default one; what is made from another is as that was.
    if groups == () and any(body.has(name) for name in _MADE_FROM):
        groups = body.unknown("vpc_security_group_ids")
    return Interface(body.address, subnets, groups, public)


_MADE_FROM: Final = (
    "replicate_source_db", "replication_source_identifier", "snapshot_identifier", "restore_to_point_in_time",
    "s3_import", "global_cluster_identifier", "cluster_identifier",
)  # fmt: skip


def _password(resource: Resource, body: Arguments, kind: str) -> Iterator[Fact]:
    managed = body.flag("manage_master_user_password")
    yield Setting(resource.address, "managed-password", managed)
    if managed is True:
        # The name is documented: rds!db-<id> for an instance, rds!cluster-<id> for a cluster.
        implied = resource.address.implied(MASTER_SECRET)
        name = text(f"rds!{kind}-", made_up(resource, "resource_id"))
        value = arn(resource, "secretsmanager", "secret:", name, "-", made_up(resource, "secret_suffix", SECRET_SUFFIX))
        key = body.link("master_user_secret_kms_key_id")
        properties = ("password", "username")
        yield Secret(implied, name, resource.region, key=key, rotates=True, properties=properties)
        yield Identifier(implied, "arn", value)
        yield Identifier(resource.address, "master_user_secret.0.secret_arn", value)


def _logs(resource: Resource, body: Arguments, kind: str, identifier: Textual) -> Iterator[Logs]:
    kinds = body.known_texts("enabled_cloudwatch_logs_exports")
    if isinstance(kinds, Unknown) or kinds:
        place = text(f"/aws/rds/{kind}/", identifier)
        yield Logs(resource.address, place, () if isinstance(kinds, Unknown) else kinds)


@reads("aws_db_instance")
def db_instance(resource: Resource) -> Iterator[Fact]:
    """A database server; with a standby in another zone if it is multi-AZ."""
    body, address = Arguments(resource), resource.address
    engine = body.known_text("engine")
    identifier = body.text("identifier") if body.has("identifier") else body.unknown("identifier")
    spread = body.flag("multi_az")
    zone: Known[str] | None = None if spread is True else _or_unknown(body, "availability_zone")
    size = body.number("allocated_storage")
    skips = body.flag("skip_final_snapshot")
    key = body.link("kms_key_id")
    public = body.flag("publicly_accessible")
    source = body.link("replicate_source_db")
    yield Store(
        address,
        "database",
        engine if isinstance(engine, str) else "",
        _or_unknown(body, "engine_version"),
        resource.region,
        zone,
        spread if isinstance(spread, Unknown) else 2 if spread else 1,
        body.known_text("instance_class"),
        size if size is None else times(size, GIB),
        body.flag("storage_encrypted"),
        key,
        body.flag("deletion_protection"),
        skips if isinstance(skips, Unknown) else not skips,
        public,
    )
    if isinstance(spread, Unknown) or spread:
        standby: Link = spread if isinstance(spread, Unknown) else address.implied("standby")
        yield Replicates(address, standby, "synchronous", "zone", "automatic", STANDBY_PROMOTION)
    if source is not None:
        # A source in another region can be named by its ARN alone.
        named = body.raw("replicate_source_db")
        abroad = named.attr == "arn" if isinstance(named, Ref) else str(named).startswith("arn:")
        scope = "region" if abroad else "zone"
        yield Replicates(source, address, "asynchronous", scope, "manual", REPLICA_PROMOTION)  # type: ignore[arg-type]
    yield from _backup(resource, body, 0, key)
    yield _last_snapshot(body)
    yield _interface(body, public)
    yield Listens(address, "tcp", _ports(body, engine), "optional")
    host = text(identifier, ".", made_up(resource, "host"), ".", resource.region, ".rds.amazonaws.com")
    yield Hostname(address, "address", host, "writer" if source is None else "reader")
    yield Identifier(address, "arn", arn(resource, "rds", "db:", identifier))
    group = body.link("parameter_group_name")
    if group is not None:
        yield Member(group, address)
    yield Setting(address, "minor-upgrades", body.flag("auto_minor_version_upgrade", True))
    yield from _versions(resource, body)
    yield from _authority(body)
    if body.has("max_allocated_storage"):
        yield Setting(address, "storage-limit", body.number("max_allocated_storage"))
    yield Setting(address, "iam-authentication", body.flag("iam_database_authentication_enabled"))
    yield from _password(resource, body, "db")
    yield from _logs(resource, body, "instance", identifier)


def _versions(resource: Resource, body: Arguments) -> Iterator[Setting]:
    """What becomes of a server's version later: whether Terraform changes it, and whether AWS does at its end."""
    lifecycle = resource.meta.get("lifecycle")
    ignored = lifecycle.get("ignore_changes", ()) if isinstance(lifecycle, Mapping) else ()
    if ignored == "all" or "engine_version" in ignored:
        yield Setting(resource.address, "version-left-alone", True)
    if body.has("engine_lifecycle_support"):
        kept = body.known_text("engine_lifecycle_support")
        stays = kept if isinstance(kept, Unknown) else kept != "open-source-rds-extended-support-disabled"
        yield Setting(resource.address, "extended-support", stays)


def _authority(body: Arguments) -> Iterator[Setting]:
    """Who has signed a server's certificate, where that is chosen."""
    if body.has("ca_cert_identifier"):
        yield Setting(body.address, "certificate-authority", body.known_text("ca_cert_identifier"))


def _backup(resource: Resource, body: Arguments, default: int, key: Link | None) -> Iterator[Backup]:
    days = body.count("backup_retention_period", default)
    if isinstance(days, Unknown) or days > 0:
        yield Backup(resource.address, times(days, DAY), DAY, True, resource.region, key)


@reads("aws_db_instance_automated_backups_replication")
def backups_replication(resource: Resource) -> Iterator[Fact]:
    """Every backup and log of an instance is copied to the resource's own region, for 7 days unless it says."""
    body = Arguments(resource)
    keeps = times(body.count("retention_period", 7), DAY)
    source, key = body.required_link("source_db_instance_arn"), body.link("kms_key_id")
    yield Backup(source, keeps, DAY, True, resource.region, key)


@reads("aws_db_subnet_group")
def db_subnet_group(resource: Resource) -> Iterator[Fact]:
    """The subnets that a database may be in."""
    subnets = Arguments(resource).links("subnet_ids")
    for subnet in (subnets,) if isinstance(subnets, Unknown) else subnets:
        yield Member(resource.address, subnet)


@reads("aws_db_parameter_group", "aws_rds_cluster_parameter_group")
def db_parameter_group(resource: Resource) -> Iterator[Fact]:
    """An engine's parameters; whoever is a member of the group has its settings."""
    body, address = Arguments(resource), resource.address
    parameters = {str(each.text("name")): each for each in body.blocks("parameter")}
    unknown = body.unknown_blocks("parameter")
    for name, each in sorted(parameters.items()):
        yield Parameter(address, name, each.text("value"))
    yield Setting(address, "tls-required", _tls(body, parameters) if unknown is None else unknown)
    if "max_connections" in parameters:
        value = parameters["max_connections"].number("value")
        if value is not None:
            yield Setting(address, "max-connections", value)
            yield Limit(address, "connections", value, f"{address}: parameter max_connections")


def _tls(body: Arguments, parameters: dict[str, Arguments]) -> Known[bool]:
    for name in ("require_secure_transport", "rds.force_ssl"):
        if name in parameters:
            value = parameters[name].known_text("value")
            return value if isinstance(value, Unknown) else value.lower() in ("1", "on", "true")
    # PostgreSQL requires TLS by itself from RDS version 15 on (AWS, "Using SSL with a PostgreSQL DB instance"), and
    # from Aurora version 17 on ("Securing Aurora PostgreSQL data with SSL/TLS").
    family = body.known_text("family")
    if isinstance(family, Unknown):
        return family
    since = 17 if family.startswith("aurora-postgresql") else 15
    version = family.removeprefix("aurora-").removeprefix("postgresql").removeprefix("postgres")
    return "postgres" in family and version.isdigit() and int(version) >= since


@reads("aws_db_proxy")
def db_proxy(resource: Resource) -> Iterator[Fact]:
    """A proxy in front of databases, with a name of its own."""
    body, address = Arguments(resource), resource.address
    groups = body.links("vpc_security_group_ids")
    subnets = body.links("vpc_subnet_ids")
    yield Interface(address, subnets, body.unknown("vpc_security_group_ids") if groups == () else groups)
    family = body.known_text("engine_family")
    port = {"MYSQL": 3306, "POSTGRESQL": 5432, "SQLSERVER": 1433}.get(family) if isinstance(family, str) else None
    tls = body.flag("require_tls")
    insists: Known[Literal["none", "optional", "required"]] = (
        tls if isinstance(tls, Unknown) else "required" if tls else "optional"
    )
    yield Listens(address, "tcp", body.unknown("engine_family") if port is None else Ports.one(port), insists)
    name = body.text("name") if body.has("name") else body.unknown("name")
    host = text(name, ".proxy-", made_up(resource, "host"), ".", resource.region, ".rds.amazonaws.com")
    yield Hostname(address, "endpoint", host)


link("aws_db_proxy_target", "db_proxy_name", to="aws_db_proxy", by="name")
link("aws_db_proxy_target", "db_instance_identifier", to="aws_db_instance", by="identifier")
link("aws_db_proxy_target", "db_cluster_identifier", to="aws_rds_cluster", by="cluster_identifier")


@reads("aws_db_proxy_target")
def db_proxy_target(resource: Resource) -> Iterator[Fact]:
    """A database is behind a proxy."""
    body = Arguments(resource)
    proxy = body.required_link("db_proxy_name")
    for name in ("db_instance_identifier", "db_cluster_identifier"):
        database = body.link(name)
        if database is not None:
            yield Forwards(proxy, database)


# A cluster of a global one that says where its data comes from is the one that the others follow.
_ORIGINS = ("master_username", "snapshot_identifier", "restore_to_point_in_time", "s3_import")


@reads("aws_rds_cluster")
def rds_cluster(resource: Resource) -> Iterator[Fact]:
    """An Aurora cluster, or a Multi-AZ cluster of RDS; its instances state themselves."""
    body, address = Arguments(resource), resource.address
    engine = body.known_text("engine")
    name = "cluster_identifier"
    identifier = body.text(name) if body.has(name) else body.unknown(name)
    skips = body.flag("skip_final_snapshot")
    key = body.link("kms_key_id")
    class_ = body.known_text("db_cluster_instance_class")
    yield Store(
        address,
        "database",
        engine if isinstance(engine, str) else "",
        _or_unknown(body, "engine_version"),
        resource.region,
        None,
        3 if class_ != "" else 0,
        class_,
        encrypted=body.flag("storage_encrypted"),
        key=key,
        deletion_protected=body.flag("deletion_protection"),
        final_snapshot=skips if isinstance(skips, Unknown) else not skips,
    )
    yield from _backup(resource, body, 1, key)
    yield _last_snapshot(body)
    yield _interface(body, False)
    yield Listens(address, "tcp", _ports(body, engine), "optional")
    made = made_up(resource, "host")
    for attr, word, role in (
        ("endpoint", ".cluster-", "writer"),
        ("reader_endpoint", ".cluster-ro-", "reader"),
    ):
        host = text(identifier, word, made, ".", resource.region, ".rds.amazonaws.com")
        yield Hostname(address, attr, host, "writer" if role == "writer" else "reader")
    yield Identifier(address, "arn", arn(resource, "rds", "cluster:", identifier))
    yield from _versions(resource, body)
    for group in ("db_cluster_parameter_group_name", "global_cluster_identifier"):
        link_ = body.link(group)
        if link_ is not None:
            yield Member(link_, address)
    followed = body.link("global_cluster_identifier")
    if followed is not None and not any(body.has(origin) for origin in _ORIGINS):
        yield Replicates(followed, address, "asynchronous", "region", "manual", GLOBAL_PROMOTION)
    yield Setting(address, "iam-authentication", body.flag("iam_database_authentication_enabled"))
    yield from _password(resource, body, "cluster")
    yield from _logs(resource, body, "cluster", identifier)


@reads("aws_rds_cluster_instance")
def rds_cluster_instance(resource: Resource) -> Iterator[Fact]:
    """A server of an Aurora cluster, reader or writer as the cluster decides."""
    body, address = Arguments(resource), resource.address
    identifier = body.text("identifier") if body.has("identifier") else body.unknown("identifier")
    engine = body.known_text("engine")
    cluster = body.required_link("cluster_identifier")
    yield Member(cluster, address)
    tier = body.number("promotion_tier")
    if isinstance(tier, int) and tier > 0:
        # Only what is to be promoted after another says so; it reads the very storage that the writer writes.
        yield Replicates(cluster, address, "synchronous", "zone", "automatic", READER_PROMOTION)
    yield Store(
        address,
        "database",
        engine if isinstance(engine, str) else "",
        _or_unknown(body, "engine_version"),
        resource.region,
        _or_unknown(body, "availability_zone"),
        1,
        body.known_text("instance_class"),
        public=body.flag("publicly_accessible"),
    )
    host = text(identifier, ".", made_up(resource, "host"), ".", resource.region, ".rds.amazonaws.com")
    yield Hostname(address, "endpoint", host, "node")
    yield Identifier(address, "arn", arn(resource, "rds", "db:", identifier))
    group = body.link("db_parameter_group_name")
    if group is not None:
        yield Member(group, address)
    yield Setting(address, "minor-upgrades", body.flag("auto_minor_version_upgrade", True))
    yield from _authority(body)


@reads("aws_appautoscaling_target")
def replica_autoscaling(resource: Resource) -> Iterator[Fact]:
    """Readers of an Aurora cluster come and go with its load; what else is scaled so is not a database."""
    body = Arguments(resource)
    if body.text("service_namespace") == "rds":
        named = body.text("resource_id")
        cluster: Link = body.unknown("resource_id", named)
        if isinstance(named, str):
            cluster = body.as_link("resource_id", named.removeprefix("cluster:"))
        elif isinstance(named, Text) and len(named.holes) == 1 and named.parts[0] == "cluster:":
            cluster = body.as_link("resource_id", named.holes[0])
        yield Setting(cluster, "replica-autoscaling", True)


@reads("aws_rds_global_cluster")
def rds_global_cluster(resource: Resource) -> Iterator[Fact]:
    """Clusters of several regions that follow one of them."""
    body = Arguments(resource)
    source = body.link("source_db_cluster_identifier")
    if source is not None:
        yield Member(resource.address, source)
    yield Setting(resource.address, "deletion-protection", body.flag("deletion_protection"))
    yield Setting(resource.address, "global", True)
