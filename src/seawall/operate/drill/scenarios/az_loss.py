"""An availability zone is lost, the one with both primaries: what lies in it goes at once, and the rest must do.

What lies where follows from the description: pods are spread over the zones evenly, a Multi-AZ database has its
standby in another zone. Nothing is restored and nothing is started anew: Sentinels of the other zones elect a primary,
the standby is promoted, and the load balancer leaves out the pods that do not answer.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from seawall.facts.network import Subnet
from seawall.operate.drill import balancer, faults, measure, seed
from seawall.operate.drill.balancer import Balancer
from seawall.operate.drill.events import Events
from seawall.operate.drill.load import Load
from seawall.operate.drill.promises import promised
from seawall.operate.drill.scenario import Measure, Outcome, Setting, scenario
from seawall.operate.drill.scenarios import cache_primary_loss, database_primary_loss
from seawall.operate.drill.servers import application, mariadb, nginx, pair, proxy, redis
from seawall.operate.drill.servers.application import Application, Cache
from seawall.operate.drill.servers.pair import Detector, MariadbPair
from seawall.operate.drill.stage import Stage, until
from seawall.operate.drill.writers import Writers

Thing = TypeVar("Thing")

_ENDPOINT = "database"
_QUIET = 1.5
"""Seconds without a failure after which visitors are served again."""


def _applies(setting: Setting) -> str:
    if redis.described(setting.graph) is None or mariadb.described(setting.graph) is None:
        return "it has no MySQL, or no cache with Sentinels of its own"
    if pair.described(setting) is None:
        return "its database has no standby in another zone"
    if application.described(setting.graph) is None:
        return "none of its services is played here"
    if len(zones(setting)) < 2:
        return "it lies in one zone"
    return ""


def zones(setting: Setting) -> list[str]:
    """The zones of the platform's own region, by its subnets."""
    found = {str(one.zone) for one in setting.facts.all(Subnet) if isinstance(one.zone, str)}
    return sorted(zone for zone in found if zone.startswith(setting.platform.region))


