"""The machines that a takeover is compiled to, played in every order of failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from seawall.cli.input import load_graph
from seawall.components.takeover.action import Move
from seawall.components.takeover.plans import plan
from seawall.components.takeover.takeover import MACHINE
from seawall.kernel.value import Ref, Text, map_holes, render_text
from seawall.operate.failover.region import Carrying, runbook, settled
from seawall.operate.runbook import run
from state_machine import Machines, Played, Refused

pytestmark = pytest.mark.needs("emulator")  # moto's interpreter of the States Language

HOME, SITE = "ap-east-2", "ap-northeast-1"
CHANGES = {
    "failover_global_cluster",
    "switchover_global_cluster",
    "failover_global_replication_group",
    "update_nodegroup_config",
    "update_health_check",
}
Fault = Callable[[int, str, str], str]


def filled(value: Any) -> Any:
    """A value with every reference as the text that names it."""

    def fill(hole: Any) -> Any:
        if isinstance(hole, Ref):
            return f"{hole.to}#{hole.attr}"
        assert isinstance(hole, Text)
        return render_text(hole, lambda ref: str(fill(ref)))

    return map_holes(value, fill)


@pytest.fixture(scope="module")
def definitions() -> Mapping[str, Any]:
    """genai-demo's two machines in Tokyo, by move."""
    graph = load_graph(["genai-demo"], "production")[1]
    found = {machine.meta["takeover"]["move"]: machine for machine in graph.of_type(MACHINE)}
    assert {machine.region for machine in found.values()} == {SITE}
    return {move: filled(machine.body["definition"]) for move, machine in found.items()}


