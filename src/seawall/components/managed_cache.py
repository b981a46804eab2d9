"""A cache on Amazon ElastiCache: primaries and replicas over zones, TLS, users that IAM lets in; over regions, too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from seawall.components.keys import by_logs, key
from seawall.components.network import Network
from seawall.components.offer import Door, Offer, Right
from seawall.components.plot import Curve, Plot
from seawall.components.scope import Scope
from seawall.components.steps import anew, back
from seawall.components.stores import guarded
from seawall.components.takeover.action import Action, Move
from seawall.components.takeover.stores import GlobalCache
from seawall.components.watch import Watch
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.errors import InputError

PORT = 6379
FAMILIES = {"redis": ("redis7", "7.1"), "valkey": ("valkey8", "8.1")}
"""Engine -> parameter group family and version.

Source: ElastiCache User Guide, "Supported engine versions"; endoflife-date products/amazon-elasticache-redis.md at
ab9a4dfc7939 (Redis OSS 7.1 is the last), read 2026-05-01.
"""
LONGEST_IDENTIFIER = 40
SUFFIX = "global"


@dataclass(frozen=True, slots=True)
class ManagedCache:
    """What is wanted of it.

    ``tier`` is that of the network in which it lies.  ``shards`` are the parts that keys are spread over, None where
    cluster mode is off; each has ``replicas``.  ``backups`` is how long daily snapshots are kept, None where there are
    none.  ``eviction`` says what goes when memory is full, ``reserved`` the percentage kept from data.  ``follows``
    says whether a site's follows home's.
    """

    engine: str
    class_: str
    replicas: int
    backups: units.Duration | None
    logs: units.Duration
    tier: str = "data"
    shards: int | None = None
    eviction: str = "volatile-lru"
    reserved: int = 25
    follows: bool = True
    backup_window: str = "17:00-18:00"
    maintenance_window: str = "sun:18:30-sun:19:30"

    def offer(self, scope: Scope) -> Offer:
        """Its primary, whoever that is at the time, or who knows the shards; and the right to connect as the one user.

        There is no password: the application signs a token with its own role, which is good for 15 minutes.
        """
        group = scope.address("aws_elasticache_replication_group", scope.identifier)
        connecting = Right(
            ("elasticache:Connect",),
            (
                scope.ref("aws_elasticache_replication_group", scope.identifier, "arn"),
                scope.ref("aws_elasticache_user", scope.identifier, "arn"),
            ),
        )
        door = Door(
            PORT,
            group=scope.address("aws_security_group", scope.identifier),
            ranges=scope.the(Network).tier_ranges(self.tier),
        )
        endpoint = "primary_endpoint_address" if self.shards is None else "configuration_endpoint_address"
        return Offer(
            scope.name,
            group,
            "redis" if self.shards is None else "redis-cluster",
            scope.ref("aws_elasticache_replication_group", scope.identifier, endpoint),
            PORT,
            (door,),
            tls=True,
            rights=(connecting,),
            user=_called(scope),
            reader=scope.ref("aws_elasticache_replication_group", scope.identifier, "reader_endpoint_address")
            if self.shards is None and self.replicas
            else None,
        )

    def watches(self, scope: Scope) -> Iterator[Watch]:
        """Whether each node speaks, has memory and processor left, and keeps what it was given."""
        called, namespace, here = _called(scope), "AWS/ElastiCache", f"--region {scope.region}"
        state = (
            f"Who is primary, and what state each node is in: `aws elasticache describe-replication-groups "
            f"--replication-group-id {called} {here} --query 'ReplicationGroups[0].[Status,NodeGroups]'`."
        )
        for node in self._nodes(scope):
            member = node.removeprefix(f"{called}-")
            of = (("CacheClusterId", node),)
            yield Watch(
                f"{member}-silent",
                f"The node {node} of the cache {scope.name} has said nothing for five minutes: it is down, or being "
                "replaced.",
                "EngineCPUUtilization", namespace, of, "SampleCount", "<", 1, "breaching", bad=5, of=5,
                critical=not self.replicas,
                layer="cache",
                first=(
                    state,
                    "What ElastiCache did to it: `aws elasticache describe-events --source-type cache-cluster "
                    f"--source-identifier {node} --duration 60 {here}`.",
                    *(
                        (
                            "No primary after five minutes: `aws elasticache test-failover --replication-group-id "
                            f"{called} --node-group-id {'0001'} {here}`.",
                        )
                        if self.replicas
                        else ()
                    ),
                    *anew(scope),
                ),
            )  # fmt: skip
            yield Watch(
                f"{member}-processor",
                f"The node {node} of the cache {scope.name} has used more than 80 % of its one core for ten minutes.",
                "EngineCPUUtilization", namespace, of, "Average", ">", 80, "ignore", bad=10, of=10,
                layer="cache",
                first=(
                    "What it is busy with: connect with `redis-cli --tls` as the operator, `SLOWLOG GET 20` and "
                    "`INFO commandstats`. `KEYS`, `SMEMBERS` of something large and long scripts hold everybody up.",
                    *back(scope),
                    "It is the load itself: one core serves commands, so a larger class helps little; more `shards` "
                    "do, or reads from replicas.",
                ),
            )  # fmt: skip
            yield Watch(
                f"{member}-memory",
                f"The node {node} of the cache {scope.name} has less than a tenth of its memory left; what expires by "
                "itself will go before its time, sessions among it.",
                "DatabaseMemoryUsagePercentage", namespace, of, "Maximum", ">", 90, "ignore", bad=5, of=5,
                layer="cache",
                first=(
                    "What takes it: connect with `redis-cli --tls` as the operator, `INFO memory` and `redis-cli "
                    "--tls --bigkeys`.",
                    "Keys without an end: `redis-cli --tls INFO keyspace` counts those that expire; what has no TTL "
                    "stays for ever. Let the application give it one.",
                    "It is needed: raise `class` or `shards` of the cache in the description; nodes are replaced one "
                    "after another.",
                ),
            )  # fmt: skip

    def members(self, scope: Scope) -> tuple[str, ...]:
        """The names of all its nodes."""
        return tuple(self._nodes(scope))

    def plots(self, scope: Scope) -> Iterator[Plot]:
        """How often it knows the answer, and who asks."""
        space = "AWS/ElastiCache"
        nodes = tuple(self._nodes(scope))
        for title, metric, statistic in (
            ("answers that were there, %", "CacheHitRate", "Average"),
            ("connections", "CurrConnections", "Maximum"),
        ):
            yield Plot(
                f"{scope.name}: {title}",
                tuple(Curve(metric, space, (("CacheClusterId", node),), statistic, node) for node in nodes),
                "cache",
            )

    def _nodes(self, scope: Scope) -> Iterator[str]:
        """The names that ElastiCache gives the nodes: ``<group>-001``, or ``<group>-0001-001`` with the shard's."""
        for number in range(1, self.replicas + 2):
            if self.shards is None:
                yield f"{_called(scope)}-{number:03d}"
            else:
                yield from (f"{_called(scope)}-{shard:04d}-{number:03d}" for shard in range(1, self.shards + 1))

    def takes_over(self, scope: Scope, move: Move) -> Iterator[Action]:
        """The primary changes its region."""
        if not self._follows(scope):
            return
        home, name = scope.home, scope.identifier
        followed = ("aws_elasticache_global_replication_group", name)
        group = ("aws_elasticache_replication_group", name)
        yield from GlobalCache(
            scope.name,
            home.ref(*followed, "global_replication_group_id"),
            home.ref(*followed, "arn"),
            home.ref(*group, "id"),
            home.ref(*group, "arn"),
            scope.ref(*group, "id"),
            scope.ref(*group, "arn"),
            home.region,
            scope.region,
        ).actions(move)

    def expand(self, scope: Scope) -> Iterator[Resource]:
        """Subnet group, security group, key, parameters, users, logs and the replication group."""
        name, called = scope.identifier, _called(scope)
        subnets = scope.the(Network).subnet_ids(scope, self.tier)
        yield scope.aws("aws_elasticache_subnet_group", name, {"name": called, "subnet_ids": subnets}, called=called)
        yield from guarded(scope, called, PORT, "cache")
        yield scope.lookup("aws_caller_identity", name, {})
        account = scope.ref("data.aws_caller_identity", name, "account_id")
        logs = f"/aws/elasticache/{called}/"
        yield from key(
            scope,
            name,
            account=account,
            called=called,
            purpose=f"Data, snapshots and logs of the cache {called}",
            statements=(by_logs(scope, account, f"{logs}*"),),
        )
        self._fits(scope)
        follows = self._follows(scope)
        if not follows:
            # One that follows has a copy of home's, which is made with it.
            yield self._parameters(scope)
        yield from self._users(scope)
        for log in _LOGS:
            group = {
                "name": f"{logs}{log}",
                "retention_in_days": round(self.logs.days),
                # The slow ones hold the keys and values of commands.
                "kms_key_id": scope.ref("aws_kms_key", name, "arn"),
            }
            yield scope.aws("aws_cloudwatch_log_group", f"{name}_{log.replace('-', '_')}", group)
        body = {
            "replication_group_id": called,
            "description": f"The cache {scope.name} of {scope.title}",
            **(self._following(scope) if follows else self._by_itself(scope)),
            # Shards are told apart by their primaries, so ElastiCache wants each to have another at once.
            "automatic_failover_enabled": self.replicas > 0 or self.shards is not None,
            "multi_az_enabled": self.replicas > 0,
            "port": PORT,
            "subnet_group_name": scope.ref("aws_elasticache_subnet_group", name, "name"),
            "security_group_ids": [scope.ref("aws_security_group", name, "id")],
            "kms_key_id": scope.ref("aws_kms_key", name, "arn"),
            "user_group_ids": [scope.ref("aws_elasticache_user_group", name, "user_group_id")],
            "snapshot_retention_limit": round(self.backups.days) if self.backups else 0,
            "snapshot_window": self.backup_window,
            "maintenance_window": self.maintenance_window,
            "auto_minor_version_upgrade": True,
            "log_delivery_configuration": [
                {
                    "destination": scope.ref("aws_cloudwatch_log_group", f"{name}_{log.replace('-', '_')}", "name"),
                    "destination_type": "cloudwatch-logs",
                    "log_format": "json",
                    "log_type": log,
                }
                for log in _LOGS
            ],
        }
        yield scope.aws("aws_elasticache_replication_group", name, body, called=called)
        if self._leads(scope):
            yield self._global(scope)

    def _parameters(self, scope: Scope) -> Resource:
        called = _called(scope)
        family, _ = FAMILIES[self.engine]
        # The parameter's own default is 25, and what is stated as it is would be a change for ever.
        reserved = [{"name": "reserved-memory-percent", "value": str(self.reserved)}] if self.reserved != 25 else []
        cluster = [{"name": "cluster-enabled", "value": "yes"}] if self.shards is not None else []
        parameters = {
            "name": called,
            "family": family,
            "description": f"What goes when memory is full, and how much data may take, for {called}",
            "parameter": [*cluster, {"name": "maxmemory-policy", "value": self.eviction}, *reserved],
        }
        return scope.aws("aws_elasticache_parameter_group", scope.identifier, parameters, called=called)

    def _by_itself(self, scope: Scope) -> dict[str, Any]:
        _, version = FAMILIES[self.engine]
        size: dict[str, Any] = {"num_cache_clusters": 1 + self.replicas}
        if self.shards is not None:
            size = {"num_node_groups": self.shards, "replicas_per_node_group": self.replicas}
        return {
            "engine": self.engine,
            "engine_version": version,
            "node_type": self.class_,
            **size,
            "parameter_group_name": scope.ref("aws_elasticache_parameter_group", scope.identifier, "name"),
            "at_rest_encryption_enabled": True,
            # From the start, and so required of every client; "preferred" exists for moving an older one over.
            "transit_encryption_enabled": True,
        }

    def _following(self, scope: Scope) -> dict[str, Any]:
        """Engine, nodes, shards, parameters and encryption are home's, and the provider refuses to hear them again."""
        home = scope.home
        followed = home.ref("aws_elasticache_global_replication_group", home.identifier, "global_replication_group_id")
        size = "num_cache_clusters" if self.shards is None else "replicas_per_node_group"
        return {
            "global_replication_group_id": followed,
            size: self.replicas + (self.shards is None),
        }

    def _global(self, scope: Scope) -> Resource:
        """What the sites' groups follow, asynchronously; AWS puts letters of its own before the suffix."""
        body = {
            "global_replication_group_id_suffix": f"{_called(scope)[: LONGEST_IDENTIFIER - len(SUFFIX) - 1]}-{SUFFIX}",
            "global_replication_group_description": f"The cache {scope.name} of {scope.title} over its regions",
            "primary_replication_group_id": scope.ref("aws_elasticache_replication_group", scope.identifier, "id"),
        }
        # Who is the primary is decided by a failover, which is not to be undone.
        lifecycle = {"ignore_changes": ["primary_replication_group_id"]}
        return scope.aws("aws_elasticache_global_replication_group", scope.identifier, body, lifecycle=lifecycle)

    def _spans(self, scope: Scope) -> bool:
        return scope.name in scope.platform.home.components and _may_follow(scope.home) and bool(self._followers(scope))

    def _followers(self, scope: Scope) -> list[Scope]:
        """The sites that have it, too, and follow."""
        return [site for site in scope.sites.values() if _may_follow(site)]

    def _leads(self, scope: Scope) -> bool:
        return scope.is_home and self._spans(scope)

    def _follows(self, scope: Scope) -> bool:
        return not scope.is_home and self.follows and self._spans(scope)

    def _fits(self, scope: Scope) -> None:
        """InputError where a cache cannot span regions."""
        if not self._spans(scope):
            return
        # Source: ElastiCache User Guide, "Prerequisites and limitations" of global datastores, read 2026-11-21.
        problem = fix = ""
        if self.class_.startswith("cache.t"):
            problem, fix = f"has nodes of {self.class_}, and no burstable ones span regions", "take cache.r7g.large"
        elif len(self._followers(scope)) > 2:
            problem, fix = "is at more than two further sites", "say `follows: false` at one of them"
        elif not self.replicas:
            problem, fix = "has no replicas, and none without them spans regions", "say `replicas: 1`"
        if problem:
            raise InputError(f"{scope.name} {problem}", fix=f"{fix}, or `follows: false`", origin=scope.origin)

    def _users(self, scope: Scope) -> Iterator[Resource]:
        name, called = scope.identifier, _called(scope)
        # IAM lets a user in only if its id is its name; it may do all but run the server.
        user = {
            "user_id": called,
            "user_name": called,
            "engine": self.engine,
            "access_string": "on ~* &* +@all -@admin -@dangerous +info",
            "authentication_mode": [{"type": "iam"}],
        }
        yield scope.aws("aws_elasticache_user", name, user, called=called)
        # A group needs a user called default, with which everybody would begin; this one can do nothing.
        nobody = {
            "user_id": f"{called[: LONGEST_IDENTIFIER - 8]}-default",
            "user_name": "default",
            "engine": self.engine,
            "access_string": "off -@all",
            "authentication_mode": [{"type": "no-password-required"}],
        }
        yield scope.aws("aws_elasticache_user", f"{name}_default", nobody, called=f"{called}-default")
        group = {
            "user_group_id": called,
            "engine": self.engine,
            "user_ids": [scope.ref("aws_elasticache_user", user, "user_id") for user in (name, f"{name}_default")],
        }
        yield scope.aws("aws_elasticache_user_group", name, group, called=called)


_LOGS = ("slow-log", "engine-log")


def _may_follow(scope: Scope) -> bool:
    """Whether the cache of that name is on ElastiCache there, and not by itself."""
    cache = scope.component(scope.name)
    return getattr(cache, "place", "") == "managed" and getattr(cache, "follows", False) is True


def _called(scope: Scope) -> str:
    """Its name, of at most 40 characters."""
    if len(scope.full_name) <= LONGEST_IDENTIFIER:
        return scope.full_name
    digest = hashlib.sha256(scope.full_name.encode()).hexdigest()[:7]
    return f"{scope.full_name[: LONGEST_IDENTIFIER - 8].rstrip('-')}-{digest}"
