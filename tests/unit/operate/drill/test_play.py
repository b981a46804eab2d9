"""A scenario is played once a repeat, by chances that a seed gives again, and its figures are summed up honestly."""

from __future__ import annotations

import math
import random
import time

import pytest

from seawall.facts.facts import Facts
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.operate.drill.play import calibrate, chance, failures, lacking, play, quantile, spreads
from seawall.operate.drill.scenario import Measure, Outcome, Scenario, Setting


def setting(**more):
    """A setting without a platform, for scenarios that start no server."""
    return Setting(None, Graph(), Facts(()), random.Random(0), short=True, **more)


def made(act, **more):
    """A scenario that is played by a function."""
    return Scenario("made-up", "what it shows", more.pop("needs", {}), lambda setting: "", act, **more)


def outcome(value, limit=None, failures=(), expected=None):
    """One measure."""
    return Outcome((Measure("time", value, "s", limit=limit, expected=expected),), {}, {}, failures)


def test_every_repeat_has_a_stage_and_a_phase_of_its_own():
    """No two repeats share a folder or a moment of the probe's cycle; all folders are gone afterwards."""
    seen = []

    def act(stage, setting, events):
        seen.append((stage.root, setting.chance.random()))
        return outcome(1.0)

    assert [run.number for run in play(made(act), setting(), 3, seed=1)] == [1, 2, 3]
    assert len({root for root, _ in seen}) == 3
    assert len({phase for _, phase in seen}) == 3
    assert not any(root.exists() for root, _ in seen)


def test_a_seed_gives_the_same_phases_again():
    """The third of five repeats is the third of ten, and another scenario's is another."""
    one, other = made(lambda *all: outcome(1.0)), Scenario("other", "", {}, lambda s: "", lambda *all: outcome(1.0))
    assert chance(one, 7, 3).random() == chance(one, 7, 3).random()
    assert chance(one, 7, 3).random() != chance(one, 8, 3).random()
    assert chance(one, 7, 3).random() != chance(other, 7, 3).random()


def test_a_spread_says_how_far_the_repeats_lie_apart():
    """Min, median, 95th of a hundred and max, and a limit is kept only if every repeat kept it."""
    values = iter([1.0, 9.0, 3.0])
    runs = list(play(made(lambda *all: outcome(next(values), 5.0, expected=2.4)), setting(), 3, seed=1))
    (spread,) = spreads(runs)
    assert (spread.least, spread.median, spread.most, spread.worst) == (1.0, 3.0, 9.0, 9.0)
    assert spread.p95 == pytest.approx(8.4)
    assert spread.kept is False
    assert spread.off == pytest.approx(0.2)


def test_a_measure_that_is_to_be_large_is_worst_where_it_is_least():
    """What is promised at the least is broken by the smallest repeat."""
    values = iter([1.0, 9.0])
    act = lambda *all: Outcome((Measure("kept", next(values), "rows", 5.0, at_least=True),), {}, {})  # noqa: E731
    (spread,) = spreads(list(play(made(act), setting(), 2, seed=1)))
    assert spread.worst == 1.0
    assert spread.kept is False


def test_without_a_promise_nothing_is_kept_or_broken():
    """A figure that nobody promised is neither."""
    (spread,) = spreads(list(play(made(lambda *all: outcome(1.0)), setting(), 2, seed=1)))
    assert spread.kept is None
    assert spread.expected is None
    assert spread.off is None


@pytest.mark.parametrize(("share", "value"), [(0, 1), (0.5, 2.5), (0.95, 3.85), (1, 4)])
def test_quantiles_lie_between_neighbours(share, value):
    """Of few values a quantile is drawn between two of them."""
    assert quantile([4, 1, 3, 2], share) == pytest.approx(value)


def test_what_never_came_is_the_largest_of_all():
    """One repeat without an end makes no figure out of nothing."""
    assert quantile([2.0, math.inf, 1.0], 0.5) == 2
    assert quantile([math.inf], 0.95) == quantile([math.inf, math.inf], 0.5) == math.inf
    assert quantile([1.0, math.inf], 0.95) == math.inf


def test_a_failure_names_the_repeats_that_had_it():
    """One sentence for all repeats, and which they were."""
    said = iter([(), ("the page did not come",), ("the page did not come",)])
    runs = list(play(made(lambda *all: outcome(1.0, failures=next(said))), setting(), 3, seed=1))
    assert failures(runs) == ("the page did not come (run 2, 3)",)


def test_runs_that_ended_are_kept_when_a_later_one_fails():
    """Runs come one by one, so what was measured is not lost with the fourth."""
    values = iter([1.0, 2.0])
    runs = play(made(lambda *all: outcome(next(values))), setting(), 3, seed=1)
    assert [next(runs).number, next(runs).number] == [1, 2]
    with pytest.raises(RuntimeError):
        next(runs)


def test_a_fault_that_a_scenario_does_not_know_is_refused():
    """A drill never plays another fault than the one that was asked for."""
    with pytest.raises(InputError, match="freeze"):
        list(play(made(lambda *all: outcome(1.0), faults=("kill", "freeze")), setting(fault="full-disk"), seed=1))


def test_what_is_lacking_is_named_with_its_package():
    """A person reads which package to install; a module of Python counts, too."""
    scenario = made(lambda *all: outcome(1.0), needs={"no-such-server": "some-server", "json": "seawall[drill]"})
    (said,) = lacking(scenario, setting())
    assert "no-such-server" in said
    assert "some-server" in said
    of_one = made(lambda *all: outcome(1.0), needs_of=lambda setting: {"no-such-engine": "an-engine"})
    (said,) = lacking(of_one, setting())
    assert "an-engine" in said


def test_constants_come_from_a_play_of_their_own():
    """A calibration has a stage of its own; a scenario that estimates nothing has none."""
    stages = []

    def measure(stage, setting, events):
        stages.append(stage.root)
        return {"restore.per_mb": 0.02}

    assert calibrate(made(lambda *all: outcome(1.0), calibrate=measure), setting()) == {"restore.per_mb": 0.02}
    assert not stages[0].exists()
    assert calibrate(made(lambda *all: outcome(1.0)), setting()) == {}


def test_a_secret_that_gets_into_a_log_is_a_failure_and_is_not_repeated():
    """The log of a server, the arguments of a process and what is kept are looked over; the secret is named nowhere."""
    told = []

    def act(stage, setting, events):
        secret = stage.secret("password")
        told.append(secret)
        folder = stage.folder("server")
        (folder / "log").write_text(f"connecting as admin:{secret}\n")
        (folder / "server.conf").write_text(f"password={secret}\n")
        stage.start("server", ["tail", "-f", "/dev/null", "--", secret], folder=folder)
        time.sleep(0.25)
        events.add("server", f"began with {secret}")
        return outcome(1.0)

    (run,) = play(made(act), setting(), seed=1)
    words = " / ".join(run.outcome.failures)
    assert "server/log" in words
    assert "arguments of tail" in words
    assert "to be kept as evidence" in words
    assert "server.conf" not in words
    assert told[0] not in words


def test_a_run_that_keeps_its_secrets_has_no_failure():
    """Nothing is reported where a secret is only in the files that are to hold it."""

    def act(stage, setting, events):
        folder = stage.folder("server")
        (folder / "server.conf").write_text(stage.secret("password"))
        (folder / "log").write_text("ready\n")
        return outcome(1.0)

    (run,) = play(made(act), setting(), seed=1)
    assert run.outcome.failures == ()
