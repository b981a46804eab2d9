"""Pods die and are replaced under users who are logged in: the cache keeps their sessions, so nobody has to log in.

The same death is played once more on pods that keep sessions in their own memory, each user kept to one of them, so
that it is known that a loss would be seen.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from seawall.operate.drill import balancer, measure, seed
from seawall.operate.drill.balancer import Balancer
from seawall.operate.drill.events import Events
from seawall.operate.drill.scenario import Measure, Outcome, Setting, scenario
from seawall.operate.drill.servers import application, mariadb, nginx, redis
from seawall.operate.drill.servers.application import Application
from seawall.operate.drill.stage import Stage, until
from seawall.operate.drill.users import BY, Users

_NOTICED = 10.0
"""Seconds until the load balancer has been told that a pod leaves: what the pods' notice reckons with."""


def _applies(setting: Setting) -> str:
    if redis.described(setting.graph) is None:
        return "it keeps no sessions in a cache in its cluster"
    if mariadb.described(setting.graph) is None:
        return "it has no MySQL"
    found = application.described(setting.graph)
    if found is None or "SPRING_DATA_REDIS_SENTINEL_NODES" not in found.variables:
        return "no service of it keeps sessions in the cache"
    return ""


@dataclass(slots=True)
class _Tier:
    """Pods behind a load balancer, and users who click."""

    balanced: Balancer
    users: Users
    pods: dict[str, Application]


@scenario(
    "session-survival",
    needs={**nginx.PACKAGES, **mariadb.PACKAGES, **redis.PACKAGES, "pymysql": "seawall[drill]"},
    applies=_applies,
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

    tier = _tier(stage, setting, events, lambda: pod(False), number, every, name="balancer")
    lost, failed, away = _death(tier, events, lambda: pod(False))
    began = events.now()
    for old in list(tier.pods):
        _replace(tier, old, of, events, lambda: pod(False), hurry)
    # Whoever was told too late clicks once more.
    time.sleep(1.0)
    replaced = measure.failures(tier.users.clicks, began)
    forgotten = len(tier.users.logged_out())
    latency = measure.latency(tier.users.stop())
    tier.balanced.stop()
    apart = _tier(stage, setting, events, lambda: pod(True), number, every, name="comparison", by=BY)
    compared, _, _ = _death(apart, events, lambda: pod(True))
    apart.users.stop()
    apart.balanced.stop()
    measures = (
        Measure("users logged out", forgotten, "users", 0),
        Measure("clicks that fail when a pod dies", failed, "clicks"),
        Measure("a dead pod is asked for", away, "s"),
        Measure("clicks that fail while pods are replaced", replaced, "clicks", 0),
        Measure("users logged out with sessions in the pods' memory", compared, "users", 1, at_least=True),
        Measure("clicks", latency.requests, "clicks"),
        Measure("99th percentile of clicks", latency.p99, "s"),
    )
    told = balancer.described(setting.graph, of.name)
    settings: dict[str, str | int | float] = {
        "users": number,
        "pods": len(tier.pods),
        "session timeout, s": of.session_seconds,
        "replicas that have a session before it counts": redis.COPIES,
        "target health check every, s": every if every is not None else told.every,
        "target health check failures": balancer.FAILURES,
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
    return Outcome(measures, standins, settings, tuple(failures), measure.failed(tier.users.clicks))


def _tier(
    stage: Stage,
    setting: Setting,
    events: Events,
    pod: Callable[[], Application],
    users: int,
    every: float | None,
    *,
    name: str,
    by: str = "",
) -> _Tier:
    pods = {one.name: one for one in (pod(), pod())}
    of = application.described(setting.graph)
    assert of is not None
    routes = nginx.rules(setting.graph)
    if not any(rule.service == of.name for rule in routes):
        # Its service is reached through the web tier, which hands on whatever it is asked.
        routes = (nginx.Rule(routes[0].hosts, "/", False, of.name),)
    listen = ("127.0.0.1", stage.free_port())
    told = balancer.described(setting.graph, of.name)
    balanced = Balancer(stage, listen, routes, told, events, setting.chance, every=every, by=by, name=name)
    balanced.start()
    for one in pods.values():
        balanced.add(one.name, one.address)
    url = f"http://{listen[0]}:{listen[1]}"
    clicking = Users(url, users, chance=setting.chance, events=events, host=balanced.host)
    until(lambda: _logs_in(clicking), what="everybody is logged in")
    events.add("users", f"{users} of them click")
    until(lambda: len(clicking.clicks) > 2 * users, what="everybody has clicked")
    return _Tier(balanced, clicking, pods)


def _logs_in(users: Users) -> bool:
    """A configuration is taken a moment after it was given."""
    try:
        users.start()
    except OSError:
        return False
    return True


def _death(tier: _Tier, events: Events, pod: Callable[[], Application]) -> tuple[int, int, float]:
    """Kill a pod and start another: users logged out, clicks that failed, and for how many seconds some did."""
    name, dying = next(iter(tier.pods.items()))
    events.add(name, "is killed")
    fault = events.now()
    dying.process.kill()
    # Kubernetes starts another at once, and sends to it once it is ready; the dead one is left when a check says so.
    new = pod()
    tier.balanced.add(new.name, new.address)
    tier.pods[new.name] = new
    events.add(new.name, "is ready")
    lane = f"target {name}"
    until(lambda: any(event.lane == lane and event.at > fault for event in events.all()), what=f"{name} is left out")
    time.sleep(0.5)
    noticed = events.now()
    tier.balanced.remove(name)
    del tier.pods[name]
    users = len({click.number for click in tier.users.clicks})
    until(lambda: _since(tier.users, noticed) >= users, what="everybody has clicked again")
    clicks = [click for click in tier.users.clicks if click.sent >= fault]
    away = max((click.answered for click in clicks if click.failed), default=fault) - fault
    return len(tier.users.logged_out(fault)), measure.failures(clicks), away


def _since(users: Users, begin: float) -> int:
    return len({click.number for click in users.clicks if click.sent >= begin})


def _replace(
    tier: _Tier,
    old: str,
    of: application.Described,
    events: Events,
    pod: Callable[[], Application],
    hurry: float,
) -> None:
    """Replace a pod as a rollout does: another first, then word that this one leaves, then SIGTERM."""
    new = pod()
    tier.balanced.add(new.name, new.address)
    tier.pods[new.name] = new
    events.add(old, "is to end")
    began = time.monotonic()
    # The load balancer is told while the pod goes on answering.
    time.sleep(_NOTICED / hurry)
    tier.balanced.remove(old)
    ending = tier.pods.pop(old)
    application.finish(ending, of, hurry=hurry, already=time.monotonic() - began)
    events.add(old, "has ended")
