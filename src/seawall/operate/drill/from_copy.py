"""Home is lost and comes back from a copy: what the scenarios that restore have in common.

Home serves visitors and its agent copies it to the store, on a cycle. Then home is lost; the front's checkers find out,
and the failover runbook restores the newest good copy on the standby and leads visitors there. What is measured is what
the visitors saw.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from seawall.components.recovery.recovery import Recovery
from seawall.kernel.errors import OutsideError
from seawall.kernel.units import Duration
from seawall.operate.copies.backup import backup
from seawall.operate.copies.catalogue import found
from seawall.operate.copies.job import Job
from seawall.operate.copies.manifest import Manifest
from seawall.operate.copies.restore import restore
from seawall.operate.copies.store import Target
from seawall.operate.copies.stores import open_store
from seawall.operate.drill import estimate, faults, home, measure, places, seed
from seawall.operate.drill import front as fronts
from seawall.operate.drill.copying import Copied, Copying, Severable, on_record
from seawall.operate.drill.course import Checks, answers_to_return, checks, slices
from seawall.operate.drill.events import Events
from seawall.operate.drill.front import Front
from seawall.operate.drill.load import Load, Request
from seawall.operate.drill.promises import promised
from seawall.operate.drill.scenario import Measure, Outcome, Setting
from seawall.operate.drill.servers import application, azurite, dns, health, mariadb, nginx, proxy
from seawall.operate.drill.stage import Stage, until
from seawall.operate.failover.from_copy import failover
from seawall.operate.runbook import run

if TYPE_CHECKING:
    from seawall.operate.drill.home import Place
    from seawall.operate.drill.servers.azurite import Azurite
    from seawall.operate.drill.servers.mariadb import Mariadb

NEEDS: Final[Mapping[str, str]] = {
    **mariadb.PACKAGES,
    "mariadb-dump": "mariadb-client",
    **azurite.PACKAGES,
    **nginx.PACKAGES,
    "pymysql": "seawall[drill]",
    "dnslib": "seawall[drill]",
    "isal": "seawall[agent]",
}
CONTAINER, PAGES = "copies", "page"
LANE: Final = "region"
_CYCLE, _SHORT_CYCLE = 8.0, 2.0
"""Seconds between two copies, where the description has hours."""
REFUSED: Final = "copies refused"
"""The measure of how many newer copies were passed over for the one that was restored."""
_AGENT = "agent"
_BUILT: Final = "127.0.0.9"
"""The address of a standby that no description has."""
_AFTER, _SHORT_AFTER = 2.0, 0.7
"""Seconds for which visitors are still watched once they are served again."""
_ROUNDED: Final = 1.0
"""Seconds by which nginx keeps an answer longer, since it counts them whole."""

Trouble = Callable[["Region"], None]
"""Something that happens to a region that plays."""


def applies(setting: Setting) -> str:
    """Why a platform cannot be brought back from a copy on this machine; nothing where it can."""
    of = mariadb.described(setting.graph)
    if of is None:
        return "it has no MySQL database that is copied to another cloud"
    if recovery(setting) is None:
        return "its database is copied to no other cloud"
    return fronts.applies(setting.graph)


def recovery(setting: Setting) -> Recovery | None:
    """What the platform says of its recovery from copies."""
    return next((one for one in setting.platform.components.values() if isinstance(one, Recovery)), None)


class Region:
    """The play: a region that serves and copies, a store that outlives it, and a standby."""

    def __init__(self, stage: Stage, setting: Setting, events: Events, *, cycle: float | None = None) -> None:
        self.stage, self.setting, self.events = stage, setting, events
        self.cycle = cycle or (_SHORT_CYCLE if setting.short else _CYCLE)
        said = mariadb.described(setting.graph)
        assert said is not None
        self._of = said
        self.store_server = azurite.start(stage)
        self.store_server.make_container(CONTAINER)
        self.database = _database(stage, "home-database", said, setting)
        self.standby_database = mariadb.start(stage, "standby-database", of=said)
        self.front = Front(
            stage,
            setting.graph,
            events,
            setting.chance,
            page=_page(self.store_server, setting),
            probe=setting.probe,
            ttl=setting.ttl,
        )
        self._home_place, self._standby_place = self.front.places[0], home.second(setting.graph, self.front)
        self._between = proxy.start(stage, {"store": self.store_server.port}) if setting.fault == "partition" else None
        self.home: Place = home.start(
            stage,
            "home",
            setting.graph,
            self.front,
            self._home_place,
            self.database.database(said.database),
            [self.database.process],
            pods=1 if setting.short else 2,
            cached=not setting.short,
        )
        # Where no standby is described, one was built before the play, and takes home's own names over.
        self.built = not self._standby_place
        at = (_BUILT, self.front.port) if self.built else self.front.listen(self._standby_place)
        self.machine = home.Machine(stage, "standby-machine", setting.graph, self.front, self.serving_place, at)
        self.front.start()
        self.agent = stage.root / f"{_AGENT}.json"
        self.job = self._job()
        # The standby has a way of its own to the store, whatever parts home from it.
        self.store = _store(self.store_server, self.store_server.place(CONTAINER))
        self._agents_store = Severable(_store(self.store_server, self.job.stores[0]))
        self.databases = (said.database,)
        self.damaged: list[str] = []
        self.until_the_end = ExitStack()
        self.copying = Copying(self._copy, self.cycle, events)
        self.load = Load(
            stage,
            self.front.url,
            rate=setting.rate,
            chance=setting.chance,
            events=events,
            host=self.front.host,
            patience=5.0 if setting.short else 10.0,
        )

    # -- the day before --------------------------------------------------------------------------------------------

    def serve(self, copies: int = 1) -> None:
        """Let visitors come, and wait until so many copies have been made."""
        # However it ends: what a thread of the drill writes or asks for must not outlive its stage.
        self.until_the_end.callback(self.front.stop)
        self.until_the_end.callback(self.copying.lose)
        self.load.start()
        self.copying.start()
        if not self.copying.wait(copies):
            raise OutsideError("no copy was made", "\n".join(self.copying.failed))

    def change_password(self) -> None:
        """Take the password away that the agent logs in by, as a rotation does that forgot it."""
        new = self.stage.secret("next password of the agent")
        self.database.ask(f"{mariadb.UNLOGGED} ALTER USER '{_AGENT}'@'%' IDENTIFIED BY '{new}'")
        self.events.add(LANE, "the agent's password is no longer taken")

    def slow_standby(self) -> None:
        """Let the standby's database write a twentieth of its data in a second."""
        rate = max(0.2, self.setting.megabytes / 20)
        self.until_the_end.enter_context(faults.slow_disk(self.standby_database.process, rate))
        self.events.add(LANE, f"the standby's disk takes {rate:g} MB/s")

    def fill_store(self) -> None:
        """Let no file of the store grow any more."""
        faults.fill_disk(self.store_server.process, room=64 * 1024)
        self.events.add(LANE, "the store's disk is full")

    # -- the bad day -----------------------------------------------------------------------------------------------

    def lose(self) -> float:
        """Lose home at a moment of the copies' and probes' cycles that chance chooses; the moment."""
        time.sleep(self.setting.chance.random() * self.cycle)
        how = self.setting.fault if self.setting.fault in faults.LOSSES else "kill"
        at = self.events.add(LANE, f"home is lost ({how})")
        self.copying.lose()
        self._agents_store.sever()
        between = [self.home.balancer.process] + ([self._between] if self._between is not None else [])
        faults.lose(how, self.home.servers, between)
        return at

    def detected(self, fault: float, patience: float) -> float | None:
        """Wait until the checkers agree that home is lost; seconds since then, None where they did not in time."""
        check = self.front.check_of(self._home_place)
        while self.front.well(check):
            if self.events.now() - fault > patience:
                return None
            time.sleep(0.005)
        name = fronts.checked(self.setting.graph, self._home_place)
        return measure.detection(self.events.all(), fault, fronts.lane(name), health.DOWN)

    def recover(self) -> Recovered:
        """Run the failover runbook; where the copy that was agreed to turns out damaged, ask and run it anew."""
        standby = places.Standby(
            self.job,
            self.standby_database.database(self._of.database),
            [self.store],
            self._start,
            lambda: self.standby_database.ask("SELECT 1"),
            self.front,
            self.serving_place,
            self.damaged,
        )
        lost = places.Lost(self.front, self._home_place)
        names = places.Names(self.front, self._home_place, standby, self.machine, _BUILT if self.built else "")
        subject = f"{self.setting.platform.name}-{self.setting.platform.environment}"
        book = failover(subject, lost, standby, names, places.Herald(self.events), patience=120.0, every=0.02)
        refused: list[str] = []
        began = self.events.now()
        while True:
            chosen = _chosen(standby)
            try:
                ran = run(
                    book,
                    self.stage.root / "operations",
                    report=places.reporter(self.events),
                    approve=places.agree(self.events),
                    anew=bool(refused),
                )
            except OutsideError as error:
                if chosen is None or "is not what its manifest says" not in error.what:
                    raise
                self.events.add(LANE, error.what)
                refused.append(chosen)
                self.damaged.append(f"{self.store.place} {chosen}")
                book = failover(subject, lost, standby, names, places.Herald(self.events), patience=120.0, every=0.02)
                continue
            taken = str(ran.kept["copy"])
            return Recovered(taken, self._newer(taken, refused), dict(ran.seconds), began, self.events.now())

    def watch(self, fault: float, patience: float) -> tuple[Request, ...]:
        """Wait until visitors are served again and a little longer; all that they saw."""
        after = _SHORT_AFTER if self.setting.short else _AFTER
        end = self.events.now() + patience
        while self.events.now() < end:
            back = measure.recovery(self.load.requests, fault)
            if back is not None and self.events.now() > fault + back + after:
                break
            time.sleep(0.05)
        requests = self.load.stop()
        self.front.stop()
        return requests

    @property
    def serving_place(self) -> str:
        """The place that the standby answers for: its own, or home's where none is described."""
        return self._standby_place or self._home_place

    def present(self) -> frozenset[int]:
        """The numbers of the visits that the standby's database has."""
        return seed.written(self.standby_database.database(self._of.database), self.standby_database.credentials)

    def copied(self, name: str, fault: float) -> Copied:
        """A copy of the store; one that was whole as home was lost, and of which no agent could say so, too."""
        for one in self.copying.made:
            if one.manifest.name == name:
                return one
        manifest = next(one.manifest for one in found(self.store, self.job.component) if one.name == name)
        assert manifest is not None, "a copy that was restored has one"
        return Copied(manifest, on_record(manifest.began, self.events), fault)

    # -- small things ----------------------------------------------------------------------------------------------

    def _newer(self, taken: str, refused: Sequence[str]) -> tuple[str, ...]:
        """The copies that were passed over for the one that was taken, those found out while being read included."""
        newer = [copy for copy in found(self.store, self.job.component) if copy.name > taken]
        for copy in newer:
            self.events.add(LANE, f"not taken: {copy.name}: {copy.why_none or 'its content is not its manifest'}")
        return tuple({copy.name: None for copy in newer} | dict.fromkeys(refused))

    def _copy(self) -> Manifest:
        made = backup(self.job, self.stage.root / "agent", stores=[self._agents_store])
        assert made is not None
        return made

    def _job(self) -> Job:
        name = self._of.database
        user, password = _AGENT, self.stage.secret("password of the agent")
        self.database.ask(f"{mariadb.UNLOGGED} CREATE USER '{user}'@'%' IDENTIFIED BY '{password}'")
        self.database.ask(
            f"GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES, PROCESS, RELOAD ON *.* TO '{user}'@'%'"
        )
        self.agent.touch(mode=0o600)
        self.agent.write_text(json.dumps({"username": user, "password": password}), encoding="utf-8")
        place = self.store_server.place(CONTAINER)
        if self._between is not None:
            place = place.replace(str(self.store_server.port), str(self._between.ports["store"]))
        return Job(
            platform=f"{self.setting.platform.name}-{self.setting.platform.environment}",
            component=self._of.name.rpartition(f"{self.setting.platform.environment}-")[2] or self._of.name,
            database=replace(self.database.database(name), secret=f"file:{self.agent}"),
            stores=(place,),
            keep=Duration(30 * 86400),
            every=Duration(self.cycle),
            proof=f"SELECT COUNT(*) FROM {name}.owners",
            add_only=True,
        )

    def _start(self) -> application.Application:
        return application.start(
            self.stage,
            "standby-pod",
            database=self.standby_database.database(self._of.database),
            of=application.described(self.setting.graph),
            ready=False,
        )