@scenario(
    "az-loss",
    needs={**nginx.PACKAGES, **mariadb.PACKAGES, **redis.PACKAGES, "pymysql": "seawall[drill]"},
    applies=_applies,
    faults=("kill", "freeze"),
)
def play(stage: Stage, setting: Setting, events: Events) -> Outcome:
    """The zone that holds the primaries of database and cache goes, with its pods, under load."""
    where, cache_of, database_of = zones(setting), redis.described(setting.graph), pair.described(setting)
    of = application.described(setting.graph)
    assert of is not None
    assert cache_of is not None
    assert database_of is not None
    databases = pair.start(stage, database_of)
    assert isinstance(databases, MariadbPair)
    database = databases.primary.database(database_of.of.database)
    credentials = databases.primary.credentials
    seed.seed(database, credentials, 1 if setting.short else min(setting.megabytes, 10), setting.chance)
    cache = redis.start(stage, cache_of)
    # What the database's name leads to: the instance's, which RDS gives to the standby.
    name = proxy.start(stage, {_ENDPOINT: databases.primary.port}, "endpoint")
    there = replace(database, port=name.ports[_ENDPOINT])
    kept = Cache(cache.sentinels, cache_of.name, cache.password)
    pods = [
        application.start(
            stage, f"{of.name}-{number}", database=there, credentials=credentials, cache=kept, of=of,
            replicas=redis.COPIES,
        )
        for number in range(of.replicas)
    ]  # fmt: skip
    old = cache.primary()
    assert old is not None
    # The Sentinels' numbers begin in the zone of the cache's primary, as do the pods of the service.
    inside = _in_first(pods, where)
    members = _in_first(cache.nodes[old.number :] + cache.nodes[: old.number], where)
    every = setting.probe or (0.5 if setting.short else None)
    balanced = _balanced(stage, setting, events, of, pods, every)
    events.add(
        "zones", f"{where[0]} holds both primaries, {len(inside)} of {len(pods)} pods, {len(members)} of the cache"
    )

    def noticed(what: str) -> None:
        events.add("detector", what)
        if what == pair.WRITER:
            name.aim(_ENDPOINT, databases.standby.port)
            events.add("database", "its name leads to the standby")

    probe = setting.probe or database_primary_loss.PROBE
    detector = Detector(databases, every=probe, failures=database_primary_loss.FAILURES, report=noticed)
    detector.start(setting.chance.random() * probe)
    sessions = cache_primary_loss.writers(cache, setting, events, "sessions", first=1).start()
    load = Load(
        stage, f"http://127.0.0.1:{balanced.listen[1]}", rate=30 if setting.short else setting.rate,
        chance=setting.chance, events=events, host=balanced.host,
    ).start()  # fmt: skip
    time.sleep(0.5 + setting.chance.random())
    lost = [*(pod.process for pod in inside), databases.primary.process]
    lost += [process for node in members for process in (node.server, node.sentinel)]
    detector.waits()
    faults.lose(setting.fault, lost)
    fault = events.add("fault", f"{setting.fault} of {where[0]}")
    _wait(load, sessions, events, fault, 120.0)
    time.sleep(0.5 if setting.short else 5.0)
    requests, keys = load.stop(), sessions.stop()
    detector.stop()
    balanced.stop()
    new = cache.primary()
    assert new is not None
    rows = measure.loss(requests, seed.written(databases.standby.database(database_of.of.database), credentials), fault)
    saved = measure.loss(keys, cache_primary_loss.numbers(cache, new), fault)
    rto, rpo = promised(setting, "zone_loss", "rto"), promised(setting, "zone_loss", "rpo")
    # Whoever logs in needs both, so the later of them counts.
    both = (measure.recovery(requests, fault), measure.recovery(keys, fault))
    back = max(math.inf if one is None else one for one in both)
    first, elected = measure.first_write(requests, fault), measure.first_write(keys, fault)
    timeouts = _timeouts(of)
    # Connections that hang do so from the fault on, while AWS promotes; after that one more attempt is enough.
    slowest = max(back, database_of.takes[1] + timeouts["connectTimeout"])
    measures = (
        Measure("until no write fails any more", back, "s", rto),
        Measure("RTO with AWS's own promotion at its slowest", slowest, "s", rto, claim="zone_loss.rto"),
        Measure("RPO", rows.seconds, "s", rpo, claim="zone_loss.rpo"),
        Measure("acknowledged visits lost", rows.rows, "writes", 0 if database_of.synchronous else None),
        Measure("acknowledged visits", rows.acknowledged, "writes", 1, at_least=True),
        Measure("acknowledged sessions lost", saved.rows, "writes", 0),
        Measure("first visit that is kept again", math.inf if first is None else first, "s"),
        Measure("first session that is kept again", math.inf if elected is None else elected, "s"),
        Measure("requests that fail", measure.failures(requests, fault), "requests"),
    )
    told = balancer.described(setting.graph, of.name)
    settings: dict[str, str | int | float] = {
        "zones": ", ".join(where), "lost": where[0], "pods": len(pods), "pods lost": len(inside),
        "target health check every (s)": every if every is not None else told.every,
        "target health check failures": balancer.FAILURES, "probe of the database (s)": probe,
        "AWS takes (s)": f"{database_of.takes[0]:g} to {database_of.takes[1]:g}",
        **{f"the application's {key} (s)": _said(seconds) for key, seconds in timeouts.items()}, **cache_of.settings(),
    }  # fmt: skip
    standins = {
        **database_primary_loss.standins(database_of, databases.version()),
        **cache_primary_loss.standins(cache),
        "the application": application.STANDIN,
        "the load balancer": f"{nginx.STANDIN}, in none of the zones",
        "CloudFront and the web tier": "nothing: visitors ask the load balancer for the service's own paths",
        "the database's name": "a proxy, without a time to live",
    }
    failures = [] if new is not old else ["no other server of the cache became primary"]
    return Outcome(
        measures,
        standins,
        settings,
        tuple(failures),
        measure.failed(requests),
        marks={"fault": fault, "back": fault + back},
    )


def _in_first(things: Sequence[Thing], where: Sequence[str]) -> list[Thing]:
    """Those of them that lie in the first zone when they are spread evenly."""
    return list(things[:: len(where)])


def _timeouts(of: application.Described) -> dict[str, float]:
    """How many seconds the application waits for a connection to its database, and for an answer."""
    options = dict(re.findall(r"[?&](\w+Timeout)=(\d+)", of.variables["SPRING_DATASOURCE_URL"]))
    # MySQL's driver counts milliseconds, and where it is told nothing waits for ever.
    return {
        key: int(options[key]) / 1000 if key in options else math.inf for key in ("connectTimeout", "socketTimeout")
    }


def _said(seconds: float) -> float | str:
    return seconds if math.isfinite(seconds) else "for ever"


def _balanced(
    stage: Stage,
    setting: Setting,
    events: Events,
    of: application.Described,
    pods: Sequence[Application],
    every: float | None,
) -> Balancer:
    routes = [rule for rule in nginx.rules(setting.graph) if rule.service == of.name]
    listen = ("127.0.0.1", stage.free_port())
    told = balancer.described(setting.graph, of.name)
    made = Balancer(stage, listen, routes, told, events, setting.chance, every=every).start()
    for pod in pods:
        made.add(pod.name, pod.address)
    return made


def _wait(load: Load, sessions: Writers, events: Events, fault: float, most: float) -> None:
    """Until both write again and no request has failed for a while."""

    def served() -> bool:
        requests = load.requests
        late = [one for one in requests if one.sent > fault]
        quiet = max((one.answered for one in late if one.failed), default=fault) < events.now() - _QUIET
        return quiet and any(one.acknowledged for one in late) and sessions.acknowledged_since(fault)

    until(served, what="visits and sessions are kept again", seconds=most, every=0.1)
    events.add("visitors", "are served again")
