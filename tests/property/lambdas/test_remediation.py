"""Whatever alarms come, however often, and whenever the function is cut short: its bounds hold."""

from __future__ import annotations

import importlib.util
import io
import json
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seawall.components.packages import package

pytestmark = pytest.mark.needs("emulator")

AN_HOUR, A_DAY, TRIES, WITHIN, REST, COOLDOWN = 2, 4, 2, 6 * 3600, 12 * 3600, 900
CLUSTER, LEAST, MOST = "shop", 1, 6
FAILED = ("failed-a", "failed-b")
RESTARTS = {"restarts": "shop-one"}
BEGAN = 1_763_800_000


class Killed(BaseException):
    """What a run that is cut short ends by; not an error that anybody handles."""


@dataclass
class Group:
    """An Auto Scaling group: it replaces what goes at the next tick of the clock."""

    name: str
    node_group: str
    desired: int
    nodes: dict[str, float] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


class World:
    """An AWS with a clock of its own, that counts what was done to it and can cut a run short at any call."""

    def __init__(self):
        self.clock = float(BEGAN)
        self.groups = {name: Group(name, f"shop-{name}", 4) for name in ("one", "two")}
        self.ill, self.up = set(), {}
        self.made = 0
        self.terminated, self.grown, self.said = [], [], []
        self.kill_at, self.calls = None, 0
        for _ in range(2):
            self.tick(3600)

    def tick(self, seconds):
        self.clock += seconds
        for group in self.groups.values():
            while len(group.nodes) < group.desired:
                self.made += 1
                group.nodes[f"i-{self.made:017x}"] = self.clock

    def call(self, kind, deed):
        """A call may be cut off before it reaches AWS, or its answer on the way back."""
        self.calls += 1
        if self.kill_at == self.calls:
            raise Killed
        answer = deed()
        self.calls += 1
        if self.kill_at == self.calls:
            raise Killed
        return answer

    # -- what boto3's clients are to the handler -------------------------------------------------------------------

    def client(self, service):
        return self

    def get_paginator(self, operation):
        world = self

        class Pages:
            def paginate(self, **asked):
                return [world.call(operation, lambda: getattr(world, f"_{operation}")(**asked))]

        return Pages()

    def _describe_alarms(self, AlarmNames, AlarmTypes):
        return {
            "MetricAlarms": [
                {"AlarmName": name, "StateValue": "ALARM" if name in self.up else "OK"} for name in AlarmNames
            ]
        }

    def _describe_auto_scaling_groups(self, Filters):
        return {
            "AutoScalingGroups": [
                {
                    "AutoScalingGroupName": group.name,
                    "DesiredCapacity": group.desired,
                    "MaxSize": MOST,
                    "Instances": [{"InstanceId": id, "LifecycleState": "InService"} for id in group.nodes],
                    "Tags": [
                        {"Key": key, "Value": value}
                        for key, value in {**group.tags, "eks:nodegroup-name": group.node_group}.items()
                    ],
                }
                for group in self.groups.values()
            ]
        }

    def _describe_instances(self, InstanceIds):
        born = {id: at for group in self.groups.values() for id, at in group.nodes.items()}
        return {
            "Reservations": [
                {
                    "Instances": [
                        {
                            "InstanceId": id,
                            "LaunchTime": datetime.fromtimestamp(born[id], UTC),
                            "PrivateDnsName": id,
                        }
                        for id in InstanceIds
                    ]
                }
            ]
        }

    def _describe_instance_status(self, InstanceIds):
        return {
            "InstanceStatuses": [
                {
                    "InstanceId": id,
                    "InstanceStatus": {"Status": "impaired" if id in self.ill else "ok"},
                    "SystemStatus": {"Status": "ok"},
                }
                for id in InstanceIds
            ]
        }

    def get_metric_data(self, **asked):
        return self.call("get_metric_data", lambda: {"MetricDataResults": []})

    def create_or_update_tags(self, Tags):
        def write():
            for tag in Tags:
                assert len(tag["Value"]) <= 256
                self.groups[tag["ResourceId"]].tags[tag["Key"]] = tag["Value"]
                assert len(self.groups[tag["ResourceId"]].tags) <= 45

        self.call("tag", write)

    def delete_tags(self, Tags):
        self.call("untag", lambda: [self.groups[tag["ResourceId"]].tags.pop(tag["Key"], None) for tag in Tags])

    def terminate_instance_in_auto_scaling_group(self, InstanceId, ShouldDecrementDesiredCapacity):
        assert ShouldDecrementDesiredCapacity is False

        def terminate():
            [group] = [group for group in self.groups.values() if InstanceId in group.nodes]
            assert InstanceId in self.ill
            del group.nodes[InstanceId]
            self.terminated.append((self.clock, InstanceId))

        self.call("terminate", terminate)

    def set_desired_capacity(self, AutoScalingGroupName, DesiredCapacity, HonorCooldown):
        def grow():
            group = self.groups[AutoScalingGroupName]
            assert LEAST <= DesiredCapacity <= MOST
            assert DesiredCapacity > group.desired
            self.grown.append((self.clock, DesiredCapacity - group.desired, self.event))
            group.desired = DesiredCapacity

        self.call("grow", grow)

    def publish(self, **words):
        self.call("publish", lambda: self.said.append(words))


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    """The function out of the package that ships."""
    folder = tmp_path_factory.mktemp("package")
    with zipfile.ZipFile(io.BytesIO(package("remediation").content)) as archive:
        archive.extractall(folder)
    spec = importlib.util.spec_from_file_location("remediation_under_test", folder / "handler.py")
    made = importlib.util.module_from_spec(spec)
    __import__("sys").modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


