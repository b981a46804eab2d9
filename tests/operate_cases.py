"""Every runbook of the product in a small world, and the oracle that says afterwards whether all is as it should be.

A case says which function makes its runbook (``of``); a runbook that nobody has a case for fails a test.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import operate_regions
from operate_databases import ASIDE, DatabaseSite, visit
from operate_regions import HOME, SITE, Regions
from operate_world import World, WorldHerald, WorldNames, WorldSite
from seawall.components.takeover.action import Move
from seawall.kernel.units import Duration
from seawall.kernel.verdict import proven
from seawall.operate import canary, cost_guard, remediate
from seawall.operate.copies import backup, catalogue, marker, restore, secrets, verify
from seawall.operate.copies.job import Database, Job
from seawall.operate.copies.proof import clear
from seawall.operate.copies.stores import open_store
from seawall.operate.failover.from_copy import failover, move
from seawall.operate.runbook import Doing, Runbook, StepEvent

COMPONENT = "shop-db"


@dataclass(frozen=True, slots=True)
class Case:
    """A runbook in its world.

    ``fresh`` makes the world in a folder, ``book`` the runbook, ``meanwhile`` is what happens between a kill and the
    next run, and ``wrong`` says what is not as it should be once a run came to its end. ``seen`` is told of every step
    as it goes. ``idle`` are steps that have nothing to do in this world, and are looked at only. ``only``, where it
    is not empty, are the steps at which it is killed: the others are killed in another case of the same runbook.
    """

    of: str
    fresh: Callable[[Path], None]
    book: Callable[[Path], Runbook]
    wrong: Callable[[Path], list[str]]
    meanwhile: Callable[[Path], None] = lambda folder: None
    seen: Callable[[Path, StepEvent], None] = lambda folder, event: None
    idle: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()


def _visit(folder: Path) -> None:
    World(folder / "world.json").visit()


def _once(deeds: list[str], *wanted: str) -> list[str]:
    """What is wrong with deeds that each should have been done once, in this order, and no other."""
    return [] if deeds == list(wanted) else [f"done: {deeds}; wanted: {list(wanted)}"]


# -- a standby that is restored from a copy ----------------------------------------------------------------------------


def _lost(folder: Path) -> None:
    world = World.fresh(folder)
    world.copy()
    world.visit()
    world.lose()


def _failover(folder: Path) -> Runbook:
    world = World(folder / "world.json")
    sites = WorldSite(world, "home"), WorldSite(world, "azure")
    return failover("shop", *sites, WorldNames(world), WorldHerald(world), patience=0.2, every=0.01)


def _failed_over(folder: Path) -> list[str]:
    now = World(folder / "world.json").now
    wrong = _once(now["deeds"], "leave home", "restore copy-1 at azure", "start azure", "switch azure", "tell")
    missing = set(now["acknowledged"]) - set(now["sites"]["azure"]["rows"]) - {4}
    return wrong + [f"lost: {missing}"] * bool(missing)


def _at_azure(folder: Path) -> None:
    """The standby serves, and home is well again with what it had when it was lost."""
    world = World.fresh(folder)
    world.copy()
    with world.change() as state:
        azure, home = state["sites"]["azure"], state["sites"]["home"]
        azure |= {"rows": list(home["rows"]), "running": True, "resting": False}
        home |= {"rows": [*home["rows"], 99], "running": False, "open": False}
        state |= {"leads_to": "azure", "left": ["home"]}
    world.visit()


def _failback(folder: Path) -> Runbook:
    world = World(folder / "world.json")
    sites = WorldSite(world, "azure"), WorldSite(world, "home")
    return move("failback", "shop", *sites, WorldNames(world), WorldHerald(world), rest=True, patience=0.2, every=0.01)


def _failed_back(folder: Path) -> list[str]:
    now = World(folder / "world.json").now
    wrong = _once(
        now["deeds"], "close azure", "copy azure", "set aside home", "restore copy-2 at home", "leave azure",
        "start home", "switch home", "rest azure", "tell",
    )  # fmt: skip
    home = now["sites"]["home"]
    if now["acknowledged"] != home["rows"]:
        wrong.append(f"acknowledged: {now['acknowledged']}; at home: {home['rows']}")
    return wrong + [f"kept aside: {home['aside']}"] * (99 not in home["aside"])


def _planned(folder: Path) -> Runbook:
    world = World(folder / "world.json")
    sites = WorldSite(world, "home"), WorldSite(world, "azure")
    return move("failover", "shop", *sites, WorldNames(world), WorldHerald(world), rest=False, patience=0.2, every=0.01)


def _serves(folder: Path) -> None:
    World.fresh(folder)
    with World(folder / "world.json").change() as state:
        # What it was restored to the last time.
        state["sites"]["azure"]["rows"] = [1]


def _moved(folder: Path) -> list[str]:
    now = World(folder / "world.json").now
    wrong = _once(
        now["deeds"], "close home", "copy home", "set aside azure", "restore copy-1 at azure", "leave home",
        "start azure", "switch azure", "tell",
    )  # fmt: skip
    rows = now["sites"]["azure"]["rows"]
    return wrong if now["acknowledged"] == rows else [*wrong, f"{now['acknowledged']} acknowledged, {rows} there"]


# -- a second region ---------------------------------------------------------------------------------------------------


def _region(to: Move, writer: str, *deeds: str) -> Case:
    def fresh(folder: Path) -> None:
        Regions.fresh(folder, writer)
        if writer == SITE:
            Regions(folder / "aws.json").change("set up", nodes=3, deeds=[])

    def wrong(folder: Path) -> list[str]:
        return _once(sorted(deed for deed in Regions(folder / "aws.json").now["deeds"] if deed != "set up"), *deeds)

    return Case(
        "seawall.operate.failover.region.runbook",
        fresh,
        lambda folder: _planned_region(folder, to),
        wrong,
        # What is only looked at, and is so from the first.
        idle=frozenset(action.name for action in _actions(to) if action.stage == "check"),
    )


@cache
def _actions(to: Move) -> tuple[Any, ...]:
    return operate_regions.actions(to)


def _planned_region(folder: Path, to: Move) -> Runbook:
    with mock.patch.object(operate_regions, "actions", _actions):
        return Regions(folder / "aws.json").book(to)


# -- copies ------------------------------------------------------------------------------------------------------------


def _job(folder: Path, *, stores: int, port: int = 0) -> Job:
    """A job for the server that the tests have started, whose whereabouts lie in the folder."""
    server = json.loads((folder / "server.json").read_bytes())
    database = Database("mysql", "127.0.0.1", port or server["port"], ("shop",), server["secret"], tls="off")
    places = [f"file:{folder / f'store-{number}'}" for number in range(1, stores + 1)]
    metrics = (f"textfile:{folder / 'metrics.prom'}",)
    return Job("shop", COMPONENT, database, tuple(places), Duration(86400), Duration(3600), metrics=metrics)


def _to_copy(folder: Path) -> None:
    (folder / "store-1").mkdir()


def _backup(folder: Path) -> Runbook:
    return backup.runbook(_job(folder, stores=2))


def _mounted(folder: Path, event: StepEvent) -> None:
    """The second store comes back once old copies are retired, so that it has missed the copy."""
    if event.step == "retain" and event.state in ("done", "already"):
        (folder / "store-2").mkdir(exist_ok=True)


def _copied(folder: Path) -> list[str]:
    wrong: list[str] = []
    job = _job(folder, stores=2)
    for place in job.stores:
        copies = catalogue.found(open_store(place), COMPONENT)
        if len(copies) != 1 or copies[0].manifest is None:
            wrong.append(f"{place}: {[(copy.name, copy.why) for copy in copies]}")
            continue
        if not verify.content(copies[0], job).proven:
            wrong.append(f"{place}: {copies[0].name} is not what its manifest says")
        rows = dict(copies[0].manifest.rows)
        if rows != json.loads((folder / "server.json").read_bytes())["rows"]:
            wrong.append(f"{place}: {rows}")
    left = [path.name for path in folder.rglob(".part-*")]
    wrong += [f"left behind: {left}"] * bool(left)
    metrics = folder / "metrics.prom"
    return wrong if metrics.exists() else [*wrong, "the metrics were not told"]


def _to_restore(folder: Path) -> None:
    """An empty server, and a copy that an earlier test made of it."""
    server = json.loads((folder / "server.json").read_bytes())
    (folder / "store-1").symlink_to(server["copies"])
    job = _job(folder, stores=1)
    login = secrets.credentials(job.database)
    clear(job.database, login)
    marker.remove(job.database, login)


def _restore(folder: Path) -> Runbook:
    # The copies are of a server that is gone.
    return restore.runbook(_job(folder, stores=1, port=9), _job(folder, stores=1).database)


def _restored(folder: Path) -> list[str]:
    job, server = _job(folder, stores=1), json.loads((folder / "server.json").read_bytes())
    from seawall.operate.copies.sessions import connect

    login = secrets.credentials(job.database)
    session = connect(job.database, login, "shop")
    try:
        sums = {
            table: [str(value) for value in session.ask(f"SELECT COUNT(*), SUM(CRC32(note)) FROM {table}")[0]]
            for table in ("orders", "parts")
        }
        keys = session.ask("SHOW INDEX FROM orders WHERE Key_name = 'by_day'")
    finally:
        session.close()
    wrong = [] if sums == server["sums"] else [f"{sums}, not {server['sums']}"]
    if not keys:
        wrong.append("the secondary key is not there")
    mark = marker.read(job.database, login, COMPONENT)
    return wrong if mark is not None and mark.state == "restored" else [*wrong, f"it says of itself {mark}"]


# -- copies and places together ----------------------------------------------------------------------------------------


def _two_databases(folder: Path) -> None:
    """The standby serves from a database of its own; home is well again, with a row that no copy has."""
    (folder / "store").mkdir()
    world = World.fresh(folder, rows=0)
    DatabaseSite(world, "azure").fresh(1, 2, 3)
    DatabaseSite(world, "home").fresh(1, 2, 3, 99)
    with world.change() as state:
        state["sites"]["azure"] |= {"running": True, "resting": False}
        state["sites"]["home"] |= {"running": False, "open": False}
        state |= {"leads_to": "azure", "left": ["home"]}
    visit(world)


def _visit_database(folder: Path) -> None:
    visit(World(folder / "world.json"))


def _failback_of_databases(folder: Path) -> Runbook:
    world = World(folder / "world.json")
    sites = DatabaseSite(world, "azure"), DatabaseSite(world, "home")
    return move("failback", "clinic", *sites, WorldNames(world), WorldHerald(world), rest=True, every=0.01)


def _all_at_home(folder: Path) -> list[str]:
    world = World(folder / "world.json")
    visit(world)
    now, home = world.now, DatabaseSite(world, "home")
    wrong = _once(now["deeds"], "close azure", "leave azure", "start home", "switch home", "rest azure", "tell")
    if home.rows() != [1, 2, 3, *now["acknowledged"]] or len(now["acknowledged"]) < 2:
        wrong.append(f"acknowledged: {now['acknowledged']}; at home: {home.rows()}")
    aside = home.rows(ASIDE)
    return wrong if aside == [1, 2, 3, 99] else [*wrong, f"kept aside: {aside}"]


# -- functions that are called by hand ---------------------------------------------------------------------------------


def _function(folder: Path) -> Any:
    """A function that does an event's work once, however often it is told of it, as ours do."""

    def call(cloud: Any, function: Any, event: Mapping[str, Any]) -> Any:
        known = Regions(folder / "aws.json")
        spelt = json.dumps(event, sort_keys=True)
        if f"act {spelt}" not in known.now["deeds"]:
            known.change(f"act {spelt}")
        return SimpleNamespace(failed="", log="", answer={"said": ["a node was ended"]})

    return call


