"""An alarm that mends: from a node that fails to its replacement, and a storm of alarms that must not eat the fleet."""

from __future__ import annotations

import json
import time

from seawall.kernel.errors import OutsideError
from seawall.operate.drill.events import Events
from seawall.operate.drill.scenario import Measure, Outcome, Setting, scenario
from seawall.operate.drill.servers import aws, fleet
from seawall.operate.drill.servers.topics import Called, Subscriber
from seawall.operate.drill.stage import Stage, until
from seawall.operate.functions import Clock

_HOURS_OF_STORM = 1.0
"""For how long the alarms go on after the function has stopped itself, in hours of its clock."""
_BEATS = 15
"""Minutes of the function's clock between two alarms of the storm."""
_DEEDS = "seawall/remediated/"
_STOPPED = "seawall/remediation-stopped"


def _applies(setting: Setting) -> str:
    return "" if fleet.remediation(setting.graph) else "it has no remediation that alarms call"


@scenario("alarm-to-remediation", needs={}, applies=_applies)
def play(stage: Stage, setting: Setting, events: Events) -> Outcome:
    """A node fails, and the function that its alarm calls replaces it; then replacements fail, again and again."""
    cloud = aws.start(stage)
    speed = 1200.0 if setting.short else 600.0
    clock = Clock(time.time(), speed)
    failures: list[str] = []

    def watch(called: Called) -> None:
        for line in called.how.answer["said"] if called.how.answer else [f"failed: {called.how.failed}"]:
            events.add("remediation", line)

    there, function, subscription = fleet.make(cloud, setting.graph, clock, events)
    variables = function.environment
    alarms = json.loads(variables["FAILED"])
    assert cloud.emulator is not None
    with Subscriber(function, cloud.emulator.url, clock, deliveries=2, watcher=watch) as subscriber:
        cloud.client("sns", there.region).subscribe(
            TopicArn=there.topic,
            Protocol="http",
            Endpoint=subscriber.url,
            Attributes={
                "FilterPolicy": subscription.body["filter_policy"],
                "FilterPolicyScope": subscription.body["filter_policy_scope"],
            },
        )
        nodes = {name: len(instances) for name, instances in there.groups().items()}
        # A node of less than a quarter of an hour is never replaced.
        time.sleep(1000 / speed + setting.chance.random() * 900 / speed)
        acted, replaced = _one(there, alarms[0], setting, failures)
        until(lambda: subscriber.idle, seconds=60, what="the second delivery")
        once = there.terminated()
        if once != 1:
            failures.append(f"one node failed, its alarm came twice, and {once} nodes were terminated")
        stopped_at = _storm(there, alarms, subscriber, setting, failures)
    deeds = sorted(int(value.split("/")[0]) for value in there.marks(_DEEDS) for _ in _nodes(value))
    ends = there.terminated()
    if len(deeds) < ends:
        failures.append(f"{ends} nodes were terminated and {len(deeds)} of them written down")
    after = sum(when > stopped_at for when in deeds) if stopped_at else 0
    for name, (least, wanted, most) in there.desired().items():
        if not least <= wanted <= most or len(there.groups()[name]) < least:
            failures.append(f"{name} has {len(there.groups()[name])} of {wanted} nodes, within {least} and {most}")
    broken = [called.how.failed for called in subscriber.calls if called.how.failed]
    failures += [f"a call failed: {why}" for why in broken[:3]]
    return Outcome(
        (
            Measure("alarm to action", acted, "s"),
            Measure("alarm to a group that is whole", replaced, "s"),
            Measure("nodes terminated in any hour", _most_in(deeds, 3600), "nodes", limit=int(variables["AN_HOUR"])),
            Measure("nodes terminated in all", ends, "nodes", limit=int(variables["A_DAY"])),
            Measure("deeds before it stopped itself", len(deeds) - after, "nodes", limit=_most_before(variables)),
            Measure("nodes terminated after it stopped", after, "nodes", limit=0),
        ),
        {
            "AWS": "moto, which makes instances and runs no functions",
            "Lambda": "the deployed package in a process of its own, once at a time; its start is Python's here",
            "CloudWatch": "alarms raised by the drill, with CloudWatch's message; how long it evaluates is not in it",
            "time": f"the function's clock runs {speed:g} times as fast, so its nodes are never too young to replace",
        },
        {
            "nodes": ", ".join(f"{name} {number}" for name, number in sorted(nodes.items())),
            "deliveries of each alarm": 2,
            "alarms told": len({called.message for called in subscriber.calls}),
            "evaluation on AWS, s": _evaluation(setting, alarms[0]),
            "limit an hour": int(variables["AN_HOUR"]),
            "limit a day": int(variables["A_DAY"]),
            "stops after": int(variables["TRIES"]),
        },
        tuple(failures),
    )


