"""`seawall drill` lists, plays, keeps and tells; what it lacks it names, and its exit status says how it went."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from importlib.resources import files

import pytest

from seawall.cli.main import main
from seawall.kernel.errors import OutsideError
from seawall.operate.drill import scenario as scenario_module
from seawall.operate.drill.scenario import Measure, Outcome, Scenario

STANDINS = {"RDS for MySQL": "MariaDB 10.11"}


def scenario(name, act=None, applies="", **more):
    """A scenario that measures three seconds, or whatever is given."""

    def play(stage, setting, events):
        events.add("home", "lost")
        if act is not None:
            return act(stage, setting, events)
        return outcome()

    return Scenario(name, f"what {name} shows", more.pop("needs", {}), lambda setting: applies, play, **more)


def outcome(value=3.0, limit=1800.0, failures=()):
    """A recovery time."""
    measure = Measure("RTO", value, "s", limit=limit, claim="region_loss.rto")
    return Outcome((measure,), STANDINS, {"probe": 0.5}, failures, {"GET": {"answered": 9, "failed": 1}})


@pytest.fixture
def play(monkeypatch, tmp_path, capsys):
    """Run the command with these scenarios alone; its status, what it printed, and what it told on the way."""

    def run(*words, only):
        monkeypatch.setattr(scenario_module, "scenarios", lambda: {one.name: one for one in only})
        status = main(["drill", "petclinic", *words, *(["--state-dir", str(tmp_path)] if words else [])])
        return status, *capsys.readouterr()

    return run


def schema():
    """What the command's JSON is held against."""
    import jsonschema

    return jsonschema.Draft202012Validator(json.loads(files("seawall.schemas").joinpath("drill.json").read_text()))


def test_a_drill_tells_each_event_and_ends_with_a_table(play, tmp_path):
    """A person watches it go, sees the figures beside the promise, and where they are kept."""
    status, out, err = play("one", "--repeat", "3", "--seed", "5", only=[scenario("one")])
    assert status == 0
    assert err.count("home: lost") == 3
    assert "played 3 times with --seed 5" in out
    assert "<= 1800 s" in out
    assert "played by: RDS for MySQL by MariaDB 10.11" in out
    kept = tmp_path / "petclinic" / "production" / "drill" / "evidence"
    assert len(list(kept.glob("one-*.svg"))) == 3
    assert len(list(kept.glob("one-*.json"))) == 1


def test_what_was_promised_and_not_kept_ends_with_1(play):
    """A measure beyond its limit, and a sentence of failure, each redden it."""
    late = scenario("late", lambda *all: outcome(2000.0))
    status, out, _ = play("late", only=[late])
    assert status == 1
    assert "NOT KEPT" in out
    failed = scenario("failed", lambda *all: outcome(failures=("no page came",)))
    status, out, _ = play("failed", only=[failed])
    assert status == 1
    assert "FAILED: no page came" in out


def test_a_missing_package_is_named_and_the_others_play(play):
    """`all` plays what can be played, names what cannot with its package, and ends with 3."""
    lacking = scenario("lacking", needs={"no-such-server": "some-server"})
    status, out, _ = play("all", only=[scenario("one"), lacking, scenario("two", applies="it has no cache")])
    assert status == 3
    assert "one, kill, played once" in out
    assert "lacking: not played: lacking: no-such-server" in out
    assert "apt-get install some-server" in out
    assert "two: not played: it has no cache" in out


def test_what_does_not_apply_is_no_failure_of_all(play):
    """A platform without a cache is not red for it."""
    status, _, _ = play("all", only=[scenario("one"), scenario("two", applies="it has no cache")])
    assert status == 0


def test_one_that_a_platform_cannot_play_is_refused_with_the_reason(play):
    """Asked for by name, it is a mistake in the input."""
    status, _, err = play("two", only=[scenario("two", applies="it has no cache")])
    assert status == 2
    assert "it has no cache" in err


def test_a_server_that_does_not_start_ends_one_drill_and_not_all(play):
    """The others of `all` play, and the status says that something outside failed."""

    def fail(*all):
        raise OutsideError("mariadb ended before it answered")

    status, out, _ = play("all", only=[scenario("broken", fail), scenario("one")])
    assert status == 3
    assert "broken: not played: it broke off: mariadb ended" in out
    assert "one, kill, played once" in out
    status, _, err = play("broken", only=[scenario("broken", fail)])
    assert status == 3
    assert "ended before" in err


def test_what_was_played_is_kept_when_a_later_repeat_breaks_off(play, tmp_path):
    """Two good plays of an hour are no less true for a third that did not come to its end."""
    came = iter([outcome(), outcome()])

    def breaks_off(*all):
        if (made := next(came, None)) is None:
            raise OutsideError("mariadb ended before it answered")
        return made

    status, _, err = play("one", "--repeat", "3", only=[scenario("one", breaks_off)])
    assert status == 3
    assert "one: 2 of 3 were played" in err
    (file,) = (tmp_path / "petclinic" / "production" / "drill" / "evidence").glob("one-*.json")
    assert len(json.loads(file.read_text())["runs"][0]["repeats"]) == 2


