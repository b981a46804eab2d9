"""What databases on RDS and on Aurora have in common: where they lie, what encrypts them, how they are measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from seawall.components.keys import by_logs, key
from seawall.components.network import Network
from seawall.components.offer import Door
from seawall.components.plot import Curve, Plot
from seawall.components.policy import trust
from seawall.components.scope import Scope
from seawall.components.steps import back
from seawall.components.stores import guarded
from seawall.graph.resource import Resource
from seawall.kernel.units import Duration
from seawall.kernel.value import Textual, text
from seawall.knowledge.database_engines import Engine

Window = Annotated[str, Field(pattern=r"^([a-z]{3}:)?\d{2}:\d{2}-([a-z]{3}:)?\d{2}:\d{2}$")]


def door(scope: Scope, engine: Engine, tier: str) -> Door:
    """The port that a need opens, in a tier of the network."""
    group = scope.address("aws_security_group", scope.identifier)
    return Door(engine.port, group=group, ranges=scope.the(Network).tier_ranges(tier))


def ground(
    scope: Scope, engine: Engine, sort: Literal["instance", "cluster"], logs: Duration, tier: str
) -> Iterator[Resource]:
    """Subnet group in a tier, security group, key, and the groups of its logs, which are kept for ``logs``."""
    name = scope.identifier
    subnets = scope.the(Network).subnet_ids(scope, tier)
    yield scope.aws(
        "aws_db_subnet_group", name, {"name": scope.full_name, "subnet_ids": subnets}, called=scope.full_name
    )
    yield from guarded(scope, scope.full_name, engine.port, "database")
    yield scope.lookup("aws_caller_identity", name, {})
    account = scope.ref("data.aws_caller_identity", name, "account_id")
    prefix = f"/aws/rds/{sort}/{scope.full_name}/"
    yield from key(
        scope,
        name,
        account=account,
        called=scope.full_name,
        purpose=f"Storage, backups, password and logs of the database {scope.full_name}",
        statements=(by_logs(scope, account, f"{prefix}*"),),
    )
    for log in engine.logs:
        # RDS would make these groups by itself, without an end to what they keep.
        group = {
            "name": f"{prefix}{log}",
            "retention_in_days": round(logs.days),
            # Slow statements hold what is in the tables, so they are encrypted as the tables are.
            "kms_key_id": scope.ref("aws_kms_key", name, "arn"),
        }
        yield scope.aws("aws_cloudwatch_log_group", f"{name}_{log}", group)


def parameters(scope: Scope, type: str, engine: Engine, major: str, said: Mapping[str, str]) -> Resource:
    """The parameter group, of the type for instances or for clusters: TLS, slow statements, and what is said."""
    wanted = dict((engine.secure, *engine.slow)) | dict(said)
    body = {
        # A new major version needs a new group while the old one is still in use.
        "name": f"{scope.full_name}-{major.replace('.', '-')}",
        "family": f"{engine.family}{major}",
        "description": f"TLS required, slow statements logged, for {scope.full_name}",
        "parameter": [
            {"name": key, "value": value, "apply_method": "immediate" if key in _DYNAMIC else "pending-reboot"}
            for key, value in sorted(wanted.items())
        ],
    }
    lifecycle = {"create_before_destroy": True}
    return scope.aws(type, scope.identifier, body, lifecycle=lifecycle, called=scope.full_name)


def monitoring(scope: Scope) -> Iterator[Resource]:
    """The role, ``<name>_monitoring``, by which RDS reports what its servers' operating systems measure."""
    name, called = f"{scope.identifier}_monitoring", f"{scope.full_name}-monitoring"
    account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
    ours: dict[str, dict[str, Textual]] = {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": text(f"arn:aws:rds:{scope.region}:", account, f":db:{scope.full_name}*")},
    }
    role = {"name": called, "assume_role_policy": trust("monitoring.rds.amazonaws.com", ours)}
    yield scope.aws("aws_iam_role", name, role, called=called)
    attached = {
        "role": scope.ref("aws_iam_role", name, "name"),
        "policy_arn": "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
    }
    yield scope.aws("aws_iam_role_policy_attachment", name, attached)


def pools(scope: Scope) -> tuple[tuple[str, str], ...]:
    """Who needs it and tells how many connections it has: namespace and name of each."""
    found = []
    for name in scope.seekers():
        there = scope.at(name)
        pods = scope.component(name).pods(there)
        if pods is not None and any("spring" in scrape.exporters for scrape in scope.component(name).scrapes(there)):
            found.append((pods.namespace, name))
    return tuple(found)


def measured(scope: Scope, engine: Engine, class_: str) -> dict[str, Any]:
    """A server's arguments about how it is measured, by ``monitoring`` and, where its class can, by its statements."""
    insights = class_ not in engine.classes_without_insights
    return {
        "monitoring_interval": 60,
        "monitoring_role_arn": scope.ref("aws_iam_role", f"{scope.identifier}_monitoring", "arn"),
        "performance_insights_enabled": insights,
        "performance_insights_kms_key_id": scope.ref("aws_kms_key", scope.identifier, "arn") if insights else None,
        "performance_insights_retention_period": 7 if insights else None,
    }


def crowded(scope: Scope, engine: Engine, group: str) -> tuple[str, ...]:
    """The first steps where too much is asked of it; ``group`` is the log group of its slow statements."""
    return (
        f"Which statements are slow: `aws logs tail {group} --since 30m --region {scope.region}`. The one that stands "
        "there again and again lacks an index, or is new.",
        *back(scope),
        f"Which statement holds the others up: {sessions(engine)}; end it with {_ENDS[_speaks(engine)]}.",
    )


def sessions(engine: Engine) -> str:
    """The statement that lists who is connected and what each does."""
    return _SESSIONS[_speaks(engine)]


def _speaks(engine: Engine) -> Literal["mysql", "postgresql"]:
    return "mysql" if "mysql" in engine.name else "postgresql"


_SESSIONS = {
    "mysql": "`SELECT user, host, command, time, state, info FROM performance_schema.processlist ORDER BY time DESC`",
    "postgresql": "`SELECT pid, usename, client_addr, state, query_start, query FROM pg_stat_activity "
    "ORDER BY query_start`",
}
_ENDS = {"mysql": "`CALL mysql.rds_kill(ID)`", "postgresql": "`SELECT pg_terminate_backend(PID)`"}


def events(scope: Scope, sort: Literal["instance", "cluster"]) -> str:
    """The step that asks RDS what it has done to a database within the last hour."""
    return (
        f"What RDS did to it: `aws rds describe-events --source-type db-{sort} --source-identifier {scope.full_name} "
        f"--duration 60 --region {scope.region}`."
    )


# Whatever is not known to take effect at once waits for a reboot, which RDS accepts for every parameter.
_DYNAMIC = frozenset(
    {
        "require_secure_transport", "slow_query_log", "long_query_time", "log_output", "log_min_duration_statement",
        "max_connections", "character_set_server", "collation_server", "time_zone", "work_mem",
    }
)  # fmt: skip


def disks(scope: Scope, dimension: str, name: Textual) -> Iterator[Plot]:
    """How long reads and writes of the database of that name take, and how many there are."""
    it = ((dimension, name),)
    for title, reads, writes in (
        ("seconds that disks take", "ReadLatency", "WriteLatency"),
        ("operations a second", "ReadIOPS", "WriteIOPS"),
    ):
        curves = (
            Curve(reads, "AWS/RDS", it, "Average", "reading"),
            Curve(writes, "AWS/RDS", it, "Average", "writing"),
        )
        yield Plot(f"{scope.name}: {title}", curves, "database")