@pytest.fixture(scope="module")
def machines() -> Iterator[Machines]:
    """The interpreter, with nobody who really waits."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield Machines(monkeypatch)


class World:
    """Two regions as the services know them; every change takes two questions until it is there."""

    def __init__(
        self,
        *,
        at: str = HOME,
        rds: str = "rds:aws_rds_cluster.genai_demo_db#arn",
        regions: tuple[str, str] = (HOME, SITE),
    ) -> None:
        cache = "elasticache:aws_elasticache_replication_group.cache#id"
        self.clusters = {f"{region}/{rds}": region for region in regions}
        self.groups = {f"{region}/{cache}": region for region in regions}
        self.writer = self.primary = at
        self.moving = {"rds": 0, "elasticache": 0, "eks": 0}
        self.to = {"rds": at, "elasticache": at}
        self.nodes = {"minSize": 2, "maxSize": 10, "desiredSize": 2}
        if at == SITE:
            self.nodes = {"minSize": 3, "maxSize": 10, "desiredSize": 4}
        self.held = at == SITE
        self.stuck = ""
        self.changes: Counter[str] = Counter()
        self.calls: list[str] = []
        self.messages: list[dict[str, Any]] = []
        self.kill: Callable[[], None] = lambda: None
        self.fault: Fault = lambda number, service, operation: ""

    def is_in(self, region: str) -> bool:
        """Whether everything is where it should be after a move to that region."""
        return (
            self.writer == self.primary == region
            and self.held == (region == SITE)
            and self.nodes["minSize"] == (3 if region == SITE else 2)
            and not any(self.moving.values())
        )

    def answer(self, service: str, operation: str, given: dict[str, Any]) -> dict[str, Any]:
        """One call; a fault is a refusal ("before") or an answer that gets lost after the deed ("after")."""
        number = len(self.calls)
        self.calls.append(operation)
        fault = self.fault(number, service, operation)
        if fault == "before":
            raise Refused(f"{operation} is not possible just now")
        if fault == "killed before":
            self.kill()
        answer: dict[str, Any] = getattr(self, operation)(**given)
        if operation in CHANGES:
            self.changes[operation] += 1
        if fault == "killed after":
            self.kill()
        if fault == "after":
            raise Refused("no answer")
        return answer

    def _step(self, service: str) -> bool:
        """Whether something is on its way; asking brings it on."""
        if not self.moving[service] or self.stuck == service:
            return bool(self.moving[service])
        self.moving[service] -= 1
        if not self.moving[service]:
            self.writer = self.to["rds"] if service == "rds" else self.writer
            self.primary = self.to["elasticache"] if service == "elasticache" else self.primary
        return bool(self.moving[service])

    def _begin(self, service: str, to: str) -> None:
        if self.moving[service]:
            raise Refused(f"{service} is being changed")
        if to == (self.writer if service == "rds" else self.primary):
            raise Refused(f"{to} has it already")
        self.moving[service], self.to[service] = 2, to

    # -- the services ------------------------------------------------------------------------------------------------

    def describe_alarms(self, AlarmNames: list[str]) -> dict[str, Any]:
        state = "OK" if "unhealthy-targets" in AlarmNames[0] else "ALARM"
        return {"MetricAlarms": [{"AlarmName": AlarmNames[0], "StateValue": state}]}

    def get_health_check(self, HealthCheckId: str) -> dict[str, Any]:
        return {"HealthCheck": {"HealthCheckConfig": {"Inverted": self.held, "Disabled": self.held}}}

    def update_health_check(self, HealthCheckId: str, Disabled: bool, Inverted: bool) -> dict[str, Any]:
        assert Disabled is Inverted
        self.held = Inverted
        return {"HealthCheck": {"Id": HealthCheckId}}

    def describe_cluster_v2(self, ClusterArn: str) -> dict[str, Any]:
        return {"ClusterInfo": {"State": "ACTIVE"}}

    def describe_nodegroup(self, clusterName: str, nodegroupName: str) -> dict[str, Any]:
        status = "UPDATING" if self._step("eks") else "ACTIVE"
        return {"nodegroup": {"status": status, "scalingConfig": dict(self.nodes)}}

    def update_nodegroup_config(
        self, clusterName: str, nodegroupName: str, scalingConfig: dict[str, int]
    ) -> dict[str, Any]:
        if self.moving["eks"]:
            raise Refused("the node group is being changed")
        # No node ends but those that there are above what there may be, and AWS refuses to leave that to itself.
        there = self.nodes["desiredSize"]
        assert scalingConfig["minSize"] <= scalingConfig.get("desiredSize", there) <= scalingConfig["maxSize"]
        assert scalingConfig.get("desiredSize", there) >= min(there, scalingConfig["maxSize"])
        self.nodes |= scalingConfig
        self.moving["eks"] = 2
        return {"update": {"status": "InProgress"}}

    def describe_global_clusters(self, GlobalClusterIdentifier: str) -> dict[str, Any]:
        moving = self._step("rds")
        members = [{"DBClusterArn": arn, "IsWriter": place == self.writer} for arn, place in self.clusters.items()]
        status = "failing-over" if moving else "available"
        return {"GlobalClusters": [{"Status": status, "GlobalClusterMembers": members}]}

    def describe_db_clusters(self, DBClusterIdentifier: str) -> dict[str, Any]:
        return {"DBClusters": [{"Status": "available"}]}

    def failover_global_cluster(
        self, GlobalClusterIdentifier: str, TargetDbClusterIdentifier: str, AllowDataLoss: bool
    ) -> dict[str, Any]:
        assert AllowDataLoss
        self._begin("rds", self.clusters[TargetDbClusterIdentifier])
        return {"GlobalCluster": {"Status": "failing-over"}}

    def switchover_global_cluster(self, GlobalClusterIdentifier: str, TargetDbClusterIdentifier: str) -> dict[str, Any]:
        self._begin("rds", self.clusters[TargetDbClusterIdentifier])
        return {"GlobalCluster": {"Status": "switching-over"}}

    def describe_global_replication_groups(
        self, GlobalReplicationGroupId: str, ShowMemberInfo: bool = False
    ) -> dict[str, Any]:
        moving = self._step("elasticache")
        members = [
            {"ReplicationGroupRegion": place, "Role": "PRIMARY" if place == self.primary else "SECONDARY"}
            for place in self.groups.values()
        ]
        told = {"Members": members} if ShowMemberInfo else {}
        return {"GlobalReplicationGroups": [{"Status": "modifying" if moving else "available", **told}]}

    def failover_global_replication_group(
        self, GlobalReplicationGroupId: str, PrimaryRegion: str, PrimaryReplicationGroupId: str
    ) -> dict[str, Any]:
        assert self.groups[PrimaryReplicationGroupId] == PrimaryRegion
        self._begin("elasticache", PrimaryRegion)
        return {"GlobalReplicationGroup": {"Status": "modifying"}}


def play(machines: Machines, definition: Mapping[str, Any], world: World, *, word: bool | None = True) -> Played:
    """Run a machine in a world in which somebody says yes, no, or nothing."""

    def told(message: dict[str, Any]) -> None:
        world.messages.append(message)
        if "--task-token" in message["Message"] and word is not None:
            machines.say(message["Message"].split("--task-token ")[1].split("\n")[0], word)

    return machines.play(definition, world.answer, told)


MOVES = {"failover": SITE, "failback": HOME}


def begun(move: str) -> World:
    """The world before a move."""
    return World(at=HOME if move == "failover" else SITE)


@pytest.mark.parametrize("move", MOVES)
def test_a_move_brings_everything_over_once(machines: Machines, definitions: Mapping[str, Any], move: str) -> None:
    """Each change is made once, in the order that needs demand; begun again, nothing is changed."""
    world = begun(move)
    assert play(machines, definitions[move], world) == Played("SUCCEEDED", "", "")
    assert world.is_in(MOVES[move])
    made = [call for call in world.calls if call in CHANGES]
    assert made == (
        [
            "update_health_check",
            "update_nodegroup_config",
            "failover_global_cluster",
            "failover_global_replication_group",
        ]
        if move == "failover"
        else [
            "switchover_global_cluster",
            "failover_global_replication_group",
            "update_health_check",
            "update_nodegroup_config",
        ]
    )
    assert play(machines, definitions[move], world).status == "SUCCEEDED"
    assert sum(world.changes.values()) == len(made)
    assert world.messages[-1]["Subject"].startswith("Done")


def test_a_platform_without_a_cache_over_regions_moves_too(machines: Machines) -> None:
    """pingvas: the database's writer to Oregon and back, with us-east-1's own health check held and let go."""
    home, site = "us-east-1", "us-west-2"
    graph = load_graph(["pingvas"], None)[1]
    found = {machine.meta["takeover"]["move"]: filled(machine.body["definition"]) for machine in graph.of_type(MACHINE)}
    world = World(at=home, rds="data:aws_rds_cluster.pingvas_db#arn", regions=(home, site))
    assert play(machines, found["failover"], world) == Played("SUCCEEDED", "", "")
    assert (world.writer, world.held, world.nodes["minSize"]) == (site, True, 3)
    assert play(machines, found["failback"], world) == Played("SUCCEEDED", "", "")
    assert (world.writer, world.held, world.nodes["minSize"]) == (home, False, 2)
    assert set(world.changes.values()) == {1, 2}


@pytest.mark.parametrize("move", MOVES)
def test_a_desk_and_the_machine_make_the_same_changes(
    machines: Machines, definitions: Mapping[str, Any], move: Move, tmp_path: Path
) -> None:
    """The plan carried out from somebody's desk makes the changes that the machine makes, in its order."""
    by_machine, by_desk = begun(move), begun(move)
    play(machines, definitions[move], by_machine)
    carrying = Carrying(lambda service, _: _Client(by_desk, service), pace=0.01)
    platform = load_graph(["genai-demo"], "production")[0]
    book = runbook("genai-demo", "tokyo", move, settled(plan(platform, "tokyo", move), filled), carrying)  # type: ignore[arg-type]
    run(book, tmp_path, approve=lambda question: True)
    assert by_desk.is_in(MOVES[move])
    made = [[call for call in world.calls if call in CHANGES] for world in (by_machine, by_desk)]
    assert made[0] == made[1]
    assert len(made[0]) == 4


