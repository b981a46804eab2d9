"""007 Sessions: how many there are, how long they have left, what they take, and how fast they come and go."""

from __future__ import annotations

from seawall.components.cache import Cache
from seawall.components.dashboards import rows
from seawall.components.dashboards.panel import Dashboard, Panel, Query, Row, Threshold
from seawall.components.dashboards.registry import lacks
from seawall.components.scope import Scope
from seawall.components.service import Service

MANY = 1000
"""Sessions from which on there are more than people can be behind them."""


def dashboard(scope: Scope) -> Dashboard:
    """The sessions that services keep in a cache of the cluster; InputError where there is none."""
    caches = {name for name, cache in scope.every(Cache).items() if cache.place == "cluster"}
    kept = [
        (name, service.session.timeout)
        for service in scope.every(Service).values()
        if service.session is not None
        for name in service.needs
        if name in caches
    ]
    if not kept:
        raise lacks(scope, "sessions", "sessions", "give a service `session:` and a cache in the cluster")
    name, timeout = kept[0]
    seconds = round(timeout.seconds)
    at = f'job="{name}"'
    return Dashboard(
        uid=f"{scope.platform.name}-sessions",
        title="007 Sessions",
        tags=(scope.platform.name, "application"),
        rows=(_now(at, seconds), _sessions(at, seconds), _memory(at), _servers(at)),
    )


def _now(at: str, timeout: int) -> Row:
    return Row(
        "Now",
        (
            Panel(
                "Sessions",
                "short",
                (Query(f"max(redis_keys_count{{{at}}})"),),
                "stat",
                (Threshold(MANY, "red"),),
                "Keys that are sessions, as the exporter counts them; the replicas have what the primary has.",
                decimals=0,
            ),
            Panel(
                "Without an end",
                "short",
                (Query(f"max(redis_db_keys{{{at}}} - redis_db_keys_expiring{{{at}}})"),),
                "stat",
                (Threshold(1, "red"),),
                "A session that never ends is a leak.",
                decimals=0,
            ),
            Panel(
                "Time left, on average",
                "s",
                (Query(f"max(redis_db_avg_ttl_seconds{{{at}}})"),),
                "stat",
                (Threshold(timeout, "red"),),
                "More than the timeout cannot be: then something else lies among the sessions.",
            ),
            Panel(
                "Memory in use",
                "percentunit",
                (Query(f"max(redis_memory_used_bytes{{{at}}} / (redis_memory_max_bytes{{{at}}} > 0))"),),
                "gauge",
                (rows.BUSY, rows.FULL),
                "At its most Redis throws out sessions before their time.",
                least=0,
                most=1,
            ),
        ),
    )


def _sessions(at: str, timeout: int) -> Row:
    expired = f"max(rate(redis_expired_keys_total{{{at}}}[5m]))"
    return Row(
        "Sessions",
        (
            Panel(
                "Active",
                "short",
                (Query(f"max(redis_keys_count{{{at}}})", "sessions"),),
                thresholds=(Threshold(MANY, "red"),),
                decimals=0,
                least=0,
            ),
            Panel(
                "Time left",
                "s",
                (
                    Query(f"max(redis_db_avg_ttl_seconds{{{at}}})", "on average"),
                    Query(f"vector({timeout})", "a new one"),
                ),
                least=0,
                description="Redis tells the average of a sample of keys, and the exporter no more than that: how they "
                "are spread between nothing and the timeout is exported by nothing here.",
            ),
            Panel(
                "Created",
                "cps",
                (Query(f"clamp_min(max(deriv(redis_keys_count{{{at}}}[5m])) + {expired}, 0)", "a second"),),
                description="What there is more of, and what has ended meanwhile; who signed out is not counted.",
            ),
            Panel(
                "Ended by time",
                "cps",
                (
                    Query(expired, "expired"),
                    Query(f"max(rate(redis_evicted_keys_total{{{at}}}[5m]))", "thrown out"),
                ),
                description="Thrown out are those for which there was no memory.",
            ),
        ),
    )


def _memory(at: str) -> Row:
    return Row(
        "Memory",
        (
            Panel(
                "Used",
                "bytes",
                (
                    Query(f"max by (pod) (redis_memory_used_bytes{{{at}}})", "{{pod}}"),
                    Query(f"max(redis_memory_max_bytes{{{at}}})", "most"),
                ),
                least=0,
            ),
            Panel(
                "A session takes",
                "bytes",
                (
                    Query(
                        f"max(redis_memory_used_dataset_bytes{{{at}}}) / (max(redis_keys_count{{{at}}}) > 0)",
                        "on average",
                    ),
                ),
                least=0,
            ),
            Panel(
                "Fragmentation",
                "none",
                (Query(f"max by (pod) (redis_mem_fragmentation_ratio{{{at}}})", "{{pod}}"),),
                thresholds=(Threshold(1.5, "orange"),),
                description="What the system gave, for each byte that is used.",
            ),
        ),
    )


def _servers(at: str) -> Row:
    return Row(
        "Servers",
        (
            Panel(
                "Answering",
                "short",
                (Query(f"sum(redis_up{{{at}}})", "servers"),),
                base="red",
                thresholds=(Threshold(2, "green"),),
                decimals=0,
                least=0,
                description="With fewer than two there is nobody to take over.",
            ),
            Panel(
                "Commands",
                "ops",
                (Query(f"sum by (pod) (rate(redis_commands_processed_total{{{at}}}[5m]))", "{{pod}}"),),
            ),
            Panel(
                "Clients",
                "short",
                (Query(f"sum by (pod) (redis_connected_clients{{{at}}})", "{{pod}}"),),
                decimals=0,
            ),
        ),
    )
