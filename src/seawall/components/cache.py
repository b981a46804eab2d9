"""A cache: in the cluster, watched by Sentinels, or on Amazon ElastiCache."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from seawall.components import exporters
from seawall.components.addons.values import monitored
from seawall.components.alert import Alert
from seawall.components.alerting.caches import Cached, Managed
from seawall.components.alerting.caches import alerts as caches_alerts
from seawall.components.alerting.caches import managed as managed_alerts
from seawall.components.alerting.urgency import is_urgent, where
from seawall.components.cluster import STORAGE_CLASS, Cluster
from seawall.components.component import Expandable
from seawall.components.environment import from_secret
from seawall.components.managed_cache import ManagedCache
from seawall.components.metrics import PORT as METRICS
from seawall.components.metrics import asked
from seawall.components.offer import Credentials, Door, Offer, Pods
from seawall.components.paths import consumers, inward, outward, pods_peer, policy
from seawall.components.plot import Plot
from seawall.components.pods import account, budget, confined_container, confined_pod, known_as, scratch, spread
from seawall.components.relational import Window
from seawall.components.scope import Scope
from seawall.components.scrape import Scrape
from seawall.components.secrets import generated
from seawall.components.takeover.action import Action, Move
from seawall.components.watch import Watch
from seawall.facts.demands import Reach
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.model.fields import Cpu, Duration, Image, Name, Share, Size

REDIS, SENTINEL = 6379, 26379

# spring-session-data-redis keeps a session under its namespace, `sessions` and its own id: RedisSessionRepository.
SESSIONS = "spring:session:sessions:*"

# Redis 7.2 is the last line under the BSD licence and still maintained; 7.2.13 is of 2026-02-22.
# Source: endoflife-date/endoflife.date products/redis.md at 0118c3037fa9.
IMAGE = "public.ecr.aws/docker/library/redis:7.2.13-alpine"

Eviction = Literal[
    "volatile-lru", "volatile-lfu", "volatile-ttl", "volatile-random", "allkeys-lru", "allkeys-lfu", "allkeys-random",
    "noeviction",
]  # fmt: skip
NodeType = Annotated[str, Field(pattern=r"^cache\.[a-z0-9]+\.[a-z0-9]+$")]


class Cache(Expandable):
    """One primary and its replicas.

    In the cluster there is a Sentinel beside each, and clients ask the Sentinels who the primary is; ElastiCache gives
    the primary a name that follows it.
    """

    stack: ClassVar[str] = "data"

    kind: Literal["cache"]
    engine: Literal["redis", "valkey"] = "redis"
    place: Literal["cluster", "managed"] = "cluster"
    class_: Annotated[NodeType | None, Field(alias="class")] = None
    """Of a managed one: what its nodes are."""
    tier: Name = "data"
    """Of a managed one: the tier of the network in which it lies; policies tell stores apart by their tiers alone."""
    replicas: Annotated[int, Field(ge=0, le=5)] = 1
    """Of a managed one: how many nodes beside the primary, of each shard; with none, a lost node is an outage."""
    shards: Annotated[int, Field(ge=1, le=90)] | None = None
    """Of a managed one: cluster mode, with keys spread over so many primaries; 1 for clients that insist on the mode.

    Where silent the mode is off, and clients need to know nothing of it.
    """
    eviction: Eviction = "volatile-lru"
    """Of a managed one: what goes when memory is full; `allkeys-` lets locks and sessions go before their time."""
    reserved_memory: Share = units.Share(Decimal(25))
    """Of a managed one: how much of its memory data may not take, for copies made while saving and replicating."""
    follows: bool = True
    """Of a managed one that further sites have, too: whether theirs follow home's, a global datastore.

    Those that follow are read only until one is made the primary by hand; by itself each starts empty after a failover.
    """
    backups: Duration | None = None
    """Of a managed one: how long daily snapshots are kept; where silent there are none, a cache can be filled anew."""
    backup_window: Window = "17:00-18:00"
    """Of a managed one: when the daily snapshot is made, UTC; by default at night in Seoul."""
    maintenance_window: Window = "sun:18:30-sun:19:30"
    logs: Duration = units.Duration(30 * 86400)
    namespace: Name | None = None
    image: Image = IMAGE
    sentinels: Annotated[int, Field(ge=3, le=9)] = 3
    """How many pods there are, each a server and a Sentinel; odd, so that there is always a majority."""
    memory: Size = units.Size(256 * 2**20)
    """What the data may take; the container gets twice that, for copies made while saving and for clients."""
    cpu: Cpu = units.Cpu(100)
    storage: Size = units.Size(2**30)
    down_after: Duration = units.Duration(1)
    """How long the primary may be silent before a Sentinel takes it for dead."""

    @model_validator(mode="after")
    def _of_its_place(self) -> Cache:
        strange = self.model_fields_set & (_MANAGED if self.place == "cluster" else _IN_CLUSTER)
        if strange:
            words = ", ".join(sorted(name.rstrip("_") for name in strange))
            raise ValueError(f"{words} says nothing of a cache whose place is {self.place}")
        if self.place == "managed" and self.class_ is None:
            raise ValueError("a managed cache needs a class, for example `class: cache.t4g.small`")
        if self.place == "cluster" and self.engine != "redis":
            raise ValueError(f"in the cluster the engine is redis, not {self.engine}")
        return self

    @model_validator(mode="after")
    def _odd(self) -> Cache:
        if self.sentinels % 2 == 0:
            raise ValueError(f"sentinels is {self.sentinels}; an odd number loses no majority to a tie")
        return self

    # -- what others may know --------------------------------------------------------------------------------------

    def _namespace(self, scope: Scope) -> str:
        return self.namespace or next(iter(scope.the(Cluster).namespaces_of(scope)))

    def _hosts(self, scope: Scope) -> tuple[str, ...]:
        domain = _domain(scope, self._namespace(scope))
        return tuple(f"{scope.name}-{number}.{domain}" for number in range(self.sentinels))

    def _managed(self) -> ManagedCache | None:
        if self.class_ is None:
            return None
        return ManagedCache(
            self.engine,
            self.class_,
            self.replicas,
            self.backups,
            self.logs,
            self.tier,
            self.shards,
            self.eviction,
            int(self.reserved_memory.percent),
            self.follows,
            self.backup_window,
            self.maintenance_window,
        )

    def pods(self, scope: Scope) -> Pods | None:
        """The servers, which also reach each other; those of a managed one are no pods."""
        return None if self.place == "managed" else self._servers(scope)

    def _servers(self, scope: Scope) -> Pods:
        namespace = self._namespace(scope)
        return Pods(namespace, _selector(scope), _address(scope, namespace))

    def offer(self, scope: Scope) -> Offer:
        """The Sentinels, by each one's own name, and the password that all ask for; or the managed primary."""
        managed = self._managed()
        if managed is not None:
            return managed.offer(scope)
        pods = self._servers(scope)
        hosts = self._hosts(scope)
        return Offer(
            scope.name,
            pods.workload,
            "redis-sentinel",
            _domain(scope, pods.namespace),
            SENTINEL,
            (Door(REDIS, pods=pods), Door(SENTINEL, pods=pods)),
            scope.name,
            credentials=Credentials(None, scope.name, user=None),
            nodes=hosts,
        )

    def watches(self, scope: Scope) -> Iterator[Watch]:
        """What ElastiCache says of each node of a managed one; those in the cluster are watched from there."""
        managed = self._managed()
        if managed is not None:
            yield from managed.watches(scope)

    def scrapes(self, scope: Scope) -> Iterator[Scrape]:
        """Each server through the exporter beside it, which also counts the keys of each sort that are sessions."""
        if self.place == "managed":
            return
        own = {"redis_keys_count": ("db", "key")} if _counted(scope) else {}
        yield Scrape(scope.name, self._servers(scope), METRICS, exporters=("redis",), own=own)

    def alerts(self, scope: Scope) -> Iterator[Alert]:
        """What is worth an alert of caches, in the cluster and on ElastiCache; the first says it of all."""
        caches = {name: (cache, scope.at(name)) for name, cache in scope.every(Cache).items()}
        if next(iter(caches)) != scope.name:
            return
        inside = [
            Cached(name, cache._servers(there), cache.sentinels, next(iter(_counted(there)), ""))
            for name, (cache, there) in caches.items()
            if cache.place == "cluster"
        ]
        if inside:
            yield from caches_alerts(inside)
        outside = [
            Managed(name, managed.members(there), _place(there))
            for name, (cache, there) in caches.items()
            if (managed := cache._managed()) is not None
        ]
        if outside:
            yield from managed_alerts(outside)

    def plots(self, scope: Scope) -> Iterator[Plot]:
        """What is worth a look of a managed one."""
        managed = self._managed()
        if managed is not None:
            yield from managed.plots(scope)

    # -- what it comes to ------------------------------------------------------------------------------------------

    def takes_over(self, scope: Scope, move: Move) -> Iterator[Action]:
        """The primary changes its region; what lies in the cluster is each region's own."""
        managed = self._managed()
        if managed is not None:
            yield from managed.takes_over(scope, move)

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """Password, configuration, names, servers, and who may talk to them; or what ElastiCache needs."""
        managed = self._managed()
        if managed is not None:
            yield from managed.expand(scope)
            return
        pods = self._servers(scope)
        namespace, labels = pods.namespace, dict(pods.labels)
        for name, others in consumers(scope):
            if others.namespace != namespace:
                raise InputError(
                    f"{name} needs {scope.name}, whose password lies in the namespace {namespace}",
                    fix=f"put both into one namespace, for example `namespace: {namespace}`",
                    origin=scope.platform.origin(name),
                )
        yield from generated(scope, scope.name, namespace)
        files = self._files(scope)
        yield scope.object("v1", "ConfigMap", scope.name, {"data": files}, namespace=namespace)
        yield account(scope, namespace)
        ports = [{"name": name, "port": port, "targetPort": port} for name, port in _PORTS]
        service = {"clusterIP": "None", "publishNotReadyAddresses": True, "selector": labels, "ports": ports}
        yield scope.object("v1", "Service", f"{scope.name}-nodes", {"spec": service}, namespace=namespace)
        spec = self._spec(scope, files)
        yield scope.object("apps/v1", "StatefulSet", scope.name, {"spec": spec}, namespace=namespace)
        yield budget(scope, namespace, labels)
        own = [Door(port, pods=pods) for _, port in _PORTS]
        peers = [pods_peer(namespace, pods), *(pods_peer(namespace, others) for _, others in consumers(scope))]
        let_in = inward(peers, [(port, "tcp") for _, port in _PORTS]) + asked(scope, pods, [exporters.REDIS])
        yield policy(scope, pods, let_in, outward(namespace, own))
        for _, port in _PORTS:
            yield Reach(pods.workload, pods.workload, port, said=f"{scope.origin} {scope.name}: its members")

    def _spec(self, scope: Scope, files: dict[str, str]) -> dict[str, Any]:
        labels = dict(self._servers(scope).labels)
        content = hashlib.sha256("\0".join(files.values()).encode()).hexdigest()
        claim = {
            "metadata": {"name": "data"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "storageClassName": STORAGE_CLASS,
                "resources": {"requests": {"storage": self.storage.quantity}},
            },
        }
        return {
            "serviceName": f"{scope.name}-nodes",
            "replicas": self.sentinels,
            # One after the other: the first one up starts as primary, and the others find it.
            "podManagementPolicy": "OrderedReady",
            "updateStrategy": {"type": "RollingUpdate"},
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {
                    "labels": scope.labels(),
                    # A change of the scripts must start the pods anew.
                    "annotations": {"seawall/configuration": content[:16]},
                },
                "spec": {
                    **known_as(scope.name),
                    "terminationGracePeriodSeconds": 30,
                    **scope.the(Cluster).priority(scope, self._namespace(scope)),
                    "securityContext": confined_pod(),
                    "topologySpreadConstraints": spread(labels, ""),
                    "containers": [self._server(scope), self._sentinel(scope), *self._exporter(scope)],
                    "volumes": [
                        {"name": "scripts", "configMap": {"name": scope.name, "defaultMode": 0o555}},
                        # The files that hold the password exist in memory alone.
                        scratch("redis-configuration", "1Mi", memory=True),
                        scratch("sentinel-configuration", "1Mi", memory=True),
                    ],
                },
            },
            "volumeClaimTemplates": [claim],
            "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete", "whenScaled": "Retain"},
        }

    def _server(self, scope: Scope) -> dict[str, Any]:
        room = units.Size(self.memory.bytes * 2).quantity
        answers = 'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli ping | grep -q PONG'
        return {
            "name": "redis",
            "image": self.image,
            "command": ["sh", "/scripts/redis.sh"],
            "env": [from_secret("REDIS_PASSWORD", scope.name, "password")],
            "ports": [{"name": "redis", "containerPort": REDIS}],
            "resources": {
                "requests": {"cpu": str(self.cpu), "memory": room},
                "limits": {"cpu": str(units.Cpu(self.cpu.milli * 2)), "memory": room},
            },
            "startupProbe": {"tcpSocket": {"port": "redis"}, "periodSeconds": 2, "failureThreshold": 60},
            "livenessProbe": {"tcpSocket": {"port": "redis"}, "periodSeconds": 10, "failureThreshold": 3},
            "readinessProbe": {
                "exec": {"command": ["sh", "-c", answers]},
                "periodSeconds": 5,
                "timeoutSeconds": 3,
            },
            "securityContext": confined_container(),
            "volumeMounts": [
                {"name": "scripts", "mountPath": "/scripts", "readOnly": True},
                {"name": "redis-configuration", "mountPath": "/run/redis"},
                {"name": "data", "mountPath": "/data"},
            ],
        }

    def _sentinel(self, scope: Scope) -> dict[str, Any]:
        answers = f'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli -p {SENTINEL} ping | grep -q PONG'
        return {
            "name": "sentinel",
            "image": self.image,
            "command": ["sh", "/scripts/sentinel.sh"],
            "env": [from_secret("REDIS_PASSWORD", scope.name, "password")],
            "ports": [{"name": "sentinel", "containerPort": SENTINEL}],
            "resources": {
                "requests": {"cpu": "50m", "memory": "64Mi"},
                "limits": {"cpu": "100m", "memory": "64Mi"},
            },
            "startupProbe": {"tcpSocket": {"port": "sentinel"}, "periodSeconds": 2, "failureThreshold": 60},
            "livenessProbe": {"tcpSocket": {"port": "sentinel"}, "periodSeconds": 10, "failureThreshold": 3},
            "readinessProbe": {
                "exec": {"command": ["sh", "-c", answers]},
                "periodSeconds": 5,
                "timeoutSeconds": 3,
            },
            "securityContext": confined_container(),
            "volumeMounts": [
                {"name": "scripts", "mountPath": "/scripts", "readOnly": True},
                {"name": "sentinel-configuration", "mountPath": "/run/sentinel"},
            ],
        }

    def _exporter(self, scope: Scope) -> list[dict[str, Any]]:
        if not monitored(scope):
            return []
        return [exporters.redis(REDIS, (scope.name, "password"), _counted(scope))]

    def _files(self, scope: Scope) -> dict[str, str]:
        values = {
            "name": scope.name,
            "domain": _domain(scope, self._namespace(scope)),
            "numbers": " ".join(str(number) for number in range(self.sentinels)),
            "memory": f"{self.memory.bytes // 2**20}mb",
            "down_after": str(round(self.down_after.seconds * 1000)),
            "quorum": str(self.sentinels // 2 + 1),
        }
        return {name: _filled(script, values) for name, script in _SCRIPTS.items()}


_MANAGED = frozenset(
    {
        "class_",
        "tier",
        "replicas",
        "backups",
        "logs",
        "shards",
        "eviction",
        "reserved_memory",
        "follows",
        "backup_window",
        "maintenance_window",
    },
)
_IN_CLUSTER = frozenset({"namespace", "image", "sentinels", "memory", "cpu", "storage", "down_after"})
_PORTS = (("redis", REDIS), ("sentinel", SENTINEL))


def _counted(scope: Scope) -> list[str]:
    """Patterns of the keys that are sessions, of those who keep theirs here."""
    found = (getattr(scope.component(name), "session", None) for name in scope.seekers())
    return [SESSIONS] if any(session is not None for session in found) else []


def _place(scope: Scope) -> str:
    """Where those are who need it, as names of alerts end; empty where anybody's trouble is urgent."""
    namespaces = [pods.namespace for _, pods in consumers(scope)]
    return "" if any(is_urgent(scope, namespace) for namespace in namespaces) or not namespaces else where(namespaces)


def _selector(scope: Scope) -> tuple[tuple[str, str], ...]:
    return (("app.kubernetes.io/name", scope.name),)


def _address(scope: Scope, namespace: str) -> Address:
    return Address.kubernetes(scope.cluster_name, "StatefulSet", namespace, scope.name)


def _domain(scope: Scope, namespace: str) -> str:
    return f"{scope.name}-nodes.{namespace}.svc.cluster.local"


def _filled(script: str, values: dict[str, str]) -> str:
    for key, value in values.items():
        script = script.replace(f"@{key}@", value)
    return script


_PRIMARY = """\
# The primary is whom the Sentinels name; where none answers, nothing runs yet and it is the first pod.
first="@name@-0.@domain@"
primary=""
for number in @numbers@; do
  answer=$(REDISCLI_AUTH="$REDIS_PASSWORD" timeout 2 redis-cli -h "@name@-$number.@domain@" -p 26379 --raw \\
    sentinel get-master-addr-by-name @name@ 2>/dev/null | head -n 1) || answer=""
  case "$answer" in
    @name@-[0-9]*.@domain@) primary="$answer"; break ;;
  esac
done
[ -n "$primary" ] || primary="$first"
self="$(hostname).@domain@"
umask 077
"""

_REDIS = f"""\
#!/bin/sh
# Starts a Redis server as the primary or as a replica of it.
set -eu
{_PRIMARY}
cat > /run/redis/redis.conf <<END
port 6379
dir /data
requirepass $REDIS_PASSWORD
masterauth $REDIS_PASSWORD
replica-announce-ip $self
replica-announce-port 6379
# What cannot be dropped must not be lost to a full memory: only keys that expire by themselves may go, the least
# recently used first; sessions all expire.
maxmemory @memory@
maxmemory-policy volatile-lru
appendonly yes
appendfsync everysec
save ""
# A primary that has lost its replicas stops taking writes that nobody else would have.
min-replicas-to-write 1
min-replicas-max-lag 10
timeout 0
tcp-keepalive 60
END
[ "$primary" = "$self" ] || echo "replicaof $primary 6379" >> /run/redis/redis.conf
exec redis-server /run/redis/redis.conf
"""

_SENTINEL = f"""\
#!/bin/sh
# Starts a Sentinel, which knows its fellows through the primary.
set -eu
{_PRIMARY}
# A Sentinel that cannot resolve the primary's name gives up at once.
until getent hosts "$primary" > /dev/null; do sleep 1; done
cat > /run/sentinel/sentinel.conf <<END
port 26379
dir /run/sentinel
requirepass $REDIS_PASSWORD
sentinel sentinel-pass $REDIS_PASSWORD
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel announce-ip $self
sentinel announce-port 26379
sentinel monitor @name@ $primary 6379 @quorum@
sentinel auth-pass @name@ $REDIS_PASSWORD
sentinel down-after-milliseconds @name@ @down_after@
sentinel failover-timeout @name@ 10000
sentinel parallel-syncs @name@ 1
END
exec redis-server /run/sentinel/sentinel.conf --sentinel
"""

_SCRIPTS = {"redis.sh": _REDIS, "sentinel.sh": _SENTINEL}
