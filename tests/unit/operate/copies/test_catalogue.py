"""Which copies there are and which is restored: the newest good one, and none that is cut, flipped or stale."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from copies_by_hand import JOB, NOW, put
from seawall.kernel.errors import OutsideError
from seawall.operate.copies.catalogue import choose, found, newest, oldest_allowed
from seawall.operate.copies.folder import Folder
from seawall.operate.copies.manifest import Manifest, copy_name
from seawall.operate.copies.pack import BadCopy, unpack


def accepted(folder: Path) -> str:
    """The copy that would be restored, read to its end; raises what refuses it."""
    store = Folder(folder)
    manifest = newest(store, JOB, not_older_than=oldest_allowed(JOB), as_of=NOW)
    for _ in unpack(store.get(manifest.dump), manifest, None):
        pass
    return manifest.name


# -- fifty bad copies ------------------------------------------------------------------------------------------------


def _dump(folder: Path) -> Path:
    return next(folder.glob("shop-db/*/dump.sql.gz"))


def _truncated(folder: Path, chance: random.Random) -> None:
    path = _dump(folder)
    path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])


def _truncated_and_told(folder: Path, chance: random.Random) -> None:
    """Cut off, with a manifest that has the size of what is left."""
    path = _dump(folder)
    short = path.read_bytes()[: chance.randrange(1, path.stat().st_size)]
    put(folder, NOW, change=lambda manifest: dataclasses.replace(manifest, size=len(short)))
    path.write_bytes(short)


def _grown(folder: Path, chance: random.Random) -> None:
    path = _dump(folder)
    path.write_bytes(path.read_bytes() + chance.randbytes(chance.randrange(1, 100)))


def _flipped(folder: Path, chance: random.Random) -> None:
    path = _dump(folder)
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def _zeroed(folder: Path, chance: random.Random) -> None:
    path = _dump(folder)
    content = bytearray(path.read_bytes())
    at = chance.randrange(len(content) - 64)
    content[at : at + 64] = bytes(64) if any(content[at : at + 64]) else b"\1" * 64
    path.write_bytes(content)


def _dump_of_another(folder: Path, chance: random.Random) -> None:
    other = folder.parent / "other"
    other.mkdir()
    put(other, NOW, seed=chance.randrange(2, 1000))
    _dump(folder).write_bytes(_dump(other).read_bytes())


def _manifest_of_another(folder: Path, chance: random.Random) -> None:
    other = folder.parent / "other"
    other.mkdir()
    put(other, NOW - timedelta(seconds=chance.randrange(0, 2)), seed=chance.randrange(2, 1000))
    manifest = next(other.glob("shop-db/*/manifest.json"))
    next(folder.glob("shop-db/*/manifest.json")).write_bytes(manifest.read_bytes())


def _renamed(folder: Path, chance: random.Random) -> None:
    here = _dump(folder).parent
    here.rename(here.with_name(f"{NOW - timedelta(seconds=chance.randrange(1, 5000)):%Y%m%dT%H%M%SZ}"))


def _of_another_platform(folder: Path, chance: random.Random) -> None:
    put(folder, NOW, change=lambda manifest: dataclasses.replace(manifest, platform=f"shop-{chance.randrange(99)}"))


def _stale(folder: Path, chance: random.Random) -> None:
    for path in folder.glob("shop-db/*/*"):
        path.unlink()
    put(folder, NOW - timedelta(seconds=oldest_allowed(JOB).seconds + chance.randrange(1, 10**6)))


WAYS = (
    _truncated, _truncated_and_told, _grown, _flipped, _zeroed, _dump_of_another, _manifest_of_another, _renamed,
    _of_another_platform, _stale,
)  # fmt: skip


@pytest.mark.needs("agent")
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("way", WAYS, ids=[way.__name__.strip("_") for way in WAYS])
def test_no_bad_copy_is_accepted(way: Callable[[Path, random.Random], None], seed: int, tmp_path: Path) -> None:
    """Fifty copies, each bad in a way of its own, are all refused; the same copy untouched is taken."""
    folder = tmp_path / "copies"
    folder.mkdir()
    put(folder, NOW)
    assert accepted(folder) == copy_name("shop-db", NOW)
    way(folder, random.Random(f"{way.__name__} {seed}"))
    with pytest.raises((OutsideError, BadCopy)):
        accepted(folder)


# -- which one is taken ----------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with copies of three days."""
    for days in range(3):
        put(tmp_path, NOW - timedelta(days=days))
    return tmp_path


