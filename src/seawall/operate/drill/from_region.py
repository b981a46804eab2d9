"""Home is lost and a second region takes over: its database follows home's, as late as the way is, and is promoted.

Both regions run: the second serves reads at once when names lead there, and writes once its database is the writer. The
runbook is that of the takeover's plan; the calls that it makes are carried out on the drill's own servers.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from seawall.components.takeover.plans import plan
from seawall.kernel.value import map_holes
from seawall.operate.drill import estimate, faults, home, measure, places, seed
from seawall.operate.drill import front as fronts
from seawall.operate.drill.cloud import Cloud
from seawall.operate.drill.course import checks, slices
from seawall.operate.drill.events import Events
from seawall.operate.drill.front import Front
from seawall.operate.drill.load import Load, Request
from seawall.operate.drill.promises import promised
from seawall.operate.drill.scenario import Measure, Outcome, Setting
from seawall.operate.drill.servers import application, dns, health, nginx, postgresql, proxy
from seawall.operate.drill.servers.authority import authority
from seawall.operate.drill.servers.postgresql import Postgresql
from seawall.operate.drill.stage import Stage, until
from seawall.operate.failover.region import Carrying, runbook, settled
from seawall.operate.runbook import run

NEEDS: Final[Mapping[str, str]] = {
    **postgresql.PACKAGES,
    **nginx.PACKAGES,
    "pg8000": "seawall[drill]",
    "dnslib": "seawall[drill]",
    "cryptography": "seawall[agent]",
}
WAY: Final = 0.3
"""Seconds that a change needs from home to the other region here; Aurora's own is typically below one."""
_PACE: Final = 0.005
"""How much quicker than AWS the drill's servers are asked whether something is so."""
_LINE = "replication"


def applies(setting: Setting) -> str:
    """Why no second region can take over; nothing where one can."""
    if not setting.platform.home.sites:
        return "it has no second region"
    if postgresql.described(setting.graph) is None:
        return "its database is no PostgreSQL that a second region follows"
    return fronts.applies(setting.graph)


class Regions:
    """The play: home with its database, a second region with one that follows through a line that can be parted."""

    def __init__(self, stage: Stage, setting: Setting, events: Events) -> None:
        self.stage, self.setting, self.events = stage, setting, events
        said = postgresql.described(setting.graph)
        assert said is not None
        self.name = said.database
        self.primary, self.replica, self.line = _pair(stage, said, setting)
        self.front = Front(
            stage, setting.graph, events, setting.chance, page="http://127.0.0.1:9/page", probe=setting.probe,
            ttl=setting.ttl,
        )  # fmt: skip
        self.home_place = self.front.places[0]
        self.other_place = home.second(setting.graph, self.front)
        pods = 1 if setting.short else 2
        graph, front = setting.graph, self.front
        self.home = home.start(
            stage, "home", graph, front, self.home_place, self.primary.database(self.name), [self.primary], pods=pods,
            cached=False,
        )  # fmt: skip
        self.other = home.start(
            stage,
            "other",
            graph,
            front,
            self.other_place,
            self.replica.database(self.name),
            [],
            pods=pods,
            cached=False,
        )
        self.front.start()
        self.load = Load(
            stage, front.url, rate=setting.rate, chance=setting.chance, events=events, host=front.host,
            patience=5.0 if setting.short else 10.0,
        )  # fmt: skip

    def lose(self) -> float:
        """Lose home at a moment of the probes' cycle that chance chooses; the moment."""
        cycle = 2 * checks(self.setting, self.front).interval
        time.sleep(min(cycle, 1.0 if self.setting.short else 10.0) * self.setting.chance.random())
        at = self.events.add("region", f"home is lost ({self.setting.fault})")
        # What is on its way between the regions is lost with home; a kill alone would let it arrive.
        self.line.freeze()
        faults.lose(self.setting.fault, self.home.servers, [self.home.balancer.process])
        return at

    def detected(self, fault: float, patience: float) -> float:
        """Wait until the checkers agree that home is lost; seconds since then."""
        check = self.front.check_of(self.home_place)
        until(
            lambda: not self.front.well(check), seconds=patience, what="the health checks find home lost", every=0.005
        )
        lane = fronts.lane(fronts.checked(self.setting.graph, self.home_place))
        found = measure.detection(self.events.all(), fault, lane, health.DOWN)
        assert found is not None
        return found

    def take_over(self) -> Mapping[str, float]:
        """Run the takeover's plan; seconds by step."""
        platform = self.setting.platform
        site = next(iter(platform.home.sites))
        actions = settled(plan(platform, site, "failover"), lambda value: map_holes(value, str))
        cloud = Cloud(
            actions,
            {
                ("rds", "failover_global_cluster"): self._promote,
                ("route53", "update_health_check"): lambda: self.front.leave(self.home_place),
            },
            {
                ("rds", "describe_global_clusters"): lambda: (
                    self.replica.ask("SELECT pg_is_in_recovery()") == [[False]]
                ),
                ("route53", "get_health_check"): lambda: self.front.left(self.home_place),
                ("cloudwatch", "describe_alarms"): self._is_served,
            },
            self.events,
        )
        book = runbook(
            f"{platform.name}-{platform.environment}", site, "failover", actions, Carrying(cloud.client, pace=_PACE)
        )
        folder = self.stage.root / "operations"
        return run(book, folder, report=places.reporter(self.events), approve=places.agree(self.events)).seconds

    def _promote(self) -> None:
        postgresql.promote(self.replica)
        self.events.add("database", "the other region's database is the writer")

    def _is_served(self) -> bool:
        return home.served_from_outside(self.front, self.front.host, places.PATH, "")