class _Client:
    """boto3's client of a service of a world."""

    def __init__(self, world: World, service: str) -> None:
        self._world, self._service = world, service

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        return lambda **given: self._world.answer(self._service, operation, given)


CALLS = {"failover": 24, "failback": 19}
"""How many calls a move makes where nothing fails; the tests below let each of them fail."""


@pytest.mark.parametrize("move", MOVES)
def test_what_fails_once_is_tried_again(machines: Machines, definitions: Mapping[str, Any], move: str) -> None:
    """Whichever call is refused once, or its answer lost, the move comes to its end and no change is made twice."""
    for number in range(CALLS[move]):
        for how in ("before", "after"):
            world = begun(move)
            world.fault = lambda count, *_, number=number, how=how: how if count == number else ""  # type: ignore[misc]
            assert play(machines, definitions[move], world) == Played("SUCCEEDED", "", ""), (number, how, world.calls)
            assert world.is_in(MOVES[move]), (number, how)
            assert set(world.changes.values()) <= {1}, (number, how, world.changes)
    assert len(world.calls) == CALLS[move] + 1


@pytest.mark.parametrize("move", MOVES)
def test_what_was_done_is_not_done_again_though_nobody_heard_of_it(
    machines: Machines, definitions: Mapping[str, Any], move: str
) -> None:
    """The answer to a change never comes, however often it is asked for: that it was made is found out by asking."""
    made = {call for call in CHANGES if call in _calls(definitions[move])}
    assert len(made) == 4
    for call in made:
        world = begun(move)
        world.fault = lambda _, __, operation, call=call: "after" if operation == call else ""  # type: ignore[misc]
        assert play(machines, definitions[move], world).status == "SUCCEEDED", call
        assert world.is_in(MOVES[move])
        assert set(world.changes.values()) == {1}, (call, world.changes)


