"""The cost guard, out of the very package that ships: it holds what grows at what runs, and gives back."""

from __future__ import annotations

import importlib.util
import io
import json
import sys
import zipfile

import pytest

from seawall.components.packages import package

pytestmark = pytest.mark.needs("emulator")


class Killed(BaseException):
    """How a run ends that is cut short."""


class World:
    """Two node groups and a budget; a run can be cut short before or after any call."""

    def __init__(self):
        self.spent, self.month = "10", "2026-11"
        self.groups = {
            "a": {"min": 2, "max": 6, "desired": 3, "tags": {}},
            "b": {"min": 2, "max": 4, "desired": 4, "tags": {}},
        }
        self.said, self.changes = [], []
        self.kill_at, self.calls = None, 0

    def call(self, deed):
        for moment in range(2):
            self.calls += 1
            if self.calls == self.kill_at:
                raise Killed
            if moment == 0:
                answer = deed()
        return answer

    def client(self, service, region):
        return self

    def describe_budget(self, AccountId, BudgetName):
        spend = {} if self.spent is None else {"ActualSpend": {"Amount": self.spent, "Unit": "USD"}}
        return self.call(lambda: {"Budget": {"BudgetLimit": {"Amount": "100"}, "CalculatedSpend": spend}})

    def describe_nodegroup(self, clusterName, nodegroupName):
        group = self.groups[nodegroupName]
        sizes = {"minSize": group["min"], "maxSize": group["max"], "desiredSize": group["min"]}
        return self.call(
            lambda: {
                "nodegroup": {
                    "nodegroupArn": nodegroupName,
                    "scalingConfig": sizes,
                    "tags": dict(group["tags"]),
                    "resources": {"autoScalingGroups": [{"name": nodegroupName}]},
                }
            }
        )

    def describe_auto_scaling_groups(self, AutoScalingGroupNames):
        [name] = AutoScalingGroupNames
        desired = self.groups[name]["desired"]
        found = {"DesiredCapacity": desired, "Instances": [{}] * desired}
        return self.call(lambda: {"AutoScalingGroups": [found]})

    def update_nodegroup_config(self, clusterName, nodegroupName, scalingConfig):
        def change():
            group = self.groups[nodegroupName]
            assert set(scalingConfig) == {"minSize", "maxSize"}, "a wanted number would scale what serves"
            assert scalingConfig["maxSize"] >= max(group["desired"], group["min"])
            self.changes.append((nodegroupName, scalingConfig["maxSize"]))
            group["max"] = scalingConfig["maxSize"]

        self.call(change)

    def tag_resource(self, resourceArn, tags):
        self.call(lambda: self.groups[resourceArn]["tags"].update(tags))

    def untag_resource(self, resourceArn, tagKeys):
        self.call(lambda: [self.groups[resourceArn]["tags"].pop(key, None) for key in tagKeys])

    def publish(self, **words):
        self.call(lambda: self.said.append(words["Message"]))

    def most(self):
        return {name: group["max"] for name, group in self.groups.items()}


@pytest.fixture
def world(tmp_path, monkeypatch):
    """The function as Lambda unpacks it, in a world of its own."""
    with zipfile.ZipFile(io.BytesIO(package("cost_guard").content)) as archive:
        archive.extractall(tmp_path)
    spec = importlib.util.spec_from_file_location("shipped_cost_guard", tmp_path / "handler.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "shipped_cost_guard", module)
    spec.loader.exec_module(module)
    for name, value in {
        "REGION": "ap-east-2",
        "CLUSTER": "shop",
        "GROUPS": json.dumps(["a", "b"]),
        "ACCOUNT": "123456789012",
        "BUDGET": "shop-month",
        "SHARE": "100",
        "TOPIC": "arn:aws:sns:ap-east-2:123456789012:alerts",
    }.items():
        monkeypatch.setenv(name, value)
    made = World()
    monkeypatch.setattr(module, "client", made.client)
    monkeypatch.setattr(module, "month", lambda: made.month)
    made.run = lambda **event: module.lambda_handler(event, None)["said"]
    return made


def test_a_spent_budget_holds_groups_at_what_runs(world):
    """What has room loses it; what runs stays; a group at its most is left alone; people are told once."""
    assert world.run() == []
    world.spent = "100"
    [said] = world.run(Records=[{"Sns": {"Message": "AWS Budgets: 500 % of everything is spent"}}])
    assert "a of shop has 3 nodes at the most" in said
    assert world.most() == {"a": 3, "b": 4}
    assert world.run() == []
    assert len(world.said) == 1


def test_a_message_is_not_believed(world):
    """What a message claims is asked of AWS Budgets: a forged or late one restricts nothing."""
    world.spent = "99.99"
    assert world.run(Records=[{"Sns": {"Message": "ACTUAL Amount: $1000.00"}}]) == []
    assert world.most() == {"a": 6, "b": 4}


def test_where_nobody_knows_what_is_spent_nothing_changes(world):
    """No figure is neither much nor little; it fails, so that an alarm says so."""
    world.spent = None
    with pytest.raises(KeyError):
        world.run()
    assert world.changes == []


def test_the_new_month_gives_back(world):
    """Once less than the share is spent, each group has what it had, and remembers nothing."""
    world.spent = "130"
    world.run()
    world.spent, world.month = "0.2", "2026-12"
    [said] = world.run()
    assert "may have 6 nodes again" in said
    assert world.most() == {"a": 6, "b": 4}
    assert all(not group["tags"] for group in world.groups.values())
    assert world.run() == []


def test_what_somebody_set_meanwhile_stays(world):
    """A person's or Terraform's number is newer than what is remembered."""
    world.spent = "130"
    world.run()
    world.groups["a"]["max"] = 8
    world.run()
    assert world.most()["a"] == 3, "held again, from the new number"
    world.groups["a"]["max"] = 5
    world.spent = "0"
    [said] = world.run()
    assert "was set to 5" in said
    assert world.most()["a"] == 5


def test_a_person_gives_back_for_the_rest_of_the_month(world):
    """The daily look does not take it away again; the next month's budget does, if it is spent, too."""
    world.spent = "130"
    world.run()
    world.run(restore=True)
    assert world.most() == {"a": 6, "b": 4}
    assert world.run() == []
    assert world.most()["a"] == 6
    world.month = "2026-12"
    world.run()
    assert world.most()["a"] == 3


def test_a_dry_run_changes_nothing(world):
    """It says what it would do."""
    world.spent = "130"
    [said] = world.run(dry_run=True)
    assert "would have 3" in said
    assert world.changes == world.said == []
    assert all(not group["tags"] for group in world.groups.values())


@pytest.mark.parametrize("restores", [False, True])
def test_cut_short_anywhere_the_next_run_ends_it(world, restores):
    """Whichever call it is cut short at, the next run ends what was begun, and what a group had is kept."""
    for kill_at in range(1, 60):
        world.groups = {
            "a": {"min": 2, "max": 6, "desired": 3, "tags": {}},
            "b": {"min": 1, "max": 9, "desired": 1, "tags": {}},
        }
        world.spent = "130"
        if restores:
            world.run()
            world.spent = "0"
        world.calls, world.kill_at, cut = 0, kill_at, False
        try:
            world.run()
        except Killed:
            cut = True
        world.kill_at = None
        world.run()
        assert world.most() == ({"a": 6, "b": 9} if restores else {"a": 3, "b": 1})
        if not restores:
            world.spent = "0"
            world.run()
            assert world.most() == {"a": 6, "b": 9}
        if not cut:
            break
    assert kill_at > 15