def _called(make: Callable[[], Runbook], module: Any) -> Callable[[Path], Runbook]:
    def book(folder: Path) -> Runbook:
        called = _function(folder)

        def within(asked: Callable[[Doing], Any]) -> Callable[[Doing], Any]:
            def ask(doing: Doing) -> Any:
                # While a step runs and no longer: whoever else is in this process calls functions as ever.
                with mock.patch.object(module, "call", called):
                    return asked(doing)

            return ask

        made = make()
        steps = (replace(one, act=within(one.act), so=within(one.so), ready=within(one.ready)) for one in made.steps)
        return replace(made, steps=tuple(steps))

    return book


class _Share:
    """What divides requests, in a file: each move is written down."""

    def __init__(self, folder: Path) -> None:
        self._world = Regions(folder / "aws.json")

    def weight(self) -> int:
        return int(self._world.now["nodes"])

    def move(self, weight: int) -> None:
        self._world.change(f"move {weight}", nodes=weight)

    def abort(self) -> None:
        self._world.change("abort", nodes=0)


def _released(folder: Path) -> None:
    Regions.fresh(folder).change("begin", nodes=0)


def _release(folder: Path) -> Runbook:
    good: Any = SimpleNamespace(look=lambda: proven("it is good"), blind=False)
    plan = canary.Plan((10, 25, 50), pause=0.0, every=0.01)
    return canary.runbook("shop", "v2", _Share(folder), plan, lambda: good)


