"""Caches: Redis with Sentinels in the cluster, as the exporters beside them tell, and nodes on ElastiCache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seawall.components import steps
from seawall.components.alert import Alert, Series
from seawall.components.alerting import cloudwatch
from seawall.components.alerting.promql import any_of, series
from seawall.components.offer import Pods

SESSIONS = 1000
"""How many sessions are more than there should be, unless the description says otherwise."""


@dataclass(frozen=True, slots=True)
class Cached:
    """A cache in the cluster: its name, its pods, how many there are, and the pattern of keys that are sessions."""

    name: str
    pods: Pods
    members: int
    sessions: str = ""

    @property
    def selector(self) -> str:
        """Its pods, and no other cache's."""
        return f'namespace="{self.pods.namespace}",job="{self.name}"'


@dataclass(frozen=True, slots=True)
class Managed:
    """A cache on ElastiCache: its name and those of its nodes; ``place`` is empty if those who need it are urgent."""

    name: str
    nodes: tuple[str, ...]
    place: str = ""


def alerts(cached: list[Cached]) -> Iterator[Alert]:
    """What is worth an alert of all caches in the cluster."""
    first = cached[0]
    parts = " or ".join(
        f'(label_replace({_well(each)} < {each.members}, "cache", "{each.name}", "", ""))' for each in cached
    )
    yield Alert(
        name="RedisDown",
        severity="warning",
        expr=parts,
        lasts=120,
        says="Of the servers of the cache {{ $labels.cache }} only {{ $value | printf `%.0f` }} answer; a further one "
        "that goes may take it away.",
        first=(
            f"Which one and why: {steps.look(first.pods)}, then `kubectl -n {first.pods.namespace} describe pod POD`.",
            f"What it said: {steps.logs(first.pods)}.",
            "It finds no node, or its volume is in a zone without one: `kubectl get nodes -L "
            "topology.kubernetes.io/zone`.",
            "It is killed for its memory: raise `memory` of the cache in the description.",
            "It runs and does not answer: delete the pod; the Sentinels choose another primary within seconds.",
        ),
        labels=_CACHE,
        fires=tuple(_up(first, number, "1x5 0x40" if number == 0 else "1x60") for number in range(first.members)),
        # One of them starts anew, as in every upgrade.
        quiet=tuple(_up(first, number, "1x5 0x1 1x40" if number == 0 else "1x60") for number in range(first.members)),
    )
    majorities = " or ".join(
        f'(label_replace({_well(each)} < {each.members // 2 + 1}, "cache", "{each.name}", "", ""))' for each in cached
    )
    yield Alert(
        name="RedisWithoutMajority",
        severity="critical",
        expr=majorities,
        lasts=60,
        says="Of the cache {{ $labels.cache }} only {{ $value | printf `%.0f` }} members answer: no majority of "
        "Sentinels can choose a primary, and without one nothing is written.",
        first=(
            f"Which are away: {steps.look(first.pods)}.",
            "Several nodes at once: `kubectl get nodes`; bring nodes first, the rest follows by itself.",
            "All run and none answers: the password was changed and they hold the old one; "
            f"`kubectl -n {first.pods.namespace} rollout restart statefulset/{first.name}`.",
            "Until it is back, sessions are lost with it and users have to sign in anew.",
        ),
        labels=_CACHE,
        fires=tuple(_up(first, number, "1x5 0x40" if number else "1x60") for number in range(first.members)),
        quiet=tuple(_up(first, number, "1x5 0x40" if number == 0 else "1x60") for number in range(first.members)),
    )
    holding = [each for each in cached if each.sessions]
    if holding:
        yield _sessions(holding)
        yield _endless(holding)


def _well(each: Cached) -> str:
    """How many of its servers answer their exporter; none where no exporter is left to say so."""
    return f"(count(redis_up{{{each.selector}}} == 1) or vector(0))"


def _sessions(cached: list[Cached]) -> Alert:
    first = cached[0]
    return Alert(
        name="SessionLeakage",
        severity="warning",
        expr=f"{_most(cached, 'redis_keys_count', first.sessions)} > {SESSIONS}",
        lasts=900,
        says="There are {{ $value | printf `%.0f` }} sessions in {{ $labels.job }}: more visitors than usual, or "
        "clients that begin a session with each request.",
        first=(
            "Whether requests have risen with them: HighRequestRate. If so it is visitors; raise `above` of this alert."
            "",
            "Whether clients keep their cookie: health checks, monitors and robots that do not leave a session each "
            "time; have their paths make none.",
            "Whether sessions end: `SESSION` keys without a time to live, see SessionsWithoutEnd.",
            f"How much room there is: `kubectl -n {first.pods.namespace} exec {first.name}-0 -c redis -- sh -c "
            "'REDISCLI_AUTH=$REDIS_PASSWORD redis-cli info memory'`.",
        ),
        labels=_JOB,
        fires=(_sessions_of(first, "1500x60"),),
        # Each replica has the same keys, which count once; and there are other keys than sessions.
        quiet=(
            *(_sessions_of(first, "600x60", number) for number in range(first.members)),
            _keys(first, "redis_db_keys", "5000x60"),
        ),
    )


