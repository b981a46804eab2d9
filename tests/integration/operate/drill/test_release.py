"""Releases on a drill's stage: real nginx divides, real Prometheus is asked the platform's own queries."""

from __future__ import annotations

import random

import pytest

from seawall.cli.input import load_graph
from seawall.operate.drill.events import Events
from seawall.operate.drill.scenario import Setting
from seawall.operate.drill.scenarios.bad_release import play
from seawall.operate.drill.stage import stage
from seawall.readers.read import facts_of


@pytest.mark.needs("nginx", "prometheus")
def test_a_good_version_gets_in_and_a_bad_one_is_taken_back():
    """Each step divides as it says, and a version that fails is out again, with every request back at the old one."""
    platform, graph = load_graph(["petclinic"], None)
    with stage() as opened:
        outcome = play(
            opened, Setting(platform, graph, facts_of(graph), random.Random(7), short=True, rate=150), Events()
        )
    assert outcome.failures == ()
    measured = {measure.name: measure.value for measure in outcome.measures}
    assert measured["requests at 100 %"] == 100
    assert measured["furthest from a step's weight, in deviations"] < 5
    assert measured["requests that failed afterwards"] == 0
    assert measured["requests that failed for it"] >= 3, "it was taken back for what it did"
    # On a machine that others use, too, scrapes may come a step or two late.
    assert 10 <= measured["weight that the bad version reached"] <= 50