def _one(there: fleet.Fleet, alarm: str, setting: Setting, failures: list[str]) -> tuple[float, float]:
    """A node fails: the seconds from its alarm until it is terminated, and until its group is whole again."""
    group, instances = sorted(there.groups().items())[setting.chance.randrange(len(there.groups()))]
    victim = setting.chance.choice(instances)
    there.fall_ill(victim)
    began = there.tell(alarm, "ALARM")
    until(lambda: victim not in there.groups()[group], seconds=60, what=f"the end of {victim}")
    acted = time.monotonic() - began
    until(lambda: len(there.groups()[group]) == len(instances), seconds=60, what=f"the replacement of {victim}")
    replaced = time.monotonic() - began
    there.events.add("nodes", f"{victim} is replaced")
    there.tell(alarm, "OK")
    if there.terminated() != 1:
        failures.append(f"one node failed, and {there.terminated()} were terminated")
    return acted, replaced


def _storm(
    there: fleet.Fleet, alarms: list[str], subscriber: Subscriber, setting: Setting, failures: list[str]
) -> int | None:
    """Every group always has a node that is ill, and alarms come and go; when it stopped itself, by its own clock."""
    stopped: int | None = None
    ends = there.now() + 6 * 3600
    beat = 0
    while there.now() < ends:
        for instances in there.groups().values():
            if not there.ill & set(instances):
                there.fall_ill(setting.chance.choice(instances))
        alarm = alarms[beat % len(alarms)]
        beat += 1
        # CloudWatch tells of changes alone: an alarm that stays up is told of once.
        there.tell(alarm, "OK")
        there.tell(alarm, "ALARM")
        until(lambda: subscriber.idle, seconds=60, what="the function's end")
        if stopped is None and (marks := there.marks(_STOPPED)):
            stopped = max(int(mark.split("/")[0]) for mark in marks)
            there.events.add("remediation", "has stopped itself")
            ends = min(ends, there.now() + _HOURS_OF_STORM * 3600)
        time.sleep(_BEATS * 60 / there.clock.speed)
    if stopped is None:
        failures.append("six hours of alarms that nothing helped against, and it did not stop itself")
    return stopped


def _most_before(variables: fleet.Variables) -> int:
    """How many nodes may go before it stops: those that did not help, and those of the last hour beside them."""
    return int(variables["TRIES"]) + int(variables["AN_HOUR"])


def _nodes(mark: str) -> list[str]:
    instances = mark.split("/")[3]
    return [one for one in instances.split("+") if one]


def _most_in(moments: list[int], span: int) -> int:
    return max((sum(first <= moment < first + span for moment in moments) for first in moments), default=0)


def _evaluation(setting: Setting, alarm: str) -> int:
    for one in setting.graph.of_type("aws_cloudwatch_metric_alarm"):
        if one.body["alarm_name"] == alarm:
            return int(one.body["period"]) * int(one.body["evaluation_periods"])
    raise OutsideError(f"no alarm is called {alarm}")
