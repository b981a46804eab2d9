"""ElastiCache: replication groups, clusters, subnet and parameter groups, users."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from seawall.facts.data import Backup, Parameter, Replicates, Store
from seawall.facts.fact import Fact, Known, Link
from seawall.facts.identity import Identifier
from seawall.facts.network import Hostname, Interface, Listens, Member
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.units import Estimate, Ports
from seawall.kernel.value import Textual, Unknown, text
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import arn, made_up
from seawall.readers.aws.quantities import DAY, times
from seawall.readers.registry import link, reads

for _type in ("aws_elasticache_replication_group", "aws_elasticache_cluster"):
    link(_type, "subnet_group_name", to="aws_elasticache_subnet_group", by="name")
    link(_type, "parameter_group_name", to="aws_elasticache_parameter_group", by="name")
link(
    "aws_elasticache_cluster",
    "replication_group_id",
    to="aws_elasticache_replication_group",
    by="replication_group_id",
)
link(
    "aws_elasticache_replication_group",
    "user_group_ids.*",
    to="aws_elasticache_user_group",
    by="user_group_id",
)
link("aws_elasticache_user_group", "user_ids.*", to="aws_elasticache_user", by="user_id")
link(
    "aws_elasticache_global_replication_group",
    "primary_replication_group_id",
    to="aws_elasticache_replication_group",
    by="replication_group_id",
)

# AWS, "Minimizing downtime with Multi-AZ": no figure; earlier editions of the guide say "a few minutes".
REPLICA_PROMOTION: Final = Estimate(10, 60, 300, "s")
# ElastiCache User Guide, "Replication across AWS Regions using global datastores": by hand, in less than a minute.
GLOBAL_PROMOTION: Final = Estimate(10, 60, 300, "s")


def _tls(body: Arguments) -> Known[Literal["none", "optional", "required"]]:
    if body.has("global_replication_group_id"):
        # It has what the group has that it follows; only with TLS can a group have users.
        return "required" if body.has("user_group_ids") else body.unknown("transit_encryption_enabled")
    encrypted = body.flag("transit_encryption_enabled")
    if isinstance(encrypted, Unknown):
        return encrypted
    if not encrypted:
        return "none"
    return "optional" if body.text("transit_encryption_mode") == "preferred" else "required"


def _place(body: Arguments) -> Iterator[Fact]:
    subnets: Known[tuple[Link, ...]] = body.unknown("subnet_group_name")
    if body.has("subnet_group_name"):
        subnets = (body.required_link("subnet_group_name"),)
    groups = body.links("security_group_ids")
    yield Interface(body.address, subnets, body.unknown("security_group_ids") if groups == () else groups)
    group = body.link("parameter_group_name")
    if group is not None:
        yield Member(group, body.address)


def _port(body: Arguments, default: int) -> Known[Ports]:
    port = body.count("port", default)
    return port if isinstance(port, Unknown) else Ports.one(port)


def _backup(resource: Resource, body: Arguments, key: Link | None) -> Iterator[Backup]:
    days = body.count("snapshot_retention_limit")
    if isinstance(days, Unknown) or days > 0:
        yield Backup(resource.address, times(days, DAY), DAY, False, resource.region, key)


@reads("aws_elasticache_replication_group")
def replication_group(resource: Resource) -> Iterator[Fact]:
    """A Redis or Valkey primary with its replicas, in one shard or several."""
    body, address = Arguments(resource), resource.address
    engine = body.known_text("engine", "redis")
    name = body.text("replication_group_id")
    spread = body.flag("multi_az_enabled")
    fails_over = body.flag("automatic_failover_enabled")
    shards, nodes = _nodes(body)
    key = body.link("kms_key_id")
    # Valkey encrypts at rest unless told otherwise; Redis does only if told to.
    encrypted = body.flag("at_rest_encryption_enabled", engine == "valkey")
    followed = body.link("global_replication_group_id")
    if followed is not None:
        # It is encrypted as the group is that it follows, and has a key of its own only if that one is.
        encrypted = True if key is not None else body.unknown("at_rest_encryption_enabled")
        yield Member(followed, address)
        yield Replicates(followed, address, "asynchronous", "region", "manual", GLOBAL_PROMOTION)
    zones = body.known_texts("preferred_cache_cluster_azs")
    zone: Known[str] | None = None
    if spread is not True and nodes == 1:
        zone = zones if isinstance(zones, Unknown) else zones[0] if zones else body.unknown("availability_zone")
    yield Store(
        address,
        "cache",
        engine if isinstance(engine, str) else "",
        body.known_text("engine_version") if body.has("engine_version") else body.unknown("engine_version"),
        resource.region,
        zone,
        nodes,
        body.known_text("node_type"),
        encrypted=encrypted,
        key=key,
        final_snapshot=body.has("final_snapshot_identifier"),
    )
    if isinstance(nodes, Unknown) or nodes > 1:
        replicas: Link = nodes if isinstance(nodes, Unknown) else address.implied("replicas")
        promotion: Literal["automatic", "manual"] = "automatic" if fails_over is True else "manual"
        yield Replicates(address, replicas, "asynchronous", "zone", promotion, REPLICA_PROMOTION)
    yield from _backup(resource, body, key)
    yield from _place(body)
    tls = _tls(body)
    yield Setting(address, "auth-token", body.has("auth_token"))
    yield Setting(address, "automatic-failover", fails_over)
    yield Setting(address, "cluster-mode", _in_cluster_mode(body, shards))
    yield Listens(address, "tcp", _port(body, 6379), tls)
    yield from _hostnames(resource, name, tls != "none", _in_cluster_mode(body, shards))
    yield Identifier(address, "arn", arn(resource, "elasticache", "replicationgroup:", name))
    yield Setting(address, "minor-upgrades", body.flag("auto_minor_version_upgrade", True))
    if followed is None:  # one that follows another has that one's token
        yield Setting(address, "anonymous", not (body.has("auth_token") or body.has("user_group_ids")))
    users = body.links("user_group_ids")
    for group in (users,) if isinstance(users, Unknown) else users:
        yield Member(group, address)


def _in_cluster_mode(body: Arguments, shards: Known[int]) -> bool:
    """Whether clients ask for the shards first, even where there is one; a state counts nodes both ways."""
    if body.has("cluster_mode"):
        return body.text("cluster_mode") != "disabled"
    if body.has("num_cache_clusters"):
        return isinstance(shards, Unknown) or shards > 1
    return body.has("num_node_groups") or body.has("replicas_per_node_group")


def _nodes(body: Arguments) -> tuple[Known[int], Known[int]]:
    """How many shards, and how many nodes in all of them."""
    shards = body.count("num_node_groups", 1)
    if body.has("num_cache_clusters"):
        return shards, body.count("num_cache_clusters")
    if body.has("global_replication_group_id"):
        shards = body.unknown("num_node_groups")
    replicas = body.count("replicas_per_node_group", 0)
    if isinstance(shards, Unknown):
        return shards, shards
    return shards, replicas if isinstance(replicas, Unknown) else shards * (1 + replicas)


def _hostnames(resource: Resource, name: Textual, tls: bool, sharded: bool) -> Iterator[Hostname]:
    address, made, end = resource.address, made_up(resource, "host"), ".cache.amazonaws.com"
    if sharded:
        host = text("clustercfg.", name, ".", made, end) if tls else text(name, ".", made, ".clustercfg.", made, end)
        yield Hostname(address, "configuration_endpoint_address", host, "configuration")
    elif tls:
        yield Hostname(address, "primary_endpoint_address", text("master.", name, ".", made, end), "writer")
        yield Hostname(address, "reader_endpoint_address", text("replica.", name, ".", made, end), "reader")
    else:
        writer, reader = text(name, ".", made, ".ng.0001.", made, end), text(name, "-ro.", made, end)
        yield Hostname(address, "primary_endpoint_address", writer, "writer")
        yield Hostname(address, "reader_endpoint_address", reader, "reader")


@reads("aws_elasticache_global_replication_group")
def global_replication_group(resource: Resource) -> Iterator[Fact]:
    """Groups of several regions that follow one of them."""
    yield Member(resource.address, Arguments(resource).required_link("primary_replication_group_id"))
    yield Setting(resource.address, "global", True)


@reads("aws_elasticache_cluster")
def cache_cluster(resource: Resource) -> Iterator[Fact]:
    """A Memcached cluster, a single Redis node, or a member of a replication group."""
    body, address = Arguments(resource), resource.address
    if body.has("replication_group_id"):
        yield Member(body.required_link("replication_group_id"), address)
        return
    engine = body.known_text("engine")
    memcached = engine == "memcached"
    nodes = body.count("num_cache_nodes", 1)
    zone: Known[str] | None = None
    if nodes == 1:
        name = "availability_zone"
        zone = body.known_text(name) if body.has(name) else body.unknown(name)
    yield Store(
        address,
        "cache",
        engine if isinstance(engine, str) else "",
        body.known_text("engine_version") if body.has("engine_version") else body.unknown("engine_version"),
        resource.region,
        zone,
        nodes,
        body.known_text("node_type"),
        final_snapshot=body.has("final_snapshot_identifier"),
    )
    yield from _backup(resource, body, None)
    yield Setting(address, "anonymous", True)  # a single node takes neither a token nor users
    yield from _place(body)
    yield Listens(address, "tcp", _port(body, 11211 if memcached else 6379), _tls(body))
    host = text(body.text("cluster_id"), ".", made_up(resource, "host"), ".cache.amazonaws.com")
    yield Hostname(address, "cluster_address" if memcached else "cache_nodes.0.address", host)


@reads("aws_elasticache_subnet_group")
def cache_subnet_group(resource: Resource) -> Iterator[Fact]:
    """The subnets that a cache may be in."""
    subnets = Arguments(resource).links("subnet_ids")
    for subnet in (subnets,) if isinstance(subnets, Unknown) else subnets:
        yield Member(resource.address, subnet)


@reads("aws_elasticache_parameter_group")
def cache_parameter_group(resource: Resource) -> Iterator[Fact]:
    """An engine's parameters; Redis evicts only keys with a time to live unless told otherwise."""
    body = Arguments(resource)
    parameters = {str(each.text("name")): each for each in body.blocks("parameter")}
    for name, each in sorted(parameters.items()):
        yield Parameter(resource.address, name, each.text("value"))
    family = body.known_text("family")
    if isinstance(family, Unknown) or not family.startswith("memcached"):
        policy: Known[str] = "volatile-lru"
        unknown = body.unknown_blocks("parameter")
        if unknown is not None:
            policy = unknown
        elif "maxmemory-policy" in parameters:
            policy = parameters["maxmemory-policy"].known_text("value")
        yield Setting(resource.address, "eviction", policy)


@reads("aws_elasticache_user_group")
def user_group(resource: Resource) -> Iterator[Fact]:
    """The users that caches of this group know."""
    users = Arguments(resource).links("user_ids")
    for user in (users,) if isinstance(users, Unknown) else users:
        yield Member(resource.address, user)


@reads("aws_elasticache_user")
def user(resource: Resource) -> Iterator[Fact]:
    """A user of a cache, who signs in with an identity's token or with a password."""
    body = Arguments(resource)
    kind = body.block("authentication_mode").known_text("type")
    yield Setting(resource.address, "iam-authentication", kind if isinstance(kind, Unknown) else kind == "iam")
    yield Identifier(resource.address, "arn", arn(resource, "elasticache", "user:", body.text("user_id")))