@pytest.mark.needs("jsonschema")
def test_what_never_came_is_said_in_words_and_in_json_that_anybody_reads(play, tmp_path, capsys):
    """JSON has no infinity; what has no end is promised by nobody."""
    never = scenario("never", lambda *all: replace(outcome(math.inf), marks={"lost": 1.0, "back": math.inf}))
    status, out, _ = play("never", only=[never])
    assert status == 1
    assert re.search(r"RTO( +never){4} +<= 1800 s +NOT KEPT", out)
    (file,) = (tmp_path / "petclinic" / "production" / "drill" / "evidence").glob("never-*.json")
    kept = json.loads(file.read_text(), parse_constant=pytest.fail)
    schema().validate(kept)
    assert kept["runs"][0]["measures"][0]["max"] is None
    assert kept["runs"][0]["repeats"][0]["marks"] == {"lost": 1.0}
    main(["prove", "petclinic", "--state-dir", str(tmp_path), "--format", "json"])
    proved = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    found = [found for claim in proved["claims"] for found in claim["measured"]]
    assert [(one["value"], one["within"]) for one in found] == [(None, False)]


def test_an_unknown_scenario_or_fault_lists_what_there_is(play):
    """A slip of the pen is answered with what was meant."""
    status, _, err = play("region-los", only=[scenario("region-loss")])
    assert status == 2
    assert "did you mean region-loss?" in err
    status, _, err = play("one", "--fault", "earthquake", only=[scenario("one")])
    assert status == 2
    assert "corrupt-backup" in err
    status, _, err = play("one", "--fault", "freeze", only=[scenario("one", calibrate=lambda *all: {})])
    assert status == 2
    assert "it plays kill" in err
    assert "measuring" not in err


def test_the_list_says_what_applies_and_what_is_lacking(play):
    """Without a scenario nothing is played."""
    ones = [scenario("one", faults=("kill", "freeze")), scenario("two", applies="it has no cache")]
    ones.append(scenario("three", needs={"no-such-server": "some-server"}))
    status, out, _ = play(only=ones)
    assert status == 0
    assert "--fault kill|freeze" in out
    assert "not of petclinic: it has no cache" in out
    assert "lacking: no-such-server" in out
    both = scenario("both", applies="it has no cache", needs={"no-such-server": "some-server"})
    assert "lacking" not in play(only=[both])[1]


@pytest.mark.needs("jsonschema")
def test_its_json_keeps_to_its_schema(play):
    """What was played, what was not and why; and the list."""
    status, out, _ = play("all", "--format", "json", only=[scenario("one"), scenario("two", applies="no cache")])
    assert status == 0
    document = json.loads(out)
    schema().validate(document)
    assert [run["scenario"] for run in document["runs"]] == ["one"]
    assert document["not_played"] == [{"scenario": "two", "why": "no cache", "lacking": False}]
    status, out, _ = play("--format", "json", only=[scenario("one")])
    schema().validate(json.loads(out))


def test_short_is_small_and_quick(play):
    """A short version seeds little, asks little and probes quickly, unless it is told otherwise."""
    seen = []
    one = scenario("one", lambda stage, setting, events: seen.append(setting) or outcome())
    play("one", "--short", only=[one])
    play("one", "--short", "--probe", "0.5s", "--megabytes", "2", only=[one])
    assert (seen[0].short, seen[0].megabytes, seen[0].rate, seen[0].probe) == (True, 5, 60, 0.1)
    assert (seen[1].megabytes, seen[1].probe) == (2, 0.5)


def test_constants_are_measured_apart_and_kept(play):
    """An estimate never rests on the run that it is held against; a short version makes none."""
    one = scenario("one", calibrate=lambda stage, setting, events: {"restore.per_mb": 0.02})
    status, out, err = play("one", "--format", "json", only=[one])
    assert json.loads(out)["runs"][0]["constants"] == {"restore.per_mb": 0.02}
    assert "measuring this machine's constants first" in err
    status, out, _ = play("one", "--short", "--format", "json", only=[one])
    assert status == 0
    assert json.loads(out)["runs"][0]["constants"] == {}


@pytest.mark.needs("jsonschema")
def test_prove_shows_what_was_measured_and_judges_as_before(play, tmp_path, capsys):
    """A drill stands beside the claim with its stand-ins, and changes neither verdict nor status."""
    import jsonschema

    before = main(["prove", "petclinic", "--state-dir", str(tmp_path), "--format", "json"])
    verdicts = [claim["verdict"] for claim in json.loads(capsys.readouterr().out)["claims"]]
    play("late", only=[scenario("late", lambda *all: outcome(2000.0))])
    assert main(["prove", "petclinic", "--state-dir", str(tmp_path)]) == before
    shown = capsys.readouterr().out
    assert "measured 2000.0 s (once) by the drill late" in shown
    assert "MORE THAN THE 1800 s CLAIMED" in shown
    assert "the drills ran with stand-ins, and decide nothing: MariaDB 10.11" in shown
    main(["prove", "petclinic", "--state-dir", str(tmp_path), "--format", "json"])
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, json.loads(files("seawall.schemas").joinpath("prove.json").read_text()))
    assert [claim["verdict"] for claim in document["claims"]] == verdicts
    measured = [found for claim in document["claims"] for found in claim["measured"]]
    assert [found["within"] for found in measured] == [False]
