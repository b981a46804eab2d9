"""A cache on Amazon ElastiCache: a primary and replicas over zones, TLS, and users that IAM lets in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from seawall.components.keys import by_logs, key
from seawall.components.network import Network
from seawall.components.offer import Door, Offer, Right
from seawall.components.scope import Scope
from seawall.components.stores import guarded
from seawall.graph.resource import Resource
from seawall.kernel import units

PORT = 6379
FAMILIES = {"redis": ("redis7", "7.1"), "valkey": ("valkey8", "8.1")}
"""Engine -> parameter group family and version.

Source: ElastiCache User Guide, "Supported engine versions"; endoflife-date products/amazon-elasticache-redis.md at
ab9a4dfc7939 (Redis OSS 7.1 is the last), read 2026-05-01.
"""
LONGEST_IDENTIFIER = 40


@dataclass(frozen=True, slots=True)
class ManagedCache:
    """What is wanted of it; ``backups`` is how long daily snapshots are kept, None where there are none."""

    engine: str
    class_: str
    replicas: int
    backups: units.Duration | None
    logs: units.Duration

    def offer(self, scope: Scope) -> Offer:
        """Its primary, whoever that is at the time, and the right to connect as the one user there is.

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
            ranges=scope.the(Network).tier_ranges("data"),
        )
        host = scope.ref("aws_elasticache_replication_group", scope.identifier, "primary_endpoint_address")
        return Offer(
            scope.name, group, "redis", host, PORT, (door,), tls=True, rights=(connecting,), user=_called(scope)
        )

    def expand(self, scope: Scope) -> Iterator[Resource]:
        """Subnet group, security group, key, parameters, users, logs and the replication group."""
        name, called = scope.identifier, _called(scope)
        subnets = scope.the(Network).subnet_ids(scope, "data")
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
        family, version = FAMILIES[self.engine]
        parameters = {
            "name": called,
            "family": family,
            "description": f"What expires by itself may go when memory is full, for {called}",
            "parameter": [{"name": "maxmemory-policy", "value": "volatile-lru"}],
        }
        yield scope.aws("aws_elasticache_parameter_group", name, parameters, called=called)
        yield from self._users(scope)
        for log in _LOGS:
            group = {
                "name": f"{logs}{log}",
                "retention_in_days": round(self.logs.days),
                # The slow ones hold the keys and values of commands.
                "kms_key_id": scope.ref("aws_kms_key", name, "arn"),
            }
            yield scope.aws("aws_cloudwatch_log_group", f"{name}_{log.replace('-', '_')}", group)
        several = self.replicas > 0
        body = {
            "replication_group_id": called,
            "description": f"The cache {scope.name} of {scope.title}",
            "engine": self.engine,
            "engine_version": version,
            "node_type": self.class_,
            "num_cache_clusters": 1 + self.replicas,
            "automatic_failover_enabled": several,
            "multi_az_enabled": several,
            "port": PORT,
            "subnet_group_name": scope.ref("aws_elasticache_subnet_group", name, "name"),
            "security_group_ids": [scope.ref("aws_security_group", name, "id")],
            "parameter_group_name": scope.ref("aws_elasticache_parameter_group", name, "name"),
            "at_rest_encryption_enabled": True,
            "kms_key_id": scope.ref("aws_kms_key", name, "arn"),
            # From the start, and so required of every client; "preferred" exists for moving an older one over.
            "transit_encryption_enabled": True,
            "user_group_ids": [scope.ref("aws_elasticache_user_group", name, "user_group_id")],
            "snapshot_retention_limit": round(self.backups.days) if self.backups else 0,
            "snapshot_window": "17:00-18:00",
            "maintenance_window": "sun:18:30-sun:19:30",
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


def _called(scope: Scope) -> str:
    """Its name, of at most 40 characters."""
    if len(scope.full_name) <= LONGEST_IDENTIFIER:
        return scope.full_name
    digest = hashlib.sha256(scope.full_name.encode()).hexdigest()[:7]
    return f"{scope.full_name[: LONGEST_IDENTIFIER - 8].rstrip('-')}-{digest}"