def _all_moved(folder: Path) -> list[str]:
    deeds = Regions(folder / "aws.json").now["deeds"]
    return _once(deeds, "begin", "move 10", "move 25", "move 50", "move 100")


_BODY: Any = SimpleNamespace(body={"function_name": "shop-remediation"})
_EVENT = {"Records": [{"at": datetime(2026, 11, 22, tzinfo=UTC).isoformat()}]}


def _acted(folder: Path) -> list[str]:
    deeds = Regions(folder / "aws.json").now["deeds"]
    return [] if len(deeds) == 1 else [f"done: {deeds}"]


def _aws(folder: Path) -> None:
    Regions.fresh(folder)


_WAITS = frozenset({"healthy", "outside"})
"""What is waited for, and is so at once in a world of files."""

CASES: dict[str, Case] = {
    "failover": Case(
        "seawall.operate.failover.from_copy.failover", _lost, _failover, _failed_over, _visit, idle=_WAITS
    ),
    "failover-planned": Case(
        "seawall.operate.failover.from_copy.move", _serves, _planned, _moved, _visit, idle=_WAITS
    ),
    "failback": Case(
        "seawall.operate.failover.from_copy.move", _at_azure, _failback, _failed_back, _visit, idle=_WAITS
    ),
    "failover-region": _region("failover", HOME, "held True", "nodes 3", f"primary {SITE}", f"writer {SITE}"),
    "switchover-region": _region("switchover", HOME, "held True", "nodes 3", f"primary {SITE}", f"writer {SITE}"),
    "failback-region": _region("failback", SITE, "held False", "nodes 2", f"primary {HOME}", f"writer {HOME}"),
    "backup": Case(
        "seawall.operate.copies.backup.runbook", _to_copy, _backup, _copied, seen=_mounted, needs=("mariadb",),
        idle=frozenset({"retain"}),
    ),
    "restore": Case("seawall.operate.copies.restore.runbook", _to_restore, _restore, _restored, needs=("mariadb",)),
    "failback-databases": Case(
        "seawall.operate.failover.from_copy.move",
        _two_databases,
        _failback_of_databases,
        _all_at_home,
        _visit_database,
        only=frozenset({"close", "copy-copy", "copy-manifest", "set-aside", "note-restoring", "restore-load"}),
        needs=("mariadb",),
    ),
    "remediate": Case(
        "seawall.operate.remediate._called",
        _aws,
        _called(
            lambda: remediate.runbook(mock.Mock(), _BODY, "shop", _EVENT, alarm="high", up=lambda: True), remediate
        ),
        _acted,
    ),
    "canary": Case("seawall.operate.canary.runbook", _released, _release, _all_moved),
    "cost-guard": Case(
        "seawall.operate.cost_guard.runbook",
        _aws,
        _called(lambda: cost_guard.runbook(mock.Mock(), _BODY, "shop", restore=False), cost_guard),
        _acted,
    ),
}  # fmt: skip
