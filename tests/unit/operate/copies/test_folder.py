"""A folder as a store: whole or not there, nothing outside it, and nothing left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from seawall.kernel.errors import InputError, OutsideError
from seawall.operate.copies.store import Missing
from seawall.operate.copies.stores import open_store, why_none
from seawall.operate.copies.uploads import Blocks


def test_an_object_is_whole_or_not_there(tmp_path: Path) -> None:
    """What a source raises leaves nothing under the name, and an object that was there as it was."""
    store = open_store(f"file:{tmp_path}")

    def failing() -> Iterator[bytes]:
        yield b"half"
        raise OutsideError("the server went away")

    with pytest.raises(OutsideError, match="went away"):
        store.put("db/a/dump", failing())
    assert list(store.entries()) == []
    assert store.put("db/a/dump", [b"one", b"two"]) == 6
    with pytest.raises(OutsideError, match="went away"):
        store.put("db/a/dump", failing())
    assert b"".join(store.get("db/a/dump")) == b"onetwo"
    assert [(entry.name, entry.size) for entry in store.entries("db/")] == [("db/a/dump", 6)]
    assert (tmp_path / "db/a/dump").stat().st_mode & 0o077 == 0


def test_what_is_being_written_is_not_seen_and_is_never_written_over(tmp_path: Path) -> None:
    """An upload shows at its commit; one that may not write over what is there leaves that."""
    store = open_store(f"file:{tmp_path}")
    upload = store.begin("db/a/dump")
    upload.write(b"mine")
    assert list(store.entries()) == []
    store.put("db/a/dump", [b"other"])
    assert upload.end() == 4
    with pytest.raises(OutsideError, match="already"):
        upload.commit()
    upload.abort()
    assert b"".join(store.get("db/a/dump")) == b"other"
    assert len(list((tmp_path / "db/a").iterdir())) == 1


def test_parts_that_nobody_ended_are_swept_once_they_are_old(tmp_path: Path) -> None:
    """A part of a killed run goes after its time; one of a run that goes on stays."""
    store = open_store(f"file:{tmp_path}")
    store.begin("db/a/dump").write(b"part")
    now = datetime.now(UTC)
    assert store.sweep("db/", now - timedelta(hours=1)) == 0
    assert store.sweep("other/", now + timedelta(hours=1)) == 0
    assert store.sweep("db/", now + timedelta(hours=1)) == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_is_missing_is_said_and_what_is_removed_is_gone(tmp_path: Path) -> None:
    """Missing is an answer of its own; removing what is not there is none of anybody's business."""
    store = open_store(f"file:{tmp_path}")
    with pytest.raises(Missing):
        store.get("db/a/dump")
    store.remove("db/a/dump")
    store.put("db/a/dump", [b"x"])
    store.remove("db/a/dump")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="no name"):
        store.get("db/../../etc/passwd")
    with pytest.raises(OutsideError):
        open_store(f"file:{tmp_path}/absent").begin("db/a/dump")


@pytest.mark.parametrize(
    "place",
    ["azure:acc/container", "azure:acc12/con/a/b", "s3:bucket", "s3:my.bucket-1/prefix/x", "file:/var/copies",
     "azure+http://127.0.0.1:10000/devstoreaccount1/copies/p"],
)  # fmt: skip
def test_places_are_told_by_their_words(place: str) -> None:
    """The spellings that jobs use are stores."""
    assert why_none(place) == ""


@pytest.mark.parametrize(
    "place",
    ["", "azure:acc", "azure:ACC/container", "s3:", "s3:b/../c", "s3:bucket//x", "file:copies", "http://x/y",
     "azure+http://10.0.0.1:10000/devstoreaccount1/copies", "azure+https://example.org/acc/container"],
)  # fmt: skip
def test_other_words_are_refused(place: str) -> None:
    """What names no store is an error for a person before anything is asked."""
    assert why_none(place)
    with pytest.raises(InputError):
        open_store(place)


def test_azurite_needs_its_key_from_the_environment() -> None:
    """The key of an account on the loopback is in no job."""
    place = "azure+http://127.0.0.1:10000/devstoreaccount1/copies"
    for environment in ({}, {"AZURE_STORAGE_KEY": "not base64!"}):
        with pytest.raises(InputError, match="AZURE_STORAGE_KEY"):
            open_store(place, environment=environment)
    assert open_store(place, environment={"AZURE_STORAGE_KEY": "a2V5"}).place == place


def test_blocks_go_out_in_order_and_few_are_held() -> None:
    """Blocks are no smaller than they must be, and in order; a failure comes back to whoever writes; nothing hangs."""
    sent: list[bytes] = []
    blocks = Blocks(lambda number, block: sent.append(block), block=10)
    for _ in range(9):
        blocks.write(b"abcdefg")
    blocks.end()
    assert b"".join(sent) == b"abcdefg" * 9
    assert [len(block) for block in sent] == [14] * 4 + [7]

    def refuse(number: int, block: bytes) -> None:
        raise OutsideError("full")

    failing = Blocks(refuse, block=1)

    def go_on() -> None:
        for _ in range(1000):
            failing.write(b"abc")

    with pytest.raises(OutsideError, match="full"):
        go_on()
    failing.abort()
    assert not [thread for thread in threading.enumerate() if thread.name == "upload"]
