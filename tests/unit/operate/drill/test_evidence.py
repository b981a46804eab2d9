"""What a drill measured is kept with how it was taken, and read again beside the claims."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from importlib.resources import files
from types import SimpleNamespace

import pytest

from seawall.facts.facts import Facts
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.origin import NOWHERE
from seawall.operate.drill import evidence
from seawall.operate.drill.events import Event
from seawall.operate.drill.evidence import Played
from seawall.operate.drill.play import Run
from seawall.operate.drill.scenario import Measure, Outcome, Scenario, Setting, Slice

PLATFORM = SimpleNamespace(name="made-up", environment="production")


def graph(size="small"):
    """A platform of one resource."""
    address = Address.terraform("r", "data", "aws_db_instance.main")
    return Graph([Resource(address, "aws_db_instance", {"size": size}, NOWHERE, "r")])


def played(*values, name="region-loss", day=1, fault="kill", failures=(), claim="region_loss.rto", **more):
    """A scenario that took so many seconds in each run."""
    scenario = Scenario(name, "a region goes", {}, lambda setting: "", lambda *all: None)
    setting = Setting(PLATFORM, graph(), Facts(()), random.Random(0), fault=fault, **more)
    runs = tuple(
        Run(
            number,
            20.0,
            Outcome(
                (Measure("RTO", value, "s", limit=1800, expected=6.0, claim=claim), Measure("lost", 12, "rows")),
                {"RDS for MySQL": "MariaDB 10.11"},
                {"probe": 0.5},
                failures,
                {"GET": {"answered": 10, "failed": 2}},
                (Slice(0.0, 10, 2),),
                {"fault": 1.0},
            ),
            (Event(1.0, "home", "lost"),),
        )
        for number, value in enumerate(values, 1)
    )
    return Played(scenario, setting, 7, datetime(2026, 11, day, tzinfo=UTC), runs, (0.1, 0.2, 0.3))


def test_figures_and_a_picture_of_each_run_are_kept(tmp_path):
    """One file of figures and one timeline a run, in a folder that its owner alone may open."""
    place = evidence.place(tmp_path, PLATFORM)
    written = evidence.keep(place, played(5.0, 6.0))
    assert [path.name for path in written] == [
        "region-loss-20261101T000000Z.json",
        "region-loss-20261101T000000Z-1.svg",
        "region-loss-20261101T000000Z-2.svg",
    ]
    assert place.folder.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in place.evidence.iterdir()) == sorted(path.name for path in written)
    run = json.loads(written[0].read_text())["runs"][0]
    assert run["measures"][0] | {} == {
        "name": "RTO", "unit": "s", "claim": "region_loss.rto", "limit": 1800, "at_least": False, "kept": True,
        "expected": 6.0, "n": 2, "min": 5.0, "median": 5.5, "p95": 5.95, "max": 6.0,
    }  # fmt: skip
    assert run["standins"] == {"RDS for MySQL": "MariaDB 10.11"}
    assert run["seed"] == 7


@pytest.mark.needs("jsonschema")
def test_what_is_kept_keeps_to_the_schema(tmp_path):
    """Other programs may read the evidence by seawall/schemas/drill.json."""
    import jsonschema

    schema = json.loads(files("seawall.schemas").joinpath("drill.json").read_text("utf-8"))
    (figures, *_) = evidence.keep(evidence.place(tmp_path, PLATFORM), played(5.0, failures=("no page",)))
    jsonschema.Draft202012Validator(schema).validate(json.loads(figures.read_text()))


def test_the_newest_of_each_scenario_and_fault_stands_beside_a_claim(tmp_path):
    """An older run is not shown where a newer of the same kind is; another fault is of another kind."""
    place = evidence.place(tmp_path, PLATFORM)
    for one in (played(5.0, day=1), played(7.0, 9.0, day=2), played(50.0, day=1, fault="freeze")):
        evidence.keep(place, one)
    # The name of a file is its moment, and two of one moment would be one.
    assert len(list(place.evidence.glob("*.json"))) == 2
    found = evidence.measured(tmp_path, PLATFORM, graph())
    assert [(one.fault, one.value, one.runs) for one in found["region_loss.rto"]] == [
        ("freeze", 50.0, 1),
        ("kill", 9.0, 2),
    ]


def test_a_line_says_with_what_it_was_taken_and_what_was_exceeded(tmp_path):
    """A person sees stand-ins, an earlier description and a violation at once."""
    evidence.keep(evidence.place(tmp_path, PLATFORM), played(5.0))
    (now,) = evidence.measured(tmp_path, PLATFORM, graph())["region_loss.rto"]
    (then,) = evidence.measured(tmp_path, PLATFORM, graph("large"))["region_loss.rto"]
    assert "measured 5 s (once) by the drill region-loss (kill, 200 MB, 150 requests a second)" in now.line(1800)
    assert "decide nothing: MariaDB 10.11" in evidence.with_what([now, then])
    assert "MORE THAN" not in now.line(5)
    assert "MORE THAN THE 4 s CLAIMED" in now.line(4)
    assert "earlier description" not in now.line(1800)
    assert "earlier description" in then.line(1800)


def test_what_is_no_evidence_is_left_out(tmp_path):
    """A file cut short, of another version or of somebody else stands for nothing."""
    folder = evidence.place(tmp_path, PLATFORM).evidence
    folder.mkdir(parents=True)
    for name, content in {"a": "{", "b": "[]", "c": '{"schema_version": 99, "runs": [{}]}'}.items():
        (folder / f"{name}.json").write_text(content)
    assert evidence.measured(tmp_path, PLATFORM, graph()) == {}


def test_a_promise_that_was_not_kept_or_a_failure_is_not_well():
    """Either reddens what was played."""
    assert played(5.0).kept
    assert not played(5.0, 2000.0).kept
    assert not played(5.0, failures=("no page came",)).kept