@dataclass(frozen=True, slots=True)
class Recovered:
    """What the runbook came to: the copy, those that were refused before it, and seconds by step."""

    copy: str
    refused: tuple[str, ...]
    seconds: Mapping[str, float]
    began: float
    ended: float

    @property
    def restoring(self) -> float:
        """Seconds that the restore took, from choosing the copy to proving it."""
        return sum(seconds for name, seconds in self.seconds.items() if name.startswith("restore-"))


def play(
    stage: Stage,
    setting: Setting,
    events: Events,
    *,
    copies: int = 1,
    trouble: Trouble | None = None,
    before: Trouble | None = None,
    cycle: float | None = None,
) -> Outcome:
    """Play it once: visitors and copies, ``trouble``, the loss, what comes ``before`` the runbook, the runbook."""
    region = Region(stage, setting, events, cycle=cycle)
    with region.until_the_end:
        return _played(region, copies, trouble, before)


def _played(region: Region, copies: int, trouble: Trouble | None, before: Trouble | None) -> Outcome:
    region.serve(copies)
    if trouble is not None:
        trouble(region)
    fault = region.lose()
    detected = region.detected(fault, patience=_patience(region))
    if detected is None:
        raise OutsideError("the health checks did not find home lost", fix="is --probe longer than the play?")
    if before is not None:
        before(region)
    recovered = region.recover()
    requests = region.watch(fault, _patience(region))
    return _outcome(region, fault, detected, recovered, requests, troubled=trouble is not None)