@pytest.mark.needs("agent")
def test_copies_are_listed_newest_first(folder: Path) -> None:
    """All copies are listed with the newest first, and one that is none says why."""
    (folder / "shop-db" / f"{NOW:%Y%m%dT%H%M%SZ}" / "manifest.json").unlink()
    (folder / "shop-db" / "notes").mkdir()
    (folder / "shop-db" / "notes" / "manifest.json").write_text("{}")
    copies = found(Folder(folder), "shop-db")
    assert [copy.name for copy in copies] == [copy_name("shop-db", NOW - timedelta(days=days)) for days in range(3)]
    assert "no manifest" in copies[0].why_none
    assert not copies[1].why_none


@pytest.mark.needs("agent")
@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("platform", "bank-production", "of the platform bank-production"),
        ("engine", "postgresql", "of postgresql"),
        ("databases", ("bank",), "of bank"),
        ("began", NOW + timedelta(hours=1), "still to come"),
    ],
)
def test_newer_ones_that_are_not_taken_are_named(folder: Path, field: str, value: object, words: str) -> None:
    """The newest good copy is taken, and of each newer one it is said why not."""
    moment = NOW + timedelta(seconds=1)

    def change(manifest: Manifest) -> Manifest:
        ends = {"ended": NOW + timedelta(hours=2)} if field == "began" else {}
        return dataclasses.replace(manifest, **{field: value, **ends})

    if field == "began":
        put(folder, NOW + timedelta(hours=1))
    else:
        put(folder, moment, change=change)
    copy, refused = choose([Folder(folder)], JOB, not_older_than=None, as_of=NOW)
    assert copy.name == copy_name("shop-db", NOW)
    assert len(refused) == 1
    assert words in refused[0]


@pytest.mark.needs("agent")
def test_a_job_that_encrypts_takes_no_open_copy(folder: Path) -> None:
    """An unencrypted copy in a store of encrypted ones was put there by somebody else."""
    job = dataclasses.replace(JOB, encryption="file:/key")
    with pytest.raises(OutsideError, match="not encrypted"):
        choose([Folder(folder)], job, not_older_than=None, as_of=NOW)


@pytest.mark.needs("agent")
def test_the_youngest_of_several_stores_is_taken(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A store that lags behind or does not answer is passed over, and that is said."""
    behind, away = tmp_path_factory.mktemp("behind"), tmp_path_factory.mktemp("away") / "not there"
    put(behind, NOW - timedelta(hours=30))
    stores = [Folder(away), Folder(behind), Folder(folder)]
    copy, refused = choose(stores, JOB, not_older_than=None, as_of=NOW)
    assert (copy.store.place, copy.name) == (f"file:{folder}", copy_name("shop-db", NOW))
    assert any("not there" in line for line in refused)


@pytest.mark.needs("agent")
def test_what_was_found_damaged_is_not_taken_again(folder: Path) -> None:
    """A copy whose content was not its manifest's gives way to the one before it."""
    name = copy_name("shop-db", NOW)
    copy, refused = choose([Folder(folder)], JOB, not_older_than=None, as_of=NOW, without=[f"file:{folder} {name}"])
    assert copy.name == copy_name("shop-db", NOW - timedelta(days=1))
    assert refused == [f"{name} in file:{folder}: its content is not what its manifest says"]


@pytest.mark.needs("agent")
def test_a_copy_that_is_named_is_taken_or_nothing_is(folder: Path) -> None:
    """Naming a copy takes that one; a name that is not there takes no other instead."""
    name = copy_name("shop-db", NOW - timedelta(days=2))
    copy, refused = choose([Folder(folder)], JOB, not_older_than=None, as_of=NOW, name=name)
    assert (copy.name, refused) == (name, [])
    with pytest.raises(OutsideError, match="there is no copy shop-db/2020"):
        choose([Folder(folder)], JOB, not_older_than=None, as_of=NOW, name="shop-db/20200101T000000Z")