def given_to(module, world, monkeypatch):
    """The handler in this world, with its environment."""
    for name, value in {
        "CLUSTER": CLUSTER,
        "TOPIC": "topic",
        "FAILED": json.dumps(FAILED),
        "RESTARTS": json.dumps(RESTARTS),
        "COOLDOWN": str(COOLDOWN),
        "AN_HOUR": str(AN_HOUR),
        "A_DAY": str(A_DAY),
        "TRIES": str(TRIES),
        "WITHIN": str(WITHIN),
        "REST": str(REST),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(module, "client", world.client)
    monkeypatch.setattr(module, "now", lambda: world.clock)

    def deliver(event, *, kill_at=None, **more):
        alarm, since = event
        moment = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        message = {"AlarmName": alarm, "NewStateValue": "ALARM", "StateChangeTime": moment}
        world.kill_at, world.calls, world.event = kill_at, 0, event
        try:
            return module.lambda_handler({"Records": [{"Sns": {"Message": json.dumps(message)}}], **more}, None)["said"]
        except Killed:
            return None
        finally:
            world.kill_at = None

    return deliver


def within(moments, span):
    """The most nodes that fall into any window of so many seconds."""
    return max((sum(n for at, n in moments if first <= at < first + span) for first, _ in moments), default=0)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ill"), st.integers(0, 7)),
        st.tuples(st.just("alarm"), st.integers(0, 2), st.one_of(st.none(), st.integers(1, 24))),
        st.tuples(st.just("again"), st.integers(0, 10), st.one_of(st.none(), st.integers(1, 24))),
        st.tuples(st.just("wait"), st.sampled_from((1, 60, 600, 901, 3500, 3601, 3721, 20000, 86500))),
        st.tuples(st.just("well"), st.integers(0, 2)),
        st.tuples(st.just("shrink"), st.integers(0, 1)),
        st.tuples(st.just("let-on")),
    ),
    min_size=5,
    max_size=60,
)