def calibrate(stage: Stage, setting: Setting, events: Events) -> Mapping[str, float]:
    """The constants of the estimate: a restore of two other sizes and the start of an application.

    Visitors are shown that home is away meanwhile, as they will be: on one machine they take from the restore.
    """
    said = mariadb.described(setting.graph)
    assert said is not None
    store = azurite.start(stage)
    store.make_container(CONTAINER)
    chance = random.Random(0)
    front = Front(
        stage, setting.graph, events, chance, page=_page(store, setting), probe=setting.probe, ttl=setting.ttl
    ).start()
    measured: list[tuple[float, float]] = []
    started: list[float] = []
    for number, megabytes in enumerate((max(1.0, setting.megabytes / 20), max(2.0, setting.megabytes / 4)), 1):
        source = _database(stage, f"source-{number}", said, replace(setting, megabytes=round(megabytes)))
        target = mariadb.start(stage, f"target-{number}", of=said)
        job = Job(
            platform="calibration",
            component=f"size-{number}",
            database=source.database(said.database),
            stores=(store.place(CONTAINER),),
            keep=Duration(86400),
            every=Duration(3600),
            proof=f"SELECT COUNT(*) FROM {said.database}.owners",
        )
        stores = [_store(store, job.stores[0])]
        made = backup(job, stage.root / "agent", stores=stores)
        assert made is not None
        source.process.stop()
        visitors = Load(
            stage,
            front.url,
            rate=setting.rate,
            chance=chance,
            events=events,
            host=front.host,
            name=f"visitors-{number}",
        ).start()
        began = events.now()
        restore(job, target.database(said.database), stage.root / "operations", stores=stores)
        seconds = events.now() - began
        visitors.stop()
        events.add("calibration", f"{made.plain_size / 1e6:.0f} MB of SQL restored in {seconds:.2f} s")
        measured.append((made.plain_size / 1e6, seconds))
        pod = application.start(stage, f"pod-{number}", database=target.database(said.database), ready=False)
        began = events.now()
        until(pod.is_well, pod.process, what="the application is well")
        started.append(events.now() - began)
        pod.process.stop()
        target.process.stop()
    front.stop()
    fixed, slope = estimate.line(*measured)
    return {"restore.start": fixed, "restore.per_mb": slope, "start": max(started)}