def play(stage: Stage, setting: Setting, events: Events) -> Outcome:
    """Play it once."""
    regions = Regions(stage, setting, events)
    try:
        return _played(regions)
    finally:
        regions.front.stop()


def _played(regions: Regions) -> Outcome:
    setting = regions.setting
    regions.load.start()
    time.sleep(0.5 if setting.short else 3.0)
    fault = regions.lose()
    patience = 60.0 + 12 * checks(setting, regions.front).interval
    detected = regions.detected(fault, patience)
    seconds = regions.take_over()
    until(
        lambda: measure.recovery(regions.load.requests, fault) is not None,
        seconds=patience + 2 * checks(setting, regions.front).ttl,
        what="a write is acknowledged again",
    )
    time.sleep(0.7 if setting.short else 2.0)
    requests = regions.load.stop()
    regions.front.stop()
    return _outcome(regions, fault, detected, seconds, requests)


def calibrate(stage: Stage, setting: Setting, events: Events) -> Mapping[str, float]:
    """How long a promotion takes from the call to the first write that is taken, on servers of its own."""
    said = postgresql.described(setting.graph)
    assert said is not None
    _, replica, _ = _pair(stage, said, setting)
    began = events.now()
    postgresql.promote(replica)
    replica.ask("CREATE TABLE first_write (number int)", said.database)
    return {"promote": events.now() - began}


def _pair(stage: Stage, said: postgresql.Described, setting: Setting) -> tuple[Postgresql, Postgresql, proxy.Proxy]:
    """A primary with data, and a follower behind a line that delays what passes."""
    primary = postgresql.start(stage, "home-database", authority(stage), of=said)
    megabytes = min(setting.megabytes, 20)
    seed.seed(primary.database(said.database), primary.credentials, megabytes, setting.chance)
    line = proxy.start(stage, {_LINE: primary.port}, "between-regions")
    replica = postgresql.follow(stage, "other-database", primary, through=line.ports[_LINE])
    line.delay(WAY, _LINE)
    return primary, replica, line