@given(steps=STEPS)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_no_storm_takes_more_than_the_limit(module, steps):
    """Nodes replaced or added never exceed the limits of any hour and day, and no event grows a group twice."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        world = World()
        deliver = given_to(module, world, monkeypatch)
        events = []
        for step in steps:
            match step:
                case ("ill", which):
                    nodes = sorted(id for group in world.groups.values() for id in group.nodes)
                    world.ill.add(nodes[which % len(nodes)])
                case ("alarm", which, kill_at):
                    alarm = (*FAILED, *RESTARTS)[which]
                    world.clock += 1
                    world.up[alarm] = world.clock
                    events.append((alarm, world.clock))
                    deliver(events[-1], kill_at=kill_at)
                case ("again", which, kill_at) if events:
                    deliver(events[-1 - which % len(events)], kill_at=kill_at)
                case ("wait", seconds):
                    world.tick(seconds)
                case ("well", which):
                    world.up.pop((*FAILED, *RESTARTS)[which], None)
                case ("shrink", which):
                    group = [*world.groups.values()][which]
                    if group.desired > 3:
                        group.desired -= 1
                        for id in sorted(group.nodes)[group.desired :]:
                            del group.nodes[id]
                case ("let-on",):
                    module.lambda_handler({"let_on": True}, None)
        deeds = sorted([(at, 1) for at, _ in world.terminated] + [(at, n) for at, n, _ in world.grown])
        assert within(deeds, 3600) <= AN_HOUR
        assert within(deeds, 86400) <= A_DAY
        assert all(n == 1 for _, n, _ in world.grown)
        assert len({id for _, id in world.terminated}) == len(world.terminated)
        for group in world.groups.values():
            assert LEAST <= group.desired <= MOST


@pytest.mark.parametrize("alarm", [FAILED[0], "restarts"])
def test_cut_short_anywhere_and_delivered_again_it_is_done_once(module, alarm, monkeypatch):
    """Before and after each call that it makes: the next delivery does what is left, and a third does nothing."""
    done = Counter()
    for kill_at in range(1, 60):
        world = World()
        deliver = given_to(module, world, monkeypatch)
        ill = sorted(world.groups["one"].nodes)[:1]
        world.ill.update(ill)
        world.up[alarm] = world.clock
        event = (alarm, world.clock)
        cut = deliver(event, kill_at=kill_at) is None
        deliver(event)
        world.tick(30)
        deliver(event)
        assert [id for _, id in world.terminated] == (ill if alarm in FAILED else [])
        assert [n for _, n, _ in world.grown] == ([] if alarm in FAILED else [1])
        assert world.groups["one"].desired == (4 if alarm in FAILED else 5)
        done[cut] += 1
        if not cut:
            break
    assert done[True] >= 12, "it was cut short at every call"
    assert done[False] == 1, "and once at none"


def test_it_stops_itself_when_it_does_not_help(module, monkeypatch):
    """Deeds whose alarm comes back: then nothing, loudly, until the rest is over or a person lets it go on."""
    world = World()
    deliver = given_to(module, world, monkeypatch)

    def breaks():
        world.tick(1000)
        one = next(iter(sorted(set(world.groups["one"].nodes) - world.ill)))
        world.ill.add(one)
        world.up[FAILED[0]] = world.clock
        return deliver((FAILED[0], world.clock))

    breaks(), breaks()
    assert len(world.terminated) == TRIES
    [said] = breaks()
    assert module.STOPS in said
    assert world.said[-1]["Subject"].startswith("STOPPED")
    assert len(world.terminated) == TRIES
    # What waits is ill still: two of four, which is as much as may be replaced at once.
    module.lambda_handler({"let_on": True}, None)
    world.tick(7300)
    world.up[FAILED[0]] = world.clock
    deliver((FAILED[0], world.clock))
    assert len(world.terminated) > TRIES


def test_it_goes_on_by_itself_after_the_rest(module, monkeypatch):
    """A stop that nobody looks at ends: the deeds of before are out of sight by then."""
    world = World()
    deliver = given_to(module, world, monkeypatch)
    for turn in range(3):
        world.tick(1000)
        world.ill.add(sorted(set(world.groups["two"].nodes) - world.ill)[0])
        world.up[FAILED[0]] = world.clock
        deliver((FAILED[0], world.clock))
        assert len(world.terminated) == min(turn + 1, TRIES)
    world.tick(REST - 60)
    assert "nothing was done" in deliver((FAILED[0], world.clock))[0]
    world.tick(120)
    deliver((FAILED[0], world.clock))
    assert len(world.terminated) == TRIES + 1


def test_a_dry_run_changes_nothing(module, monkeypatch):
    """It says what would be done, and not even the topic hears of it."""
    world = World()
    deliver = given_to(module, world, monkeypatch)
    ill = sorted(world.groups["one"].nodes)[0]
    world.ill.add(ill)
    world.up[FAILED[0]] = world.up["restarts"] = world.clock
    assert f"{ill} of shop-one had failed and would be replaced." in deliver((FAILED[0], world.clock), dry_run=True)[0]
    assert "would get a node more, 5 of 6" in deliver(("restarts", world.clock), dry_run=True)[0]
    assert (world.terminated, world.grown, world.said) == ([], [], [])
    assert all(not group.tags for group in world.groups.values())


def test_what_is_done_late_counts_from_then(module, monkeypatch):
    """A deed written down, cut short, and done an hour later must not let two limits' worth of nodes go at once."""
    world = World()
    deliver = given_to(module, world, monkeypatch)
    two = sorted(world.groups["one"].nodes)[:AN_HOUR]
    world.ill.update(two)
    world.up[FAILED[0]] = world.clock
    event = (FAILED[0], world.clock)
    kill_at = 0
    while not world.groups["one"].tags:
        kill_at += 1
        deliver(event, kill_at=kill_at)
    assert world.terminated == []
    world.tick(3500)
    deliver(event)
    assert len(world.terminated) == AN_HOUR
    world.tick(1000)
    world.ill.update(sorted(world.groups["two"].nodes)[:AN_HOUR])
    world.up[FAILED[1]] = world.clock
    assert "no more than 2 nodes an hour" in deliver((FAILED[1], world.clock))[0]
    assert len(world.terminated) == AN_HOUR


def test_a_late_delivery_does_not_undo_what_the_autoscaler_took_away(module, monkeypatch):
    """What was grown for an event is not grown for it again when it has shrunk since."""
    world = World()
    deliver = given_to(module, world, monkeypatch)
    world.up["restarts"] = world.clock
    event = ("restarts", world.clock)
    deliver(event)
    assert world.groups["one"].desired == 5
    world.tick(1800)
    world.groups["one"].desired = 4
    assert deliver(event) == []
    assert world.groups["one"].desired == 4


def test_a_run_that_takes_its_time_keeps_the_hour(module, monkeypatch):
    """What was written down may be done at the end of a run: the next hour begins after that."""
    world = World()
    deliver = given_to(module, world, monkeypatch)
    world.ill.update(sorted(world.groups["one"].nodes)[:AN_HOUR])
    world.up[FAILED[0]] = world.clock
    deliver((FAILED[0], world.clock))
    world.tick(3600 + module.RUN - 10)
    world.ill.update(sorted(world.groups["two"].nodes)[:1])
    world.up[FAILED[1]] = world.clock
    assert "no more than 2 nodes an hour" in deliver((FAILED[1], world.clock))[0]
    world.tick(20)
    deliver((FAILED[1], world.clock))
    assert len(world.terminated) == AN_HOUR + 1