def _patience(region: Region) -> float:
    """Seconds after which nobody waits any longer for checks, restore and names together."""
    front = _checks(region)
    return 60.0 + 6 * front.failures * (front.interval + health.ANSWER) + 2 * front.ttl + region.setting.megabytes


def _checks(region: Region) -> Checks:
    return checks(region.setting, region.front)


def critical_path(region: Region, megabytes: float) -> tuple[estimate.Part, ...]:
    """What the recovery should take, by constants that another play measured; nothing where none were."""
    constants, checks = region.setting.constants, _checks(region)
    if not constants:
        return ()
    hangs = health.ANSWER if region.setting.fault in ("freeze", "partition") else 0.0
    agreed = partial(estimate.detection, checks.interval, checkers=health.CHECKERS, share=health.SHARE)
    back = answers_to_return(region.setting, region.front, region.serving_place)
    return (
        agreed(checks.failures, timeout=hangs),
        estimate.Part("decide", 0.0, "the drill says yes at once"),
        estimate.Part("restore", estimate.linear(constants, "restore", megabytes), f"{megabytes:.0f} MB of SQL"),
        estimate.Part("start", constants["start"]),
        agreed(back, well=True, name="switch"),
        estimate.names(checks.ttl + _ROUNDED),
    )


def _outcome(
    region: Region,
    fault: float,
    detected: float,
    recovered: Recovered,
    requests: Sequence[Request],
    *,
    troubled: bool,
) -> Outcome:
    setting = region.setting
    made = region.copying.made
    copy = region.copied(recovered.copy, fault)
    present = region.present()
    lost = measure.loss(requests, present, fault)
    page, back = measure.first_page(requests, fault), measure.recovery(requests, fault)
    parts = critical_path(region, copy.manifest.plain_size / 1e6)
    for line in estimate.lines(parts):
        region.events.add(estimate.LANE, line)
    slowest = max(one.seconds for one in made)
    measures = [Measure("detected", detected, "s", expected=parts[0].seconds if parts else None)]
    if page is not None:
        measures.append(Measure("maintenance page", page, "s"))
    measures.append(Measure("restored", recovered.restoring, "s", expected=parts[2].seconds if parts else None))
    if back is not None:
        # What is promised counts from the loss; building a standby that is not described is no part of this play.
        limit = None if region.built else promised(setting, "region_loss", "rto")
        claim = "" if region.built else "region_loss.rto"
        expected = estimate.total(parts) if parts else None
        measures.append(Measure("RTO", back, "s", limit, expected=expected, claim=claim))
    # The cycle of copies is the drill's own; what may be lost is what lies between two, and the time that one takes,
    # which was under way when home was lost: nobody knows how long it would have taken, so twice the slowest.
    allowed = None if troubled else region.cycle + 2 * slowest + 0.5
    measures += [
        Measure("RPO", lost.seconds, "s", allowed, expected=fault - copy.began),
        Measure("lost writes", lost.rows, "rows"),
        Measure("acknowledged writes", lost.acknowledged, "rows"),
        Measure("copy made in", copy.seconds, "s"),
        *([Measure(REFUSED, len(recovered.refused), "copies")] if recovered.refused else []),
    ]
    of = recovery(setting)
    if of is not None and not troubled:
        name = f"RPO at worst, with {of.every} between copies"
        measures.append(Measure(name, of.every.seconds + slowest, "s", claim="region_loss.rpo"))
    after = measure.failures(requests, fault + back) if back is not None else 0
    marks = {"lost": fault, "detected": fault + detected}
    marks |= {"restored": recovered.began + recovered.restoring}
    marks |= {"page": fault + page} if page is not None else {}
    marks |= {"RTO": fault + back} if back is not None else {}
    return Outcome(
        tuple(measures),
        _standins(region),
        _settings(region, copy, len(made)),
        tuple(_failures(region, copy, fault, detected, requests, present, page, back, after)),
        {method: dict(counts) for method, counts in measure.failed(requests, fault).items()},
        slices(requests),
        marks,
    )


