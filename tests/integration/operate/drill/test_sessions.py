"""Sessions outlive pods, and pods a rotated password: petclinic's own settings, a real Redis and a real MariaDB."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from seawall.cli.input import load_graph
from seawall.operate.drill.play import play
from seawall.operate.drill.scenario import Setting, scenarios
from seawall.readers.read import read

pytestmark = pytest.mark.needs("nginx", "mariadb", "redis", "drill")


@pytest.fixture(scope="module")
def setting():
    """Petclinic, in short."""
    platform, graph = load_graph(["petclinic"], None)
    return Setting(platform, graph, read(graph), random.Random(1), short=True, probe=0.2)


def test_nobody_is_logged_out_when_pods_die_and_are_replaced(setting):
    """No session is lost and no click fails in a rollout; without the cache, users of the dead pod are logged out."""
    (run,) = play(scenarios()["session-survival"], setting, 1, seed=5)
    assert run.outcome.failures == ()
    measured = {one.name: one for one in run.outcome.measures}
    assert all(one.kept is not False for one in measured.values()), measured
    assert measured["clicks"].value > 50
    assert run.outcome.settings["session timeout, s"] == 1800


def test_pods_are_brought_a_new_password_and_one_that_is_forgotten_is_refused(setting):
    """After a rotation every new connection of pods that were started anew is taken, and none of one that was not."""
    (run,) = play(scenarios()["secret-rotation"], setting, 1, seed=5)
    assert run.outcome.failures == ()
    measured = {one.name: one for one in run.outcome.measures}
    assert all(one.kept is not False for one in measured.values()), measured
    assert measured["requests"].value > 100
    # As the description has it, hurried through: External Secrets asks every minute.
    hurried = run.outcome.settings["a new password is brought within, s"]
    assert hurried * run.outcome.settings["times are divided by"] == 60


def test_a_platform_without_such_a_service_says_why(setting):
    """What cannot be played is refused with a reason, and not played as if it could."""
    _, graph = load_graph(["pocketbank"], None)
    assert scenarios()["session-survival"].applies(setting) == ""
    assert scenarios()["session-survival"].applies(replace(setting, graph=graph)) != ""
