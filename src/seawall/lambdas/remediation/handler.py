"""Mends what an alarm tells of: replaces nodes that have failed, and gives services that keep restarting one node more.

It runs once at a time, and remembers on each Auto Scaling group, in a tag, what it did there last: until the cooldown
is over it does nothing there for another alarm, and doing the same alarm's work twice does it once.  Where more than
half of a group has failed the nodes are not what is wrong, and people are told instead.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3

MARK = "seawall/remediated"
"""The tag in which a group remembers: when, for which alarm, and the number of nodes that was wanted."""
JOINING = timedelta(minutes=15)
"""A node younger than this may still be joining, and is never replaced: a group that only makes ill ones would spin."""
LOOKED_AT = timedelta(minutes=5)


@dataclass(frozen=True)
class Settings:
    """What the function is told by its environment.

    ``failed`` are the alarms that tell of failed nodes; ``restarts`` maps each alarm of restarts to the node group
    that gets one more; ``cooldown`` is in seconds.
    """

    cluster: str
    topic: str
    failed: tuple[str, ...]
    restarts: Mapping[str, str]
    cooldown: int

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Settings:
        """Read them; KeyError if one is missing."""
        return cls(
            environment["CLUSTER"],
            environment["TOPIC"],
            tuple(json.loads(environment["FAILED"])),
            dict(json.loads(environment["RESTARTS"])),
            int(environment["COOLDOWN"]),
        )


@dataclass(frozen=True)
class Event:
    """An alarm that went off: its name, and when."""

    alarm: str
    since: str

    @property
    def id(self) -> str:
        """The same for every delivery of the same event, and for no other."""
        return hashlib.sha256(f"{self.alarm} {self.since}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Group:
    """An Auto Scaling group behind a node group; ``mark`` is what it remembers: when, which event, how many nodes."""

    name: str
    node_group: str
    desired: int
    most: int
    instances: tuple[str, ...]
    mark: tuple[float, str, int] | None


@cache
def client(service: str) -> Any:
    """A client of a service, made once for as long as the function stays warm."""
    return boto3.client(service)


def lambda_handler(event: Mapping[str, Any], context: object) -> dict[str, list[str]]:
    """Do what each alarm of an SNS event asks for, and tell the topic what was done.

    Returns what was said.  Raises what AWS answered, after telling of what was done before: Lambda tries again.
    """
    settings = Settings.of(os.environ)
    said: list[str] = []
    try:
        for found in _events(event):
            for line in _remedy(settings, found):
                # One by one: what was done before an error must not be lost with it.
                said.append(line)
    finally:
        if said:
            client("sns").publish(
                TopicArn=settings.topic, Subject=f"Remediation of {settings.cluster}"[:100], Message="\n".join(said)
            )
    return {"said": said}


def _events(event: Mapping[str, Any]) -> Iterator[Event]:
    for record in event["Records"]:
        try:
            message = json.loads(record["Sns"]["Message"])
        except json.JSONDecodeError:
            continue  # words for people, ours among them
        if isinstance(message, dict) and message.get("NewStateValue") == "ALARM":
            yield Event(str(message["AlarmName"]), str(message.get("StateChangeTime", "")))


def _remedy(settings: Settings, event: Event) -> Iterator[str]:
    if event.alarm not in settings.failed and event.alarm not in settings.restarts:
        return
    # SNS and Lambda deliver more than once and sometimes late; what is well again needs nothing.
    alarms = client("cloudwatch").describe_alarms(AlarmNames=[event.alarm], AlarmTypes=["MetricAlarm"])["MetricAlarms"]
    if not any(alarm["StateValue"] == "ALARM" for alarm in alarms):
        yield f"{event.alarm}: it is over by itself; nothing was done."
        return
    groups = list(_groups(settings))
    if event.alarm in settings.restarts:
        yield from _grow(settings, event, groups, settings.restarts[event.alarm])
    else:
        yield from _replace(settings, event, groups)


def _groups(settings: Settings) -> Iterator[Group]:
    pages = (
        client("autoscaling")
        .get_paginator("describe_auto_scaling_groups")
        .paginate(Filters=[{"Name": "tag:eks:cluster-name", "Values": [settings.cluster]}])
    )
    for page in pages:
        for group in page["AutoScalingGroups"]:
            tags = {tag["Key"]: tag["Value"] for tag in group["Tags"]}
            yield Group(
                group["AutoScalingGroupName"],
                tags.get("eks:nodegroup-name", ""),
                group["DesiredCapacity"],
                group["MaxSize"],
                # What is leaving already is on its way to being replaced.
                tuple(each["InstanceId"] for each in group["Instances"] if each["LifecycleState"] == "InService"),
                _mark(tags.get(MARK, "")),
            )


# -- a node that failed ------------------------------------------------------------------------------------------------


def _replace(settings: Settings, event: Event, groups: Iterable[Group]) -> Iterator[str]:
    told = False
    for group in groups:
        failed = sorted(_failed(settings, group))
        if not failed:
            continue
        told = True
        if len(failed) > max(1, len(group.instances) // 2):
            yield (
                f"{event.alarm}: {len(failed)} of {len(group.instances)} nodes of {group.node_group} have failed. "
                "That many do not fail by themselves, so none was replaced: look at the zone, the network, the release."
            )
            continue
        if (wait := _rests(settings, event, group)) > 0:
            yield f"{event.alarm}: {group.node_group} was mended a moment ago; {', '.join(failed)} wait {wait} s."
            continue
        _remember(event, group, group.desired)
        for instance in failed:
            client("autoscaling").terminate_instance_in_auto_scaling_group(
                InstanceId=instance, ShouldDecrementDesiredCapacity=False
            )
            yield f"{event.alarm}: {instance} of {group.node_group} had failed and is being replaced."
    if not told:
        yield f"{event.alarm}: no node was found that has failed; one may be short of disk or memory. Nothing was done."


def _failed(settings: Settings, group: Group) -> set[str]:
    """The instances that EC2 finds impaired, or that the cluster has found not ready for some minutes."""
    if not group.instances:
        return set()
    ec2 = client("ec2")
    now = datetime.now(UTC)
    grown: dict[str, str] = {}
    for page in ec2.get_paginator("describe_instances").paginate(InstanceIds=list(group.instances)):
        for reservation in page["Reservations"]:
            for each in reservation["Instances"]:
                if now - each["LaunchTime"] > JOINING:
                    grown[each["InstanceId"]] = each["PrivateDnsName"]
    if not grown:
        return set()
    impaired = {
        each["InstanceId"]
        for page in ec2.get_paginator("describe_instance_status").paginate(InstanceIds=sorted(grown))
        for each in page["InstanceStatuses"]
        if "impaired" in (each["InstanceStatus"]["Status"], each["SystemStatus"]["Status"])
    }
    return impaired | set(_not_ready(settings, grown, now))


def _not_ready(settings: Settings, nodes: Mapping[str, str], now: datetime) -> Iterator[str]:
    """Of instance id -> node name: those that were never ready in the last minutes; silence is no answer."""
    ids = sorted(nodes)
    queries = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "ContainerInsights",
                    "MetricName": "node_status_condition_ready",
                    "Dimensions": [
                        {"Name": "ClusterName", "Value": settings.cluster},
                        {"Name": "InstanceId", "Value": id},
                        {"Name": "NodeName", "Value": nodes[id]},
                    ],
                },
                "Period": 60,
                "Stat": "Maximum",
            },
        }
        for number, id in enumerate(ids)
    ]
    for first in range(0, len(queries), 500):  # as many as one request may ask
        answer = client("cloudwatch").get_metric_data(
            MetricDataQueries=queries[first : first + 500], StartTime=now - LOOKED_AT, EndTime=now
        )
        for result in answer["MetricDataResults"]:
            if result["Values"] and max(result["Values"]) < 1:
                yield ids[int(result["Id"][1:])]


# -- a service that restarts -------------------------------------------------------------------------------------------


def _grow(settings: Settings, event: Event, groups: Iterable[Group], wanted: str) -> Iterator[str]:
    group = next((group for group in groups if group.node_group == wanted), None)
    if group is None:
        yield f"{event.alarm}: there is no node group {wanted}; nothing was done."
        return
    if (wait := _rests(settings, event, group)) > 0:
        yield f"{event.alarm}: {group.node_group} was mended a moment ago and rests for {wait} s; nothing was done."
        return
    # The same event again means the same number again, however often it is delivered.
    desired = group.mark[2] if group.mark and group.mark[1] == event.id else group.desired + 1
    if desired > group.most:
        yield f"{event.alarm}: {group.node_group} has all the {group.most} nodes that it may have; nothing was done."
        return
    if desired <= group.desired:
        return
    _remember(event, group, desired)
    client("autoscaling").set_desired_capacity(
        AutoScalingGroupName=group.name, DesiredCapacity=desired, HonorCooldown=False
    )
    yield f"{event.alarm}: {group.node_group} gets a node more, {desired} of {group.most}."


# -- what a group remembers --------------------------------------------------------------------------------------------


def _mark(value: str) -> tuple[float, str, int] | None:
    parts = value.split("/")
    try:
        return float(parts[0]), parts[1], int(parts[2])
    except (IndexError, ValueError):
        return None


def _rests(settings: Settings, event: Event, group: Group) -> int:
    """Seconds for which the group is left alone; 0 for the event that it was mended for last."""
    if group.mark is None or group.mark[1] == event.id:
        return 0
    return max(0, int(group.mark[0] + settings.cooldown - time.time()))


def _remember(event: Event, group: Group, desired: int) -> None:
    """Written before anything is done: whatever is cut short is done again for the same event alone."""
    client("autoscaling").create_or_update_tags(
        Tags=[
            {
                "ResourceId": group.name,
                "ResourceType": "auto-scaling-group",
                "Key": MARK,
                "Value": f"{int(time.time())}/{event.id}/{desired}",
                "PropagateAtLaunch": False,
            }
        ]
    )
