"""A takeover's calls are carried out by whatever plays them, and its questions answered by what came of that."""

from __future__ import annotations

import pytest

from platforms import shipped
from seawall.components.takeover.action import Action, Question
from seawall.components.takeover.paths import values
from seawall.components.takeover.plans import plan
from seawall.kernel.value import map_holes
from seawall.operate.drill.cloud import Cloud, document, merged
from seawall.operate.drill.events import Events
from seawall.operate.failover.region import Carrying, runbook, settled
from seawall.operate.runbook import run


def question(path, expected, operation="describe_things"):
    """Whether a thing is so."""
    return Question("it is so", "rds", operation, {"Id": "a"}, "r", path, (expected,))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("Status", "available"),
        ("GlobalClusters[].Status", "available"),
        ("GlobalClusters[].GlobalClusterMembers[IsWriter=true].DBClusterArn", "arn"),
        ("nodegroup.scalingConfig.minSize", 3),
    ],
)
def test_an_answer_holds_what_a_path_looks_for(path, value):
    """Whoever asks by the plan's own path finds the value."""
    assert values(path, document(path, value)) == [value]


def test_answers_to_two_questions_become_one():
    """Both paths find theirs in it."""
    both = merged(document("A[].B", 1), document("A[].C.D", 2))
    assert values("A[].B", both) == [1]
    assert values("A[].C.D", both) == [2]


def test_a_call_is_carried_out_and_then_is_so():
    """Before the call the question finds nothing; afterwards it does, and the call was made once."""
    made = []
    action = Action("promote", "Promote it.", "take", "r", "rds", "promote", {"Id": "a"}, after=question("Role", "w"))
    cloud = Cloud([action], {("rds", "promote"): lambda: made.append("promoted")}, {}, Events())
    client = cloud.client("rds", "r")
    assert client.describe_things(Id="a") == {}
    client.promote(Id="a")
    assert client.describe_things(Id="a") == {"Role": "w"}
    assert client.describe_things(Id="b") == {}
    assert made == ["promoted"]


def test_what_plays_a_thing_says_whether_it_is_so():
    """A call that was made and did nothing is not taken for done."""
    state = {"so": False}
    action = Action("promote", "Promote it.", "take", "r", "rds", "promote", {"Id": "a"}, after=question("Role", "w"))
    cloud = Cloud([action], {}, {("rds", "describe_things"): lambda: state["so"]}, Events())
    cloud.client("rds", "r").promote(Id="a")
    assert cloud.client("rds", "r").describe_things(Id="a") == {}
    state["so"] = True
    assert cloud.client("rds", "r").describe_things(Id="a") == {"Role": "w"}


@pytest.mark.parametrize("name", ["genai-demo", "pingvas"])
def test_the_whole_plan_of_a_platform_can_be_carried_out(name, tmp_path):
    """Every call and question of a takeover has an answer, so a drill runs the very plan that AWS would get."""
    platform, _ = shipped(name)
    site = next(iter(platform.home.sites))
    actions = settled(plan(platform, site, "failover"), lambda value: map_holes(value, str))
    events = Events()
    cloud = Cloud(actions, {}, {}, events)
    book = runbook(name, site, "failover", actions, Carrying(cloud.client, pace=0.0))
    run(book, tmp_path, approve=lambda question: True)
    told = [event.what for event in events.all()]
    assert any(what.startswith("rds failover_global_cluster") for what in told)
    assert all("taken as done" in what for what in told)
