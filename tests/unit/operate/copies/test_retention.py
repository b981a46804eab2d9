"""Old copies go and the newest good one never does, whatever lies beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.kernel.units import Duration
from seawall.operate.copies.manifest import MANIFEST, Manifest, copy_name
from seawall.operate.copies.retention import manifest_of, superfluous
from seawall.operate.copies.store import Entry, Missing

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEEP = Duration(86_400 * 7)


class Memory:
    """A store in memory whose objects were written when their copy began."""

    place = "memory"

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, datetime]] = {}

    def put(self, name: str, content: Iterable[bytes]) -> int:
        self.objects[name] = (b"".join(content), NOW)
        return len(self.objects[name][0])

    def get(self, name: str) -> Iterator[bytes]:
        if name not in self.objects:
            raise Missing(name)
        return iter([self.objects[name][0]])

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        for name, (content, written) in sorted(self.objects.items()):
            if name.startswith(prefix):
                yield Entry(name, len(content), written)

    def remove(self, name: str) -> None:
        self.objects.pop(name, None)


def add(store: Memory, hours: float, kind: str = "good", platform: str = "shop") -> str:
    """A copy that began so many hours ago; its name."""
    began = NOW - timedelta(hours=hours)
    manifest = Manifest(
        platform, "db", "mysql", "h:1", ("s",), began, began, {}, "0" * 64, 0, "0" * 64, 4, "0" * 64, {}, {}
    )  # fmt: skip
    if kind != "no dump":
        store.objects[manifest.dump] = (b"dump" if kind != "short" else b"du", began)
    if kind != "orphan":
        content = manifest.as_bytes() if kind != "no manifest" else b"{}"
        store.objects[f"{manifest.name}/{MANIFEST}"] = (content, began)
    return manifest.name


def test_what_is_older_than_kept_goes_manifest_first() -> None:
    """The manifest is named before its dump, and copies that are young enough stay."""
    store = Memory()
    add(store, 1)
    old = add(store, 24 * 8)
    assert superfluous(store, "shop", "db", KEEP, NOW) == (f"{old}/{MANIFEST}", f"{old}/dump.sql.gz")


@pytest.mark.parametrize("newer", ["orphan", "no manifest", "short", "no dump"])
def test_the_newest_good_copy_stays_however_old(newer: str) -> None:
    """Newer ones that are none do not count; the last good one of a month ago is all there is."""
    store = Memory()
    good = add(store, 24 * 30)
    older = add(store, 24 * 40)
    add(store, 1, newer)
    gone = superfluous(store, "shop", "db", KEEP, NOW)
    assert [name for name in gone if name.startswith(good)] == []
    assert [name for name in gone if name.startswith(older)] == [f"{older}/{MANIFEST}", f"{older}/dump.sql.gz"]
    assert len(gone) == 2, "what is an hour old may still become a copy"


@pytest.mark.parametrize("kind", ["orphan", "no dump"])
def test_what_never_became_a_copy_goes_after_hours(kind: str) -> None:
    """A dump without manifest, and a manifest without dump: removed once nobody can still be at it."""
    store = Memory()
    add(store, 1)
    name = add(store, 7, kind)
    gone = superfluous(store, "shop", "db", KEEP, NOW)
    assert gone
    assert all(one.startswith(name) for one in gone)


def test_what_is_named_otherwise_is_left_alone() -> None:
    """Notes, other components, other stamps: nobody told us to remove those."""
    store = Memory()
    add(store, 1)
    for name in ("db/notes.txt", "db/2020/dump.sql.gz", "other/20200101T000000Z/dump.sql.gz",
                 "db/20200101T000000Z/notes", "db/20209999T999999Z/dump.sql.gz"):  # fmt: skip
        store.objects[name] = (b"", datetime(2020, 1, 1, tzinfo=UTC))
    assert superfluous(store, "shop", "db", KEEP, NOW) == ()


def test_another_platforms_copies_in_the_same_place_are_its_own_business() -> None:
    """They are not removed, and that one of them is new and good is no reason to remove the last of ours."""
    store = Memory()
    add(store, 24 * 30)
    theirs = add(store, 24 * 40, platform="bank")
    add(store, 1, platform="bank")
    assert superfluous(store, "shop", "db", KEEP, NOW) == ()
    add(store, 2)
    gone = superfluous(store, "shop", "db", KEEP, NOW)
    assert gone
    assert not any(name.startswith(theirs) for name in gone)


def test_a_copy_that_is_still_to_come_is_not_the_newest_good_one() -> None:
    """Nobody restores it, so it is no reason to remove the last one that somebody could."""
    store = Memory()
    add(store, 24 * 30)
    add(store, -48)
    assert superfluous(store, "shop", "db", KEEP, NOW) == ()


@given(
    copies=st.lists(
        st.tuples(st.integers(0, 24 * 60), st.sampled_from(["good", "orphan", "no dump", "short", "no manifest"])),
        max_size=12,
        unique_by=lambda copy: copy[0],
    )
)
def test_removing_leaves_a_good_copy_where_there_was_one_and_then_nothing_to_remove(
    copies: list[tuple[int, str]],
) -> None:
    """Whatever there is: the newest good copy stays, every step leaves it, and a second run finds nothing."""
    store = Memory()
    for hours, kind in copies:
        add(store, hours, kind)
    newest = min((hours for hours, kind in copies if kind == "good"), default=None)
    for name in superfluous(store, "shop", "db", KEEP, NOW):
        store.remove(name)
        if newest is not None:
            assert manifest_of(store, copy_name("db", NOW - timedelta(hours=newest))) is not None
    assert superfluous(store, "shop", "db", KEEP, NOW) == ()
    if newest is not None:
        left = {name.rpartition("/")[0] for name in store.objects}
        young = {
            copy_name("db", NOW - timedelta(hours=hours)) for hours, kind in copies if kind == "good" and hours < 168
        }
        assert young <= left
