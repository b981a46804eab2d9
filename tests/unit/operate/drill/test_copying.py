"""Copies on a cycle: what fails is told and tried again, and an agent whose region is lost commits nothing."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from seawall.kernel.errors import OutsideError
from seawall.operate.copies.folder import Folder
from seawall.operate.drill.copying import Copying, Severable, on_record
from seawall.operate.drill.course import slices
from seawall.operate.drill.damage import DAMAGES, kept, put_back
from seawall.operate.drill.events import Events
from seawall.operate.drill.load import Request


def manifest(number):
    """What a backup gives."""
    return SimpleNamespace(name=f"db/{number}", began=datetime.now(UTC))


def test_copies_are_made_one_after_the_other_until_the_region_is_lost():
    """Each begins a cycle after the one before; none begins once its region is lost."""
    made = []
    copying = Copying(lambda: made.append(1) or manifest(len(made)), 0.02, Events())
    copying.start()
    assert copying.wait(3, seconds=5)
    copying.lose()
    copying.settle(5)
    count = len(copying.made)
    time.sleep(0.06)
    assert len(copying.made) == count >= 3
    assert all(one.seconds >= 0 for one in copying.made)


def test_what_fails_is_told_and_tried_again():
    """A copy that could not be made is an event with its reason, and the next one comes when it is due."""
    answers = iter([OutsideError("no password"), manifest(2)])

    def make():
        found = next(answers, None) or manifest(9)
        if isinstance(found, Exception):
            raise found
        return found

    events = Events()
    copying = Copying(make, 0.01, events)
    copying.start()
    assert copying.wait(1, failed=1, seconds=5)
    copying.lose()
    copying.settle(5)
    assert copying.failed == ("no password",)
    assert events.all()[0].what == "no copy: no password"


def test_a_mistake_of_ours_is_no_late_copy():
    """What is no refusal of the outside is raised to whoever waits."""
    copying = Copying(lambda: {}["nothing"], 0.01, Events())
    copying.start()
    with pytest.raises(KeyError):
        copying.wait(1, seconds=5)


def test_nothing_is_committed_once_the_way_is_severed(tmp_path):
    """An upload that is under way when the region is lost never becomes a copy."""
    store = Folder(tmp_path)
    way = Severable(store)
    whole, half = way.begin("a/one"), way.begin("a/two")
    for upload in (whole, half):
        upload.write(b"content")
        upload.end()
    whole.commit()
    way.sever()
    with pytest.raises(OutsideError, match="region is lost"):
        half.commit()
    half.abort()
    with pytest.raises(OutsideError):
        way.put("a/three", [b"content"])
    assert [entry.name for entry in store.entries()] == ["a/one"]


def test_a_moment_of_the_calendar_has_a_place_on_the_record():
    """The snapshot's moment and the events' are on one clock."""
    events = Events()
    assert on_record(datetime.now(UTC) - timedelta(seconds=3), events) == pytest.approx(-3, abs=0.2)


def test_the_load_over_time_counts_each_request_once():
    """Slices hold every request, served or failed, by when it was sent."""
    requests = [Request("GET", "/", 0, at / 10, at / 10 + 0.01, 200 if at < 50 else 503) for at in range(100)]
    found = slices(requests)
    assert sum(one.answered for one in found) == 50
    assert sum(one.failed for one in found) == 50
    assert slices([]) == ()


@pytest.mark.parametrize("way", DAMAGES)
def test_every_damage_changes_the_store_and_can_be_put_back(way, tmp_path):
    """A way of damage that damages nothing would show nothing."""
    store = Folder(tmp_path)
    made = []
    for number in (1, 2):
        name = f"db/2026112{number}T030000Z"
        content = bytes(random.Random(number).randbytes(2000))
        store.put(f"{name}/dump.sql.gz", [content])
        store.put(f"{name}/manifest.json", [b'{"rows": {"a.b": %d}}' % number])
        made.append(SimpleNamespace(name=name, dump=f"{name}/dump.sql.gz", size=len(content)))
    older, newer = made
    before = kept(store, newer)
    DAMAGES[way](store, newer, older, random.Random(3))
    after = {entry.name: b"".join(store.get(entry.name)) for entry in store.entries(newer.name)}
    assert after != before
    put_back(store, before)
    assert kept(store, newer) == before