def _failures(
    region: Region,
    copy: Copied,
    fault: float,
    detected: float,
    requests: Sequence[Request],
    present: frozenset[int],
    page: float | None,
    back: float | None,
    after: int,
) -> Iterator[str]:
    if back is None:
        yield "no write was acknowledged any more after home was lost"
    if after:
        yield f"{after} requests failed after the service had come back"
    of = recovery(region.setting)
    # Who asks a home that hangs gives up before CloudFront does: the page is seen once names lead away from it.
    hangs = region.setting.fault in ("freeze", "partition")
    shown = fault + (detected + _checks(region).ttl + _ROUNDED if hangs else 0.0)
    in_vain = any(one.failed and one.sent >= shown for one in requests)
    if page is None and in_vain and of is not None and of.page:
        yield "nobody saw the maintenance page"
    kept = [request for request in requests if request.acknowledged and request.answered < copy.began]
    gone = [request.number for request in kept if request.number not in present]
    if gone:
        yield f"{len(gone)} writes that were acknowledged before the copy was begun are not in it"
    if vain := measure.unread([request for request in requests if request.answered < fault]):
        yield f"{len(vain)} acknowledged writes were not found while home was well"


def _standins(region: Region) -> dict[str, str]:
    return {
        "RDS for MySQL and Azure Database for MySQL": mariadb.STANDIN,
        "Azure Blob Storage": azurite.STANDIN,
        "CloudFront, the load balancers and the standby's nginx": nginx.STANDIN,
        "Route 53": f"{dns.STANDIN}, {health.STANDIN}",
        "the application": application.STANDIN,
        "the network between the clouds": "the loopback, which costs no time",
        "whoever decides": "a yes after 0 s",
    }