def _endless(cached: list[Cached]) -> Alert:
    first = cached[0]
    keys, expiring = _most(cached, "redis_db_keys"), _most(cached, "redis_db_keys_expiring")
    return Alert(
        name="SessionsWithoutEnd",
        severity="warning",
        expr=f"{keys} - {expiring} > 100",
        lasts=900,
        says="{{ $value | printf `%.0f` }} keys of {{ $labels.job }}, which keeps sessions, never end: they stay until "
        "memory is full, and then nothing is written any more.",
        first=(
            f"Which they are: `kubectl -n {first.pods.namespace} exec {first.name}-0 -c redis -- sh -c "
            "'REDISCLI_AUTH=$REDIS_PASSWORD redis-cli --scan | head -50'`, and `ttl KEY` of some; -1 is for ever.",
            "They are sessions: a version writes them without their timeout; take its release back.",
            "They are something else: give them an end, or a cache of their own.",
        ),
        labels=_JOB,
        fires=(_keys(first, "redis_db_keys", "900x60"), _keys(first, "redis_db_keys_expiring", "500x60")),
        quiet=(_keys(first, "redis_db_keys", "900x60"), _keys(first, "redis_db_keys_expiring", "890x60")),
    )


def managed(caches: list[Managed]) -> Iterator[Alert]:
    """What is worth an alert of all caches on ElastiCache."""
    for place in sorted({each.place for each in caches}):
        yield _silent([(each, node) for each in caches if each.place == place for node in each.nodes], place)
    full = cloudwatch.selected(
        "AWS/ElastiCache",
        "DatabaseMemoryUsagePercentage",
        "Maximum",
        any_of("dimension_CacheClusterId", (node for each in caches for node in each.nodes)),
    )
    metric = full.partition("{")[0]
    one = {"dimension_CacheClusterId": caches[0].nodes[0]}
    yield Alert(
        name="RedisMemoryFull",
        severity="warning",
        expr=f"max by (dimension_CacheClusterId) ({full}) > 90",
        lasts=300,
        says="The cache's node {{ $labels.dimension_CacheClusterId }} has {{ $value | printf `%.0f` }} % of its memory "
        "in use; what expires by itself will go before its time.",
        first=(
            "What takes it: `redis-cli --bigkeys` from a pod that needs it; jobs that nobody works off are the usual "
            "ones, see QueueTooLong.",
            "Keys without an end: have whoever writes them say one.",
            "It is what there is: take the next larger `class` in the description.",
        ),
        fires=(series(metric, "95x40", one),),
        quiet=(series(metric, "95x3 70x37", one), series(metric, "99x40", {"dimension_CacheClusterId": "else-001"})),
    )


def _silent(nodes: list[tuple[Managed, str]], place: str) -> Alert:
    parts = []
    for each, node in nodes:
        told = cloudwatch.selected(
            "AWS/ElastiCache", "EngineCPUUtilization", "Average", f'dimension_CacheClusterId="{node}"'
        )
        parts.append(
            f'label_replace(label_replace({cloudwatch.silent(told)}, "node", "{node}", "", ""), '
            f'"cache", "{each.name}", "", "")'
        )
    metric = "aws_elasticache_engine_cpuutilization_average"
    heard = [series(metric, "3x5", {"dimension_CacheClusterId": node}) for _, node in nodes]
    asked = series(cloudwatch.ASKING, "0+10x60", {"api_name": "GetMetricData"})
    return Alert(
        name=f"CacheNodeDown{place}",
        severity="warning" if place else "critical",
        expr=" or ".join(parts),
        lasts=60,
        says="The node {{ $labels.node }} of the cache {{ $labels.cache }} has told CloudWatch nothing for ten "
        "minutes: it is down, or being replaced.",
        first=(
            "What AWS says of it: `aws elasticache describe-cache-clusters --cache-cluster-id NODE "
            "--show-cache-node-info`, and `aws elasticache describe-events --duration 60`.",
            "Where there are replicas one of them has taken over; clients that still hold dead connections: start them "
            "anew.",
            "Where there are none it is made anew and empty; what was in it is gone.",
        ),
        labels=_CACHE,
        fires=(*heard, asked),
        quiet=(*heard, asked, series(cloudwatch.FAILING, "0+5x60", {"api_name": "GetMetricData"})),
    )


_CACHE = {"service": "{{ $labels.cache }}"}
_JOB = {"service": "{{ $labels.job }}"}


def _most(cached: list[Cached], metric: str, key: str = "") -> str:
    """Over a cache's members, each of which has the same keys."""
    namespaces = any_of("namespace", (each.pods.namespace for each in cached))
    keys = f',key="{key}"' if key else ""
    jobs = any_of("job", (each.name for each in cached))
    return f'max by (namespace, job) ({metric}{{{namespaces},{jobs},db="db0"{keys}}})'


def _up(each: Cached, number: int, values: str) -> Series:
    return series("redis_up", values, _member(each, number))


def _sessions_of(each: Cached, values: str, number: int = 0) -> Series:
    return series("redis_keys_count", values, {**_member(each, number), "db": "db0", "key": each.sessions})


def _keys(each: Cached, metric: str, values: str) -> Series:
    return series(metric, values, {**_member(each, 0), "db": "db0"})


def _member(each: Cached, number: int) -> dict[str, str]:
    return {"namespace": each.pods.namespace, "pod": f"{each.name}-{number}", "job": each.name}
