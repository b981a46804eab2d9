"""A cache's primary is lost: the platform's own Sentinels choose another, and what was acknowledged must be there.

The application counts as written what a replica has, too (Redis's WAIT). Beside it are writers who do not wait: what
they lose on the wrong side of a partition shows that a loss would be seen. Where the fault is a partition, some of
both stay on the old primary's side of it.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from seawall.operate.drill import measure
from seawall.operate.drill.events import Events
from seawall.operate.drill.promises import promised
from seawall.operate.drill.scenario import Measure, Outcome, Setting, scenario
from seawall.operate.drill.servers import redis
from seawall.operate.drill.servers.redis import Node, Redis
from seawall.operate.drill.stage import Stage, until
from seawall.operate.drill.writers import Writers

if TYPE_CHECKING:
    from redis import Redis as Client

LONGEST = 7.0
"""Seconds that a failover may take at most, beside what the platform promises."""
_KEPT = 1800
_ELECTION = "cache: election (s)"
_CALIBRATED = 0.5


@dataclass(frozen=True, slots=True)
class Writing:
    """A connection to a server; ``copies`` is how many replicas must have what is written."""

    asked: Client
    copies: int

    def write(self, number: int) -> bool:
        """Write a key of that number as a session is written; whether it counts as written."""
        return redis.keep(self.asked, _key(number), str(number), _KEPT, copies=self.copies)

    def close(self) -> None:
        """Hang up."""
        self.asked.close()


def _applies(setting: Setting) -> str:
    if redis.described(setting.graph) is None:
        return "it runs no cache with Sentinels of its own; how ElastiCache fails over cannot be played here"
    return ""


def _calibrate(stage: Stage, setting: Setting, events: Events) -> Mapping[str, float]:
    """How long Sentinels take beyond the silence they wait for, measured at another silence than the platform's."""
    of = redis.described(setting.graph)
    assert of is not None
    took = []
    for number in range(1 if setting.short else 3):
        quick = replace(of.with_down_after(_CALIBRATED), name=f"{of.name}-{number}")
        cache = redis.start(stage, quick, parted=setting.fault == "partition")
        waits = writers(cache, setting, events, "waits").start()
        took.append(_fails_over(cache, setting.fault, waits, setting, events) - _CALIBRATED)
        waits.stop()
        for node in cache.nodes:
            node.kill()
    return {_ELECTION: sorted(took)[len(took) // 2]}


@scenario(
    "cache-primary-loss",
    needs=redis.PACKAGES | {"redis": "seawall[drill]"},
    applies=_applies,
    faults=("partition", "kill", "freeze"),
    calibrate=_calibrate,
)
def play(stage: Stage, setting: Setting, events: Events) -> Outcome:
    """The primary of the cache is parted from all others, killed or frozen, while clients write to it."""
    of = redis.described(setting.graph)
    assert of is not None
    parted = setting.fault == "partition"
    cache = redis.start(stage, of, parted=parted)
    old = cache.primary()
    assert old is not None, "a healthy cache has a primary"
    events.add("cache", f"{of.pods} servers and Sentinels agree; the primary is {of.name}-{old.number}")
    waiting = [writers(cache, setting, events, "waits")]
    hasty = [writers(cache, setting, events, "does not wait", copies=0, first=10**6)]
    if parted:
        waiting.append(writers(cache, setting, events, "waits, inside", first=2 * 10**6, on=old))
        hasty.append(writers(cache, setting, events, "does not wait, inside", copies=0, first=3 * 10**6, on=old))
    for each in (*waiting, *hasty):
        each.start()
    _fails_over(cache, setting.fault, waiting[0], setting, events)
    fault = next(event.at for event in events.all() if event.lane == "fault")
    # On the wrong side of the partition writes go on for as long as it lasts.
    time.sleep(0.5 if setting.short else 4.0)
    for each in (*waiting, *hasty):
        each.stop()
    failures = [] if setting.short else _mended(cache, old, setting.fault, events)
    new = cache.primary()
    if new is None or new is old:
        failures.append("no other server became primary")
    present = numbers(cache, new or old)
    return _outcome(cache, setting, fault, waiting, hasty, present, failures)


def writers(
    cache: Redis,
    setting: Setting,
    events: Events,
    name: str,
    *,
    copies: int = redis.COPIES,
    first: int = 1,
    on: Node | None = None,
) -> Writers:
    """Clients of a cache, who ask the Sentinels whom to write to, or write to a given server from its own side."""
    from redis.exceptions import RedisError

    find = redis.finder(cache.of.name, cache.sentinels, cache.password)

    def connect() -> Writing:
        return Writing(find() if on is None else cache.connect(on, inside=True), copies)

    return Writers(
        name,
        connect,
        lost=(RedisError,),
        clients=2,
        rate=setting.rate / 2,
        chance=setting.chance,
        events=events,
        first=first,
    )


def numbers(cache: Redis, node: Node) -> set[int]:
    """The numbers that a server has."""
    with cache.connect(node, 10.0) as asked:
        return {int(key.partition(":")[2]) for key in asked.scan_iter(_key("*"), count=10000)}


def _key(number: object) -> str:
    return f"drill:{number}"


def _fails_over(cache: Redis, fault: str, waits: Writers, setting: Setting, events: Events) -> float:
    """Lose the primary at no fixed moment of the Sentinels' rounds; the seconds until a write is acknowledged."""
    time.sleep(0.5 + setting.chance.random())
    node = cache.primary()
    assert node is not None, "a healthy cache has a primary"
    match fault:
        case "kill":
            node.kill()
        case "freeze":
            node.freeze()
        case "partition":
            cache.isolate(node)
    # From when it is over: what is sent while processes are being ended may still be answered by the last of them.
    at = events.add("fault", f"{fault} of {cache.of.name}-{node.number}, the primary")
    until(lambda: waits.acknowledged_since(at), what="a write is acknowledged again", seconds=60)
    back = measure.first_write(waits.requests, at)
    assert back is not None
    events.add("cache", "a write is acknowledged again")
    return back


def _mended(cache: Redis, old: Node, fault: str, events: Events) -> list[str]:
    """Undo the fault where that can be, and see whether the old primary follows the new one."""
    if fault == "kill":
        return []
    if fault == "freeze":
        old.thaw()
    else:
        cache.rejoin(old)
    events.add("fault", "is over")
    took = until(cache.healthy, what="the old primary follows the new one", seconds=60, every=0.1)
    events.add("cache", f"the old primary follows the new one, {took:.1f} s later")
    return []


def _outcome(
    cache: Redis,
    setting: Setting,
    fault: float,
    waiting: Sequence[Writers],
    hasty: Sequence[Writers],
    present: Collection[int],
    failures: Sequence[str],
) -> Outcome:
    kept = measure.loss([one for each in waiting for one in each.requests], present, fault)
    lost = measure.loss([one for each in hasty for one in each.requests], present, fault)
    outside = waiting[0].requests
    took, back = measure.first_write(outside, fault), measure.recovery(outside, fault)
    assert took is not None
    election = setting.constants.get(_ELECTION)
    expected = None if election is None else cache.of.down_after + election
    rto = promised(setting, "zone_loss", "rto")
    shows = setting.fault == "partition"
    measures = [
        Measure("failover", took, "s", min(LONGEST, rto or LONGEST), expected=expected),
        Measure("until no write fails any more", back if back is not None else float("inf"), "s", rto),
        Measure("acknowledged writes lost", kept.rows, "writes", 0),
        Measure("acknowledged writes", kept.acknowledged, "writes", 1, at_least=True),
        # By a kill on one machine nothing need be lost: the kernel still delivers what lay in the sockets.
        Measure("lost without WAIT", lost.rows, "writes", 1 if shows else None, at_least=shows),
        Measure("acknowledged without WAIT", lost.acknowledged, "writes"),
    ]
    return Outcome(
        tuple(measures),
        standins(cache),
        cache.of.settings() | {"copies that WAIT asks for": redis.COPIES, "WAIT's patience (s)": redis.PATIENCE},
        tuple(failures),
        requests=measure.failed(outside),
        marks={"fault": fault, "a write is acknowledged again": fault + took},
    )


def standins(cache: Redis) -> dict[str, str]:
    """What plays the cache, and what does not hold of it."""
    played = {
        cache.of.image.rpartition("/")[2]: f"Redis {cache.version()}",
        "pods in zones": "processes on one machine",
    }
    if cache.proxy is not None:
        played["the network between zones"] = "a proxy, and the parted zone's own Sentinel frozen"
    return played