def _settings(region: Region, copy: Copied, copies: int) -> dict[str, str | int | float]:
    setting, checks = region.setting, _checks(region)
    return {
        "fault": setting.fault,
        "SQL of the copy, MB": round(copy.manifest.plain_size / 1e6, 1),
        "copies made": copies,
        "seconds between copies": region.cycle,
        "requests a second": setting.rate,
        "seconds between probes": checks.interval,
        "failures": checks.failures,
        "seconds names are kept": checks.ttl,
        "standby": "built before, its database runs, empty" if region.built else "its database runs, empty",
    }


def _database(stage: Stage, name: str, of: mariadb.Described, setting: Setting) -> Mariadb:
    made = mariadb.start(stage, name, of=of, databases=[of.database], settings=_LOADING)
    seed.seed(made.database(of.database), made.credentials, setting.megabytes, setting.chance)
    return made


_LOADING: Final = {"local_infile": "1"}


def _page(store: Azurite, setting: Setting) -> str:
    """Put the maintenance page where the platform keeps it elsewhere; its address, or nothing where it does not."""
    found = nginx.page(setting.graph)
    of = recovery(setting)
    if found is None or of is None or not of.page:
        return ""
    from azure.storage.blob import ContentSettings

    name, content = found
    store.make_container(PAGES, public=True)
    with store.client() as client:
        blob = client.get_blob_client(PAGES, name)
        blob.upload_blob(content.encode(), content_settings=ContentSettings(content_type="text/html; charset=utf-8"))
    return f"{store.url}/{PAGES}/{name}"


def _store(server: Azurite, place: str) -> Target:
    return open_store(place, environment={azurite.KEY: server.key})


def _chosen(standby: places.Standby) -> str | None:
    try:
        return standby.newest().name
    except OutsideError:
        return None
