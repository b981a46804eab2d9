"""A place takes over with a copy, and gives back without a loss; every question of the bad day is asked in time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from operate_world import World, WorldHerald, WorldNames, WorldSite, answering
from seawall.kernel.errors import InputError, OutsideError
from seawall.operate.failover.from_copy import _ago, failover, move
from seawall.operate.runbook import Ran, run

SUBJECT = "shop-production"


def fail_over(world: World, folder: Path, *, answer: bool = True, although: bool = False, anew: bool = False) -> Ran:
    """The standby takes over."""
    home, azure = WorldSite(world, "home"), WorldSite(world, "azure")
    book = failover(
        SUBJECT,
        home,
        azure,
        WorldNames(world),
        WorldHerald(world),
        although_it_answers=although,
        patience=0.2,
        every=0.01,
    )
    return run(book, folder, approve=answering(world, answer), anew=anew)


def fail_back(world: World, folder: Path, answer: bool = True) -> Ran:
    """Home takes over again."""
    home, azure = WorldSite(world, "home"), WorldSite(world, "azure")
    names, herald = WorldNames(world), WorldHerald(world)
    book = move("failback", SUBJECT, azure, home, names, herald, rest=True, patience=0.2, every=0.01)
    return run(book, folder, approve=answering(world, answer))


def lost(tmp_path: Path) -> World:
    """A world that was copied, written to once more, and lost."""
    world = World.fresh(tmp_path)
    world.copy()
    assert world.visit()
    world.lose()
    return world


def test_the_standby_takes_over_with_the_newest_copy(tmp_path: Path) -> None:
    """What is lost is what was written after the copy, and visitors write at the standby afterwards."""
    world = lost(tmp_path)
    assert not world.visit()
    fail_over(world, tmp_path / "operations")
    assert world.visit()
    assert world.site("azure")["rows"] == [1, 2, 3, 5]
    assert list(world.now["told"]) == ["failover copy-1"]


def test_the_question_names_the_moment_and_how_long_ago_it_was(tmp_path: Path) -> None:
    """A person agrees to a moment, not to a number of a policy."""
    world = lost(tmp_path)
    with world.change() as state:
        state["copies"][0]["began"] = "2026-11-21T03:00:05.500+00:00"
    fail_over(world, tmp_path / "operations")
    (asked,) = world.now["asked"]
    assert "Lose what was written to shop-production after 2026-11-21 03:00:05 UTC (" in asked
    assert asked.endswith("), and serve from azure?")


def test_a_home_that_answers_is_not_given_up(tmp_path: Path) -> None:
    """It is refused, whoever would say yes; a grey failure is taken as lost only by its own word."""
    world = World.fresh(tmp_path)
    world.copy()
    with pytest.raises(OutsideError, match="decide was not begun"):
        fail_over(world, tmp_path / "operations")
    assert world.now["deeds"] == []
    assert world.now["asked"] == []
    fail_over(world, tmp_path / "operations", although=True, anew=True)
    assert world.site("azure")["running"]


def test_what_cannot_be_told_is_asked(tmp_path: Path) -> None:
    """Where nobody can say whether home is lost, the person is told so."""
    world = lost(tmp_path)
    with world.change() as state:
        state["sites"]["home"]["broken"] = "unseen"
    fail_over(world, tmp_path / "operations")
    assert world.now["asked"][0].startswith("Nobody can say that home is lost: nothing at all answers from here.")


def test_who_says_no_is_asked_anew_about_what_is_so_then(tmp_path: Path) -> None:
    """A copy that came meanwhile is the one that the next question names; nothing was changed by the first."""
    world = lost(tmp_path)
    with pytest.raises(InputError, match="needs an approval"):
        fail_over(world, tmp_path / "operations", answer=False)
    assert world.now["deeds"] == []
    world.copy()
    ran = fail_over(world, tmp_path / "operations")
    assert ran.kept["copy"] == "copy-2"


def test_a_home_that_came_back_is_not_given_up_by_an_old_decision(tmp_path: Path) -> None:
    """A run that was cut short after the decision asks again whether home is lost, before anything is changed."""
    world = lost(tmp_path)

    class Cut(WorldNames):
        def leave(self, site: str) -> None:
            raise KeyboardInterrupt

    home, azure = WorldSite(world, "home"), WorldSite(world, "azure")
    folder, yes = tmp_path / "operations", answering(world)
    with pytest.raises(KeyboardInterrupt):
        run(failover(SUBJECT, home, azure, Cut(world), WorldHerald(world)), folder, approve=yes)
    with world.change() as state:
        state["sites"]["home"]["lost"] = False
    with pytest.raises(OutsideError, match="leave was not begun") as raised:
        run(failover(SUBJECT, home, azure, WorldNames(world), WorldHerald(world)), folder, approve=yes)
    assert "--anew" in str(raised.value)
    assert world.now["deeds"] == []


def test_home_gets_everything_back(tmp_path: Path) -> None:
    """What was written at the standby is home's afterwards; what home had is kept aside; the standby rests."""
    world = lost(tmp_path)
    fail_over(world, tmp_path / "operations")
    assert world.visit()
    with world.change() as state:
        state["sites"]["home"] |= {"lost": False, "running": False}
    fail_back(world, tmp_path / "operations")
    assert world.site("home")["rows"] == [1, 2, 3, 5]
    assert world.site("home")["aside"] == [1, 2, 3, 4]
    assert world.site("azure")["resting"]
    assert world.visit()


def test_nothing_is_closed_while_home_is_still_away(tmp_path: Path) -> None:
    """Visitors do not see the maintenance page for a home that cannot take over."""
    world = lost(tmp_path)
    fail_over(world, tmp_path / "operations")
    with pytest.raises(OutsideError, match="agree was not begun"):
        fail_back(world, tmp_path / "operations")
    assert world.visit()


def test_a_move_that_is_planned_loses_nothing(tmp_path: Path) -> None:
    """Home is closed before it is copied, so the copy holds every acknowledged write."""
    world = World.fresh(tmp_path)
    world.copy()
    world.visit()
    home, azure = WorldSite(world, "home"), WorldSite(world, "azure")
    book = move("failover", SUBJECT, home, azure, WorldNames(world), WorldHerald(world), rest=False)
    run(book, tmp_path / "operations", approve=answering(world))
    assert world.site("azure")["rows"] == world.now["acknowledged"] == [1, 2, 3, 4]
    deeds = world.now["deeds"]
    assert deeds.index("close home") < deeds.index("copy home") < deeds.index("switch azure")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (3600, "1 h"), (15130, "4 h 12 min"), (93600, "1 d 2 h")],
)
def test_a_span_is_said_as_people_say_it(seconds: int, words: str) -> None:
    """Two units at most: who decides in a hurry reads hours and minutes."""
    assert _ago(timedelta(seconds=seconds)) == words
