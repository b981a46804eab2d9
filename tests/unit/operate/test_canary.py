"""A release is moved on, taken back or left where it is, and what was cut short goes on at its weight."""

from __future__ import annotations

import json

import pytest

from seawall.kernel.errors import InputError, OutsideError
from seawall.kernel.verdict import proven, refuted, unknown
from seawall.operate.canary import Plan, Rollout, TakenBackError, WaitsError, plan_of, runbook
from seawall.operate.kubectl import Kubectl
from seawall.operate.runbook import run

PLAN = Plan((10, 25, 50, 75), pause=30, every=10)


class Route:
    """What divides, and what it was told."""

    def __init__(self):
        self.there, self.told = 0, []

    def weight(self):
        return self.there

    def move(self, weight):
        self.told.append(weight)
        self.there = weight

    def abort(self):
        self.told.append("abort")
        self.there = 0


class Judging:
    """Verdicts by weight."""

    def __init__(self, route, **bad):
        self.route, self.bad, self.looked = route, bad, []
        self.blind = False

    def look(self):
        self.looked.append(self.route.there)
        return self.bad.get(f"at_{self.route.there}", proven("well"))


def watch(route, judging, folder):
    """A release with a clock that sleeping moves."""
    moment = [0.0]

    def sleep(seconds):
        moment[0] += seconds

    book = runbook("was", "v2", route, PLAN, lambda: judging, sleep=sleep, clock=lambda: moment[0])
    return run(book, folder)


def test_a_good_version_gets_in_step_by_step(tmp_path):
    """Each weight once, looked at all the while, and then all."""
    route = Route()
    judging = Judging(route)
    watch(route, judging, tmp_path)
    assert route.told == [10, 25, 50, 75, 100]
    assert judging.looked == [weight for weight in PLAN.weights for _ in range(4)]


def test_a_bad_version_is_taken_back_at_the_first_look(tmp_path):
    """Not at the end of the step, and nothing follows."""
    route = Route()
    with pytest.raises(TakenBackError, match="at 25 %"):
        watch(route, Judging(route, at_25=refuted("errors")), tmp_path)
    assert route.told == [10, 25, "abort"]
    assert "abort at 25 %" in (tmp_path / "audit.jsonl").read_text()


def test_what_nobody_can_measure_stays_where_it_is(tmp_path):
    """Neither promoted nor aborted; once it is measured, the same run goes on at that weight."""
    route = Route()
    with pytest.raises(WaitsError, match="stays at 50 %"):
        watch(route, Judging(route, at_50=unknown("no pods")), tmp_path)
    assert route.told == [10, 25, 50]
    ran = watch(route, Judging(route), tmp_path)
    assert route.told == [10, 25, 50, 75, 100]
    assert ran.already == ("10 %", "25 %")


def test_a_prometheus_that_is_away_takes_it_back(tmp_path):
    """As Argo Rollouts does after five failures to ask."""
    route = Route()
    judging = Judging(route, at_10=unknown("away"))
    judging.blind = True
    with pytest.raises(TakenBackError):
        watch(route, judging, tmp_path)
    assert route.told == [10, "abort"]


def test_the_plan_is_the_rollouts_own():
    """Its weights, and the shortest of its pauses."""
    steps = [{"setWeight": 10}, {"pause": {"duration": "30s"}}, {"setWeight": 50}, {"pause": {"duration": "60s"}}]
    assert plan_of({"spec": {"strategy": {"canary": {"steps": steps}}}}, 10) == Plan((10, 50), 30.0, 10)


class Cluster:
    """A Rollout that goes on when its pause is ended, as the controller would have it."""

    STEPS = ({"setWeight": 10}, {"pause": {}}, {"setWeight": 50}, {"pause": {}})

    def __init__(self):
        self.index, self.paused, self.patches = 1, True, []
        self.aborted, self.done = False, False

    def __call__(self, verb, *arguments):
        if verb == "patch":
            assert "--subresource=status" in arguments
            patch = json.loads(arguments[-1])["status"]
            self.patches.append(patch)
            self.aborted = self.aborted or patch.get("abort", False)
            if patch.get("pauseConditions", "") is None and self.paused:
                self.index += 2
                self.done = self.index >= len(self.STEPS)
            return ""
        weight = 0 if self.aborted else {1: 10, 3: 50}.get(self.index, 100)
        status = {
            "currentPodHash": "new",
            "stableRS": "new" if self.done else "old",
            "currentStepIndex": self.index,
            "pauseConditions": [{"reason": "CanaryPauseStep"}] if self.paused else None,
            "abort": self.aborted,
            "canary": {"weights": {"canary": {"weight": weight}}},
        }
        return json.dumps({"status": status, "spec": {"strategy": {"canary": {"steps": list(self.STEPS)}}}})


def test_a_rollout_is_moved_by_the_fields_that_argos_plugin_writes():
    """A pause is ended by taking its conditions away, an abort is a field of the status, and it is waited for."""
    cluster = Cluster()
    route = Rollout(cluster, "shop", "was", patience=5, every=0)
    assert (route.version(), route.weight()) == ("new", 10)
    route.move(50)
    assert route.weight() == 50
    route.move(100)
    assert cluster.patches == [{"pauseConditions": None}] * 2
    assert (route.version(), route.weight()) == ("", 100)
    taken = Cluster()
    Rollout(taken, "shop", "was", patience=5, every=0).abort()
    assert taken.patches == [{"abort": True}]


def test_an_aborted_rollout_is_not_moved():
    """Who else took it back had a reason."""
    cluster = Cluster()
    cluster.aborted = True
    with pytest.raises(OutsideError, match="was aborted"):
        Rollout(cluster, "shop", "was", patience=5, every=0).move(50)


def test_kubectl_is_never_left_to_look_for_a_cluster_of_its_own(tmp_path):
    """Without its configuration it would ask whatever listens on this machine, and change that."""
    with pytest.raises(InputError, match="there is no file"):
        Kubectl(tmp_path / "config")("get", "pods")
