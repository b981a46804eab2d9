"""Home is lost and the platform comes back from a copy: short plays, on real servers, of every way of losing it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from seawall.cli.input import load_graph
from seawall.operate.drill import from_copy
from seawall.operate.drill.events import Events
from seawall.operate.drill.play import play
from seawall.operate.drill.scenario import Setting, scenarios
from seawall.operate.drill.stage import stage
from seawall.readers.read import facts_of

pytestmark = pytest.mark.needs("mariadb", "azurite", "nginx", "agent", "drill")


def short(name):
    """A platform with little data, a few visitors, quick probes, and names that nobody keeps."""
    platform, graph = load_graph([name], None)
    return Setting(platform, graph, facts_of(graph), random.Random(0), True, 2, 40, probe=0.1, ttl=0.0)


@pytest.mark.needs("postgresql")
def test_a_second_region_takes_over_by_the_plan_s_own_calls():
    """Home's region is parted with what was on its way; the follower is promoted by the call that AWS would get."""
    run, measures = played("region-loss", short("genai-demo"), fault="kill")
    assert run.outcome.failures == ()
    assert measures["RTO"].kept
    assert measures["RPO"].kept
    said = [event.what for event in run.events]
    assert "rds failover_global_cluster" in said
    assert "route53 update_health_check" in said
    assert said.index("route53 update_health_check") < said.index("rds failover_global_cluster")
    # The way between the regions takes three tenths of a second, and what was on it is gone.
    assert measures["lost writes"].value > 0


def played(name, setting, **more):
    """One short play of a scenario."""
    (run,) = play(scenarios()[name], replace(setting, **more), seed=7)
    return run, {measure.name: measure for measure in run.outcome.measures}


def test_a_lost_region_serves_again_from_the_newest_copy():
    """Visitors see the page, then are served; what was acknowledged before the copy is there, the rest is counted.

    Beside it stands the critical path, whose constants two restores of other sizes gave.
    """
    setting = short("petclinic")
    with stage() as made:
        constants = from_copy.calibrate(made, setting, Events())
    assert set(constants) == {"restore.start", "restore.per_mb", "start"}
    run, measures = played("region-loss", setting, fault="kill", constants=constants)
    assert run.outcome.failures == ()
    assert measures["RTO"].kept
    assert measures["RTO"].claim == "region_loss.rto"
    assert measures["detected"].value < measures["RTO"].value
    # Whatever is lost was written after the copy was begun: as much time as lies between it and the loss.
    assert measures["RPO"].value <= measures["RPO"].expected + 0.05
    assert measures["maintenance page"].value < measures["RTO"].value
    assert {"GET", "POST"} <= set(run.outcome.requests)
    assert {"region", "copies", "runbook", "operator", "estimate"} <= {event.lane for event in run.events}
    assert set(run.outcome.marks) == {"lost", "detected", "page", "restored", "RTO"}
    assert sum(one.answered + one.failed for one in run.outcome.course) > 40
    explained = [event.what for event in run.events if event.lane == "estimate"]
    assert [line.split()[0] for line in explained] == ["detect", "decide", "restore", "start", "switch", "names"]
    assert measures["RTO"].expected == pytest.approx(sum(float(line.split()[1]) for line in explained), abs=0.05)
    # Loosely: other tests run meanwhile.
    assert measures["RTO"].expected / 6 < measures["RTO"].value < measures["RTO"].expected * 12


def test_a_region_that_is_parted_is_given_up_though_it_runs_on():
    """Nobody is told of a partition: checks run into their time-outs, and home goes on by itself."""
    run, measures = played("region-loss", short("petclinic"), fault="partition")
    assert run.outcome.failures == ()
    # Three answers that never come, of two seconds each.
    assert measures["detected"].value > 4
    assert measures["RTO"].kept


def test_copies_that_stop_for_a_password_make_the_loss_greater():
    """The agent is refused, says so, and what is restored is as old as its last copy, on a standby that was built."""
    run, measures = played("region-loss", short("pocketbank"), fault="expired-secret")
    assert run.outcome.failures == ()
    assert any("no copy" in event.what for event in run.events)
    # At least one cycle was missed.
    assert measures["RPO"].value > 1.5
    assert measures["RPO"].limit is None
    # What is promised has the building in it, which no drill plays.
    assert measures["RTO"].limit is None
    assert measures["RTO"].claim == ""
