"""Remediation on a drill's stage: the shipped package, told by a real topic, with real tags to remember in."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from seawall.cli.input import load_graph
from seawall.kernel.errors import InputError, OutsideError
from seawall.operate import remediate
from seawall.operate.drill.events import Events
from seawall.operate.drill.scenario import Setting
from seawall.operate.drill.scenarios.alarm_to_remediation import play
from seawall.operate.drill.servers import aws, fleet
from seawall.operate.drill.stage import stage
from seawall.operate.functions import Clock, code_of
from seawall.operate.runbook import run
from seawall.readers.read import read

pytestmark = pytest.mark.needs("emulator")


@pytest.fixture(scope="module")
def bank():
    """The platform that has remediation."""
    return load_graph(["pocketbank"], None)


def test_an_alarm_mends_and_a_storm_of_alarms_does_not_eat_the_fleet(bank):
    """A node is replaced within seconds, an alarm that comes twice is acted on once, and every limit holds."""
    platform, graph = bank
    with stage() as opened:
        outcome = play(opened, Setting(platform, graph, read(graph), random.Random(3), short=True), Events())
    assert outcome.failures == ()
    measured = {measure.name: measure for measure in outcome.measures}
    assert all(measure.kept is not False for measure in outcome.measures), measured
    assert 0 < measured["alarm to action"].value < 30
    assert measured["nodes terminated in all"].value >= 3, "nothing was tried before it stopped"


def test_by_hand_it_is_the_deployed_function_and_the_same_alarm_is_done_once(bank, tmp_path):
    """A dry run changes nothing; a run replaces the node; the next finds it done; other code is refused."""
    _, graph = bank
    resource = remediate.function_of(graph, "pocketbank-prod")
    alarm = remediate.known_alarms(resource)[0]
    with stage() as opened:
        cloud = aws.start(opened)
        there, function, _ = fleet.make(cloud, graph, Clock(), Events())
        role = cloud.client("iam", "us-east-1").create_role(RoleName="remediation", AssumeRolePolicyDocument="{}")
        made = {
            "FunctionName": function.name,
            "Runtime": "python3.13",
            "Role": role["Role"]["Arn"],
            "Handler": function.handler,
            "Environment": {"Variables": dict(function.environment)},
            "Timeout": function.timeout,
        }
        client = cloud.client("lambda", there.region)
        client.create_function(**made, Code={"ZipFile": code_of(resource)})
        assert remediate.alarm(cloud, resource, alarm).state == "OK"
        with pytest.raises(InputError, match="does not act on"):
            remediate.alarm(cloud, resource, "somebody-elses")

        def up():
            return remediate.alarm(cloud, resource, alarm).state == "ALARM"

        def by_hand():
            event = remediate.event_of(remediate.alarm(cloud, resource, alarm))
            book = remediate.runbook(cloud, resource, "pocketbank-prod", event, alarm=alarm, up=up)
            return run(book, tmp_path / "operations", anew=True).kept["said"]

        with pytest.raises(OutsideError, match="was not begun"):
            by_hand()
        watch = cloud.client("cloudwatch", there.region)
        watch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="it is so")
        event = remediate.event_of(remediate.alarm(cloud, resource, alarm))
        [said] = remediate.dry(cloud, resource, event)
        # Its nodes are too young to be replaced by a clock that runs as ours does.
        assert "no node was found that has failed" in said
        assert by_hand() == [said]
        assert there.terminated() == 0
        assert (tmp_path / "operations" / "audit.jsonl").read_text().count("no node was found") == 1
        client.update_function_code(FunctionName=function.name, ZipFile=b"PK\x05\x06" + bytes(18))
        with pytest.raises(OutsideError, match="other code"):
            remediate.dry(cloud, resource, event)


def test_an_alarm_that_is_old_is_a_new_event_by_hand():
    """A person who comes hours later is not told that it is too late, and twice within the hour is still once."""
    old = remediate.Alarm("one", "ALARM", "2026-01-01T10:00:00.000+0000")
    assert remediate.event_of(old) == remediate.event_of(old)
    assert datetime.now(UTC).strftime("%Y-%m-%dT%H") in str(remediate.event_of(old))
