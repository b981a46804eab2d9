"""What a drill hands to the failover runbook answers honestly, and leaves nothing to be guessed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from seawall.kernel.errors import OutsideError
from seawall.operate.drill import places
from seawall.operate.drill.events import Events
from seawall.operate.runbook import StepEvent


class Front:
    """A front whose check says what it is told to."""

    def __init__(self, well):
        self.is_well, self.gone, self.led = well, set(), {}

    def check_of(self, place):
        return f"check of {place}"

    def well(self, check):
        return self.is_well

    def leave(self, place):
        self.gone.add(place)

    def left(self, place):
        return place in self.gone

    def move(self, place, address):
        self.led[place] = address
        self.gone.discard(place)


class Machine:
    """A standby's machine that remembers whom it leads to."""

    promoted, pods = False, ()

    def promote(self, pods):
        self.promoted, self.pods = True, pods


def standby(front, *, ask=lambda: None, pods=()):
    """A standby without a database."""
    made = places.Standby(None, None, (), lambda: SimpleNamespace(), ask, front, "there")
    made.pods = pods
    return made


@pytest.mark.parametrize("well", [True, False])
def test_home_is_lost_when_its_checkers_say_so(well):
    """A failover is refused while home answers, and the checkers are whom it asks."""
    home = places.Lost(Front(well), "home")
    assert home.answers().proven is well
    assert home.answers().refuted is not well


def test_nothing_is_done_at_a_place_that_is_lost():
    """Whoever asks it to restore, start or close is told that it is gone; its questions have no answer."""
    home = places.Lost(Front(False), "home")
    for act in (home.newest, home.copying, home.set_aside, home.start, home.close, home.rest):
        with pytest.raises(OutsideError, match="lost"):
            act()
    for ask in (home.usable, home.aside, home.running, home.healthy, home.closed, home.resting):
        assert ask().unknown


def test_a_standby_is_usable_when_its_database_answers_and_healthy_when_its_pods_do():
    """A database that refuses makes it unknown, with the kind of refusal and no secret; no pod is not healthy."""

    def refuse():
        raise ConnectionError("password=hunter2")

    front = Front(True)
    assert standby(front).usable().proven
    said = standby(front, ask=refuse).usable()
    assert said.unknown
    assert "ConnectionError" in str(said.because)
    assert "hunter2" not in str(said.because)
    assert standby(front).healthy().refuted
    pod = SimpleNamespace(is_well=lambda: True, process=SimpleNamespace(runs=True))
    assert standby(front, pods=(pod,)).healthy().proven
    assert standby(front, pods=(pod,)).running().proven


@pytest.mark.parametrize("moved", ["", "127.0.0.9"])
def test_visitors_are_led_away_from_home_and_then_to_the_standby(moved):
    """First home's check counts as failed, then the machine lets in; one without names of its own takes home's."""
    front, machine = Front(True), Machine()
    names = places.Names(front, "home", standby(front, pods=("pod",)), machine, moved)
    assert names.left("home").refuted
    names.leave("home")
    assert names.left("home").proven
    assert names.lead_to("standby").refuted
    names.switch("standby")
    assert names.lead_to("standby").proven
    assert machine.pods == ("pod",)
    assert front.led == ({"home": moved} if moved else {})


def test_people_are_told_once():
    """The herald's words are on the record, and an event that was told is known to be."""
    events = Events()
    herald = places.Herald(events)
    assert herald.told("failover").refuted
    herald.tell("failover", "it serves again")
    assert herald.told("failover").proven
    assert [event.what for event in events.all()] == ["it serves again"]


def test_a_step_that_waits_is_told_once_and_what_it_took():
    """The record has what steps said and how long they took, without the same words again and again."""
    events = Events()
    report = places.reporter(events)
    for state, detail in (("begun", ""), ("said", "not yet"), ("said", "not yet"), ("done", ""), ("failed", "no")):
        report(StepEvent("failover", "wait", 1, 1, state, 1.5, detail))
    assert [event.what for event in events.all()] == ["wait: not yet", "wait: done in 1.50 s", "wait: failed: no"]


def test_a_yes_is_on_the_record_with_its_question():
    """What was agreed to can be read afterwards, and that it took no time."""
    events = Events()
    assert places.agree(events)("Lose\n  what was written?")
    assert events.all()[0].what == "yes, after 0 s: Lose what was written?"