@pytest.mark.parametrize("move", MOVES)
def test_what_fails_for_good_is_told_and_begun_again(
    machines: Machines, definitions: Mapping[str, Any], move: str
) -> None:
    """A service that refuses for good ends the move, people hear of it, and begun again it does what was left."""
    for call in sorted(_calls(definitions[move])):
        world = begun(move)
        world.fault = lambda _, __, operation, call=call: "before" if operation == call else ""  # type: ignore[misc]
        ended = play(machines, definitions[move], world)
        if move == "failover" and call in ("update_health_check", "get_health_check"):
            # Route 53 is changed in a region that may be the lost one; names have failed over by themselves.
            assert ended.status == "SUCCEEDED"
            assert [told["Subject"] for told in world.messages][1:] == [
                "Passed over: www-hold",
                "Done: ap-northeast-1 takes over from ap-east-2, which is lost.",
            ]
            assert not world.held or call == "get_health_check"
        else:
            assert ended.status == "FAILED", call
            assert world.messages[-1]["Subject"].startswith("Failed")
            assert ended.error in world.messages[-1]["Message"]
        world.fault = lambda *_: ""
        assert play(machines, definitions[move], world).status == "SUCCEEDED"
        assert world.is_in(MOVES[move]), call
        assert set(world.changes.values()) <= {1}, (call, world.changes)


@pytest.mark.parametrize("move", MOVES)
def test_a_machine_that_was_killed_anywhere_is_begun_again(
    machines: Machines, definitions: Mapping[str, Any], move: str
) -> None:
    """Killed just before or after any call, and begun again: everything is there in the end, and made once."""
    definition = _patient(definitions[move])
    for number in range(CALLS[move]):
        for how in ("before", "after"):
            world = begun(move)

            def killing(count: int, *_: str, world: World = world, number: int = number, how: str = how) -> str:
                return f"killed {how}" if count == number else ""

            world.fault, world.kill = killing, machines.kill
            assert play(machines, definition, world).status == "KILLED", (number, how)
            world.fault = lambda *_: ""
            assert play(machines, definition, world).status == "SUCCEEDED", (number, how)
            assert world.is_in(MOVES[move]), (number, how)
            assert set(world.changes.values()) <= {1}, (number, how, world.changes)


def _patient(definition: Mapping[str, Any]) -> dict[str, Any]:
    """A machine whose calls are waited for without an end, so that one that is killed in a call stays there."""
    states = {
        name: {key: value for key, value in state.items() if key != "TimeoutSeconds" or "wait" in state["Resource"]}
        for name, state in definition["States"].items()
    }
    return {**definition, "States": states}


@pytest.mark.parametrize("word", [False, None], ids=["no", "silence"])
def test_nothing_is_done_without_a_yes(machines: Machines, definitions: Mapping[str, Any], word: bool | None) -> None:
    """A no, and no answer in time, end the move before anything is changed."""
    definition = dict(definitions["failover"])
    approval = definition["States"]["approve: approval"]
    assert approval["TimeoutSeconds"] == 1800
    definition["States"] = {**definition["States"], "approve: approval": {**approval, "TimeoutSeconds": 1}}
    world = begun("failover")
    ended = play(machines, definition, world, word=word)
    assert ended == Played(
        "FAILED", "approve", "A person decides whether ap-northeast-1 takes over from ap-east-2, which is lost."
    )
    assert not world.changes
    assert ("Refused" if word is False else "Timeout") in world.messages[-1]["Message"]


def test_a_store_that_never_comes_over_is_given_up(machines: Machines, definitions: Mapping[str, Any]) -> None:
    """The waiting is bounded: after half an hour people hear that it is not so, and what."""
    world = begun("failover")
    world.stuck = "rds"
    ended = play(machines, definitions["failover"], world)
    assert (ended.status, ended.error) == ("FAILED", "genai-demo-db-writer")
    assert "it was still not so that the writer of genai-demo-db is in ap-northeast-1" in world.messages[-1]["Message"]
    assert sum(seconds for seconds in machines.waited if seconds == 15) == pytest.approx(1800, abs=60)


def test_a_person_is_told_what_is_seen_and_how_to_answer(machines: Machines, definitions: Mapping[str, Any]) -> None:
    """The question tells what would be lost, what the site sees of home, what it cannot see, and both answers."""
    world = begun("failover")
    world.fault = lambda count, *_: "before" if count < 2 else ""
    play(machines, definitions["failover"], world)
    asked = world.messages[0]["Message"]
    assert "no answer: the alarm genai-demo-production-tokyo-events-late is raised" in asked
    assert "so: the alarm genai-demo-production-tokyo-genai-demo-db-global-lag is raised" in asked
    assert "not asked from ap-northeast-1, look in us-east-1" in asked
    assert "about a second of writes" in asked
    assert "aws stepfunctions send-task-success --region ap-northeast-1" in asked
    assert "aws stepfunctions send-task-failure --region ap-northeast-1 --error Refused" in asked
    assert not set("{\\}") & set(asked)


def _calls(definition: Mapping[str, Any]) -> set[str]:
    """The operations that a machine calls beside telling people, as boto3 spells them."""
    from botocore import xform_name

    resources = {state.get("Resource", "") for state in definition["States"].values()}
    return {xform_name(resource.split(":")[-1]) for resource in resources if "aws-sdk" in resource}
