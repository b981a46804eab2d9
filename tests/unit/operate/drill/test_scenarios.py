"""Every scenario is found, says what it is, and is played in a short version by the tests."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from functools import cache

import pytest

import prerequisites
from platforms import shipped
from seawall.cli.input import reference_platforms
from seawall.operate.drill.faults import FAULTS
from seawall.operate.drill.play import lacking
from seawall.operate.drill.scenario import Setting, scenarios
from seawall.readers.read import facts_of

TESTS = prerequisites.ROOT / "tests" / "integration" / "operate" / "drill"


@cache
def _setting(name):
    platform, graph = shipped(name)
    return Setting(platform, graph, facts_of(graph), random.Random(0), short=True)


@pytest.mark.parametrize("name", scenarios())
def test_every_scenario_has_a_short_test(name):
    """`make test` plays each of them: a test on real servers names it in quotes, or plays its module."""
    words = (f'"{name}"', f"scenarios.{name.replace('-', '_')} import play")
    files = {file.name: file.read_text("utf-8") for file in TESTS.glob("test_*.py")}
    naming = [file for file, text in files.items() if any(word in text for word in words)]
    assert naming, f"no test under {TESTS.relative_to(prerequisites.ROOT)} plays {name}"


@pytest.mark.parametrize("name", scenarios())
def test_every_scenario_says_what_it_shows_and_how_things_are_lost(name):
    """The list on the command line is made of these words."""
    scenario = scenarios()[name]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    assert len(scenario.says) > 20
    assert scenario.faults
    assert set(scenario.faults) <= set(FAULTS)
    assert all(isinstance(package, str) and package for package in scenario.needs.values())
    for platform in reference_platforms():
        of = _setting(platform)
        assert all(": " in lack for lack in lacking(scenario, of))


def test_every_scenario_is_played_by_some_platform_that_ships():
    """One that no platform can play shows nothing."""
    played: set[str] = set()
    for platform in reference_platforms():
        setting = _setting(platform)
        played |= {name for name, scenario in scenarios().items() if not scenario.applies(setting)}
    assert played == set(scenarios())


def test_a_platform_needs_the_servers_of_its_own_engine_alone():
    """Nobody installs MariaDB or Azurite for a platform whose second region follows with PostgreSQL."""
    needs = {name: set(scenarios()["region-loss"].needs_of(_setting(name))) for name in ("petclinic", "genai-demo")}
    assert {"azurite-blob", "mariadbd"} <= needs["petclinic"]
    assert not {"azurite-blob", "mariadbd"} & needs["genai-demo"]
    assert "postgres" in needs["genai-demo"]
    assert "mariadbd" in scenarios()["database-primary-loss"].needs_of(_setting("petclinic"))
    assert "mariadbd" not in scenarios()["database-primary-loss"].needs_of(_setting("genai-demo"))


def test_a_fault_of_copies_is_refused_where_a_second_region_needs_none():
    """It is refused before anything is started."""
    assert "full-disk" in scenarios()["region-loss"].applies(replace(_setting("genai-demo"), fault="full-disk"))
    assert scenarios()["region-loss"].applies(replace(_setting("petclinic"), fault="full-disk")) == ""
