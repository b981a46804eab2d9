"""Pods die and are replaced under users who are logged in: the cache keeps their sessions, so nobody has to log in.

The same death is played once more on pods that keep sessions in their own memory, each user kept to one of them, so
that it is known that a loss would be seen.
"""

from __future__ import annotations

import math
import random
import time

from seawall.operate.drill import balancer, measure, seed
from seawall.operate.drill.events import Events
from seawall.operate.drill.faults import lose
from seawall.operate.drill.scenario import Measure, Outcome, Setting, scenario
from seawall.operate.drill.servers import application, mariadb, nginx, redis
from seawall.operate.drill.servers.application import Application
from seawall.operate.drill.stage import Stage, until
from seawall.operate.drill.tier import Tier
from seawall.operate.drill.users import BY, Users


def _applies(setting: Setting) -> str:
    if redis.described(setting.graph) is None:
        return "it keeps no sessions in a cache in its cluster"
    if mariadb.described(setting.graph) is None:
        return "it has no MySQL"
    found = application.described(setting.graph)
    if found is None or "SPRING_DATA_REDIS_SENTINEL_NODES" not in found.variables:
        return "no service of it keeps sessions in the cache"
    return ""


@scenario(
    "session-survival",
    needs={**nginx.PACKAGES, **mariadb.PACKAGES, **redis.PACKAGES, "pymysql": "seawall[drill]"},
    applies=_applies,
    faults=("kill", "freeze"),
)
def play(stage: Stage, setting: Setting, events: Events) -> Outcome:
    """One pod dies and the rest are replaced one by one, and no user who is logged in has to log in again."""
    of, cache_of = application.described(setting.graph), redis.described(setting.graph)
    assert of is not None
    assert cache_of is not None
    server = mariadb.start(stage, "database", of=mariadb.described(setting.graph), databases=["petclinic"])
    database = server.database("petclinic")
    seed.seed(database, server.credentials, 1, setting.chance)
    kept = redis.start(stage, cache_of)
    cache = application.Cache(kept.sentinels, cache_of.name, kept.password)
    events.add("cache", "keeps sessions")
    number = 12 if setting.short else 60
    every = setting.probe if setting.probe is not None else (0.5 if setting.short else None)
    # A short play hurries through the time in which a load balancer learns that a pod leaves.
    hurry = 20.0 if setting.short else 4.0
    names = iter(range(1, 100))

    def pod(inside: bool) -> Application:
        return application.start(
            stage,
            f"{of.name}-{next(names)}",
            database=database,
            cache=None if inside else cache,
            of=of,
            replicas=0 if inside else redis.COPIES,
        )

    tier = Tier(stage, setting.graph, of, lambda: pod(False), events, setting.chance, every=every, hurry=hurry).start()
    users = _clicking(tier, setting, events, number)
    lost, failed, away = _death(tier, users, events, setting.fault, setting.chance)
    began = events.now()
    tier.replace_all()
    # Whoever was told too late clicks once more.
    time.sleep(1.0)
    replaced = measure.failures(users.clicks, began)
    forgotten = len(users.logged_out())
    latency = measure.latency(users.stop())
    tier.stop()
    apart = Tier(
        stage, setting.graph, of, lambda: pod(True), events, setting.chance,
        every=every, hurry=hurry, by=BY, name="comparison",
    ).start()  # fmt: skip
    others = _clicking(apart, setting, events, number)
    compared, _, _ = _death(apart, others, events, setting.fault, setting.chance)
    others.stop()
    apart.stop()
    measures = (
        Measure("users logged out", forgotten, "users", 0),
        Measure("clicks that fail when a pod dies", failed, "clicks"),
        Measure("a dead pod is asked for", away, "s"),
        Measure("clicks that fail while pods are replaced", replaced, "clicks", 0),
        Measure("users logged out with sessions in the pods' memory", compared, "users", 1, at_least=True),
        Measure("clicks", latency.requests, "clicks"),
        Measure("99th percentile of clicks", latency.p99, "s"),
    )
    settings: dict[str, str | int | float] = {
        "users": number,
        "pods": len(tier.pods),
        "session timeout, s": of.session_seconds,
        "replicas that have a session before it counts": redis.COPIES,
        "target health check every, s": tier.every,
        "target health check failures": balancer.FAILURES,
        "a dead pod is taken out of the targets within, s": tier.noticed,
        "notice before SIGTERM, s": of.notice / hurry,
        "time to finish, s": of.drain,
        **cache_of.settings(),
    }
    standins = {
        "the application": application.STANDIN,
        "the load balancer": nginx.STANDIN,
        "MySQL": mariadb.STANDIN,
        f"Redis of {cache_of.image}": redis.STANDIN,
        "Kubernetes": "this drill, which starts a pod for each that died",
    }
    failures = [] if lost == 0 else [f"{lost} users were logged out when a pod died"]
    return Outcome(measures, standins, settings, tuple(failures), measure.failed(users.clicks))


def _clicking(tier: Tier, setting: Setting, events: Events, number: int) -> Users:
    """Users who are logged in, each of whom has clicked."""
    users = Users(tier.url, number, chance=setting.chance, events=events, host=tier.host)
    until(lambda: _logs_in(users), what="everybody is logged in")
    events.add("users", f"{number} of them click")
    until(lambda: len(users.clicks) > 2 * number, what="everybody has clicked")
    return users


def _logs_in(users: Users) -> bool:
    """A configuration is taken a moment after it was given."""
    try:
        users.start()
    except OSError:
        return False
    return True


def _death(tier: Tier, users: Users, events: Events, fault: str, chance: random.Random) -> tuple[int, int, float]:
    """Lose a pod and start another: users logged out, clicks that failed, and for how many seconds some did."""
    name, dying = next(iter(tier.pods.items()))
    events.add(name, f"is lost ({fault})")
    began = events.now()
    lose(fault, [dying.process])
    # A process that ended is known to Kubernetes, whose controller takes its pod out of the targets; one that hangs is
    # known to nobody before the load balancer's own check: two questions, each until an answer is given up.
    told = began + (chance.random() * tier.noticed if fault == "kill" else math.inf)
    tier.add()
    until(
        lambda: events.now() >= told or any(event.lane == f"target {name}" for event in events.all()),
        seconds=30.0 + 3.0 * tier.every,
        what=f"{name} is left out",
    )
    noticed = events.now()
    tier.forget(name).process.kill()
    events.add(name, "is asked no more")
    # A configuration is taken a moment after it was given.
    time.sleep(0.5)
    everybody = len({click.number for click in users.clicks})
    until(lambda: _since(users, noticed) >= everybody, what="everybody has clicked again")
    clicks = [click for click in users.clicks if click.sent >= began]
    away = max((click.answered for click in clicks if click.failed), default=began) - began
    return len(users.logged_out(began)), measure.failures(clicks), away


def _since(users: Users, begin: float) -> int:
    return len({click.number for click in users.clicks if click.sent >= begin})
