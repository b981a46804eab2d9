"""The backup's own decisions, with a stand-in for the dump: what is gone on with, what is not, and who may only add."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from seawall.kernel.errors import OutsideError
from seawall.kernel.units import Duration
from seawall.operate.copies import backup as backups
from seawall.operate.copies.backup import backup
from seawall.operate.copies.credentials import Credentials
from seawall.operate.copies.folder import Folder
from seawall.operate.copies.job import Database, Job
from seawall.operate.copies.store import Entry, Upload

pytestmark = pytest.mark.needs("agent")
SQL = b"USE `shop`;\nINSERT INTO `t` VALUES (1),(2);\n-- Dump completed on 2026-11-22\n"


class World:
    """A database that is dumped as often as it is asked, and the moment that it is."""

    def __init__(self) -> None:
        self.dumps = 0
        self.now = datetime(2026, 11, 22, 3, tzinfo=UTC)
        self.breaks = False


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Stand-ins for server, client, secret and clock."""
    found = World()

    @contextmanager
    def dumping(database: Database, credentials: Credentials) -> Iterator[Iterator[bytes]]:
        found.dumps += 1
        if found.breaks:
            raise OutsideError("the server went away")
        yield iter([SQL])

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return found.now

    monkeypatch.setattr(backups, "dumping", dumping)
    monkeypatch.setattr(backups, "versions", lambda database: {"mysqldump": "8.4.7"})
    monkeypatch.setattr(backups.secrets, "credentials", lambda database: Credentials("u", "p"))
    monkeypatch.setattr(backups._Backup, "_reach_server", lambda self: None)
    monkeypatch.setattr(backups, "datetime", Clock)
    return found


def job(*places: str, every: float = 3600, **more: Any) -> Job:
    """A job of an hour."""
    there = Database("mysql", "127.0.0.1", 3306, ("shop",), "file:/s", "off")
    return Job("shop-test", "shop-db", there, places, Duration(86_400), Duration(every), **more)


class Failing(Folder):
    """A folder that refuses what its name says, for as long as it is told to."""

    def __init__(self, folder: Path, what: str) -> None:
        super().__init__(folder)
        self.what = what

    def begin(self, name: str, *, over: bool = False) -> Any:
        if self.what and self.what in name:
            raise OutsideError("the store refuses")
        return super().begin(name, over=over)


class AddOnly:
    """A store that takes objects, and answers nothing else."""

    def __init__(self, folder: Path) -> None:
        self._store = Folder(folder)
        self.place = self._store.place

    def begin(self, name: str, *, over: bool = False) -> Upload:
        return self._store.begin(name, over=over)

    def put(self, name: str, content: Any) -> int:
        return self._store.put(name, content)

    def get(self, name: str) -> Iterator[bytes]:
        raise AssertionError("may not be read")

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        raise AssertionError("may not be listed")

    def remove(self, name: str) -> None:
        raise AssertionError("may not be deleted from")

    def sweep(self, prefix: str, older_than: datetime) -> int:
        raise AssertionError("may not be listed")