def _outcome(
    regions: Regions, fault: float, detected: float, seconds: Mapping[str, float], requests: Sequence[Request]
) -> Outcome:
    setting = regions.setting
    present = seed.written(regions.replica.database(regions.name), regions.replica.credentials)
    lost = measure.loss(requests, present, fault)
    back = measure.recovery(requests, fault)
    read = _first_read(requests, fault + detected)
    parts = _critical_path(regions)
    for line in estimate.lines(parts):
        regions.events.add(estimate.LANE, line)
    measures = [Measure("detected", detected, "s", expected=parts[0].seconds if parts else None)]
    if read is not None:
        measures.append(Measure("reads served again", read - fault, "s"))
    if back is not None:
        limit = promised(setting, "region_loss", "rto")
        expected = estimate.total(parts) if parts else None
        measures.append(Measure("RTO", back, "s", limit, expected=expected, claim="region_loss.rto"))
    limit = promised(setting, "region_loss", "rpo")
    measures += [
        Measure("RPO", lost.seconds, "s", limit, expected=WAY, claim="region_loss.rpo"),
        Measure("lost writes", lost.rows, "rows"),
        Measure("acknowledged writes", lost.acknowledged, "rows"),
    ]
    marks = {"lost": fault, "detected": fault + detected}
    marks |= {"RTO": fault + back} if back is not None else {}
    return Outcome(
        tuple(measures),
        {
            "Aurora PostgreSQL over regions": f"{postgresql.STANDIN}, and a follower through a line that delays",
            "the control plane of AWS": "calls that are carried out on these servers; others are taken as done",
            "CloudFront and the load balancers": nginx.STANDIN,
            "Route 53": f"{dns.STANDIN}, {health.STANDIN}",
            "the application": application.STANDIN,
            "whoever decides": "a yes after 0 s",
        },
        _settings(regions, seconds),
        tuple(_failures(requests, present, fault, back)),
        {method: dict(counts) for method, counts in measure.failed(requests, fault).items()},
        slices(requests),
        marks,
    )


def _failures(requests: Sequence[Request], present: frozenset[int], fault: float, back: float | None) -> Iterator[str]:
    if back is None:
        yield "no write was acknowledged any more after home was lost"
    elif after := measure.failures(requests, fault + back):
        yield f"{after} requests failed after the service had come back"
    # Twice the way, for a busy machine: what was acknowledged longer ago must have arrived.
    kept = [one for one in requests if one.acknowledged and one.answered < fault - 2 * WAY - 1.0]
    if gone := [one.number for one in kept if one.number not in present]:
        yield f"{len(gone)} writes are lost that were acknowledged long before home was"


def _first_read(requests: Sequence[Request], since: float) -> float | None:
    reads = [one.answered for one in requests if one.method == "GET" and one.sent >= since and not one.failed]
    return min(reads, default=None)


def _critical_path(regions: Regions) -> tuple[estimate.Part, ...]:
    """What the recovery should take; names and promotion go on at once, so the longer of them counts."""
    constants, asked = regions.setting.constants, checks(regions.setting, regions.front)
    if not constants:
        return ()
    hangs = health.ANSWER if regions.setting.fault in ("freeze", "partition") else 0.0
    promotion = estimate.Part("promote", constants["promote"])
    return (
        estimate.detection(asked.interval, asked.failures, timeout=hangs, checkers=health.CHECKERS, share=health.SHARE),
        estimate.Part("decide", 0.0, "the drill says yes at once"),
        max(promotion, estimate.names(asked.ttl + 1.0), key=lambda part: part.seconds),
    )


def _settings(regions: Regions, seconds: Mapping[str, float]) -> dict[str, str | int | float]:
    setting, asked = regions.setting, checks(regions.setting, regions.front)
    return {
        "fault": setting.fault,
        "seconds from region to region": WAY,
        "requests a second": setting.rate,
        "seconds between probes": asked.interval,
        "failures": asked.failures,
        "seconds names are kept": asked.ttl,
        "steps of the runbook": len(seconds),
    }