def lying(folder: Path) -> list[str]:
    """What lies below a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_who_may_only_add_adds_and_asks_nothing(world: World, tmp_path: Path) -> None:
    """A writer who may neither list nor read nor delete leaves a copy, and is never asked to."""
    (tmp_path / "a").mkdir()
    store = AddOnly(tmp_path / "a")
    made = backup(job(store.place, add_only=True), tmp_path / "state", stores=[store])
    assert made is not None
    assert lying(tmp_path / "a") == [made.dump, f"{made.name}/manifest.json"]
    assert made.rows == {"shop.t": 2}


def test_a_manifest_that_could_not_be_written_is_written_by_the_next_run(world: World, tmp_path: Path) -> None:
    """The dump is there and is not made again; the run that failed said so."""
    (tmp_path / "a").mkdir()
    store = Failing(tmp_path / "a", "manifest.json")
    metrics = (f"textfile:{tmp_path / 'm.prom'}",)
    with pytest.raises(OutsideError, match="refuses"):
        backup(job(store.place, metrics=metrics), tmp_path / "state", stores=[store])
    assert 'component="shop-db"} 0\n' in (tmp_path / "m.prom").read_text()
    store.what = ""
    world.now += timedelta(minutes=20)
    made = backup(job(store.place, metrics=metrics), tmp_path / "state", stores=[store])
    assert made is not None
    assert (world.dumps, made.began) == (1, datetime(2026, 11, 22, 3, tzinfo=UTC))
    assert 'component="shop-db"} 1\n' in (tmp_path / "m.prom").read_text()


def test_a_run_of_yesterday_is_not_gone_on_with(world: World, tmp_path: Path) -> None:
    """Where half of the time between two copies has passed, what is wanted is a copy of now."""
    (tmp_path / "a").mkdir()
    store = Failing(tmp_path / "a", "manifest.json")
    with pytest.raises(OutsideError):
        backup(job(store.place), tmp_path / "state", stores=[store])
    store.what = ""
    world.now += timedelta(minutes=31)
    made = backup(job(store.place), tmp_path / "state", stores=[store])
    assert made is not None
    assert (world.dumps, made.began) == (2, world.now)


def test_a_job_that_was_changed_begins_anew(world: World, tmp_path: Path) -> None:
    """A run that was cut short with another job keeps none of the next ones from being made."""
    (tmp_path / "a").mkdir()
    store = Failing(tmp_path / "a", "manifest.json")
    with pytest.raises(OutsideError):
        backup(job(store.place), tmp_path / "state", stores=[store])
    store.what = ""
    world.now += timedelta(seconds=5)
    made = backup(replace(job(store.place), keep=Duration(7 * 86_400)), tmp_path / "state", stores=[store])
    assert made is not None
    assert made.began == world.now


def test_a_store_that_takes_nothing_leaves_the_others_their_copy(world: World, tmp_path: Path) -> None:
    """Whether it refuses the dump or the manifest: the other has a whole copy, and the run fails and says why."""
    for what in ("dump.sql", "manifest.json"):
        one, two = tmp_path / what / "one", tmp_path / what / "two"
        one.mkdir(parents=True)
        two.mkdir()
        broken, good = Failing(one, what), Folder(two)
        with pytest.raises(OutsideError, match="refuses"):
            backup(job(broken.place, good.place), tmp_path / what / "state", stores=[broken, good])
        assert len(lying(two)) == 2
        broken.what = ""
        made = backup(job(broken.place, good.place), tmp_path / what / "state", stores=[broken, good])
        assert made is not None
        assert lying(one) == lying(two) == [made.dump, f"{made.name}/manifest.json"]
        world.now += timedelta(hours=1)


def test_a_dump_that_fails_is_shown_nowhere_and_a_dry_run_does_nothing(world: World, tmp_path: Path) -> None:
    """Nothing is left of a dump that fails, and a dry run neither dumps nor writes."""
    (tmp_path / "a").mkdir()
    world.breaks = True
    with pytest.raises(OutsideError, match="went away"):
        backup(job(f"file:{tmp_path / 'a'}"), tmp_path / "state")
    assert lying(tmp_path / "a") == []
    world.dumps = 0
    assert backup(job(f"file:{tmp_path / 'a'}"), tmp_path / "new", dry_run=True) is None
    assert (world.dumps, (tmp_path / "new").exists()) == (0, False)


def test_two_copies_of_one_second_are_two(world: World, tmp_path: Path) -> None:
    """A copy is never written over by another of the same second: the second run says that it is there."""
    (tmp_path / "a").mkdir()
    made = backup(job(f"file:{tmp_path / 'a'}"), tmp_path / "state")
    with pytest.raises(OutsideError, match="already"):
        backup(job(f"file:{tmp_path / 'a'}"), tmp_path / "state")
    assert made is not None
    assert lying(tmp_path / "a") == [made.dump, f"{made.name}/manifest.json"]
