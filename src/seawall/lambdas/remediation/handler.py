"""Mends what an alarm tells of: replaces nodes that have failed, and gives services that keep restarting one node more.

It runs once at a time.  Before it does anything it writes down on the Auto Scaling group, in a tag of its own for each
event, when, for which alarm, and which nodes: a deed.  What is cut short is taken up by the next delivery of the same
event, and no delivery does a deed twice.  What bounds it, over the whole fleet of the cluster:

- a group rests for the cooldown after a deed, and so many nodes an hour and a day are all that it replaces or adds;
- where more than half of a group is failed or missing the nodes are not what is wrong, and people are told instead;
- when its deeds do not help, because their alarms are up still or again, it stops itself, says so as loudly as it can,
  and goes on after a rest, or when a person lets it.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3

DEED = "seawall/remediated/"
"""What the tags begin with in which a group remembers deeds; the event's id follows."""
STOPPED = "seawall/remediation-stopped"
"""The tag that says since when, and until when, nothing is done."""
LET_ON = "seawall/remediation-let-on"
"""The tag that says when a person let it go on; what was done before then is no longer held against it."""
JOINING = timedelta(minutes=15)
"""A node younger than this may still be joining, and is never replaced: a group that only makes ill ones would spin."""
LOOKED_AT = timedelta(minutes=5)
LATE = 3600
"""Seconds after which an event is nothing to act on any more: people are at it by then."""
HOUR, DAY = 3600, 86400
RUN = 120
"""Seconds that a run may last: a deed that was written down may be done that much later."""


@dataclass(frozen=True)
class Settings:
    """What the function is told by its environment.

    ``failed`` are the alarms that tell of failed nodes; ``restarts`` maps each alarm of restarts to the node group
    that gets one more.  ``an_hour`` and ``a_day`` are nodes.  It stops after ``tries`` deeds of the last ``within``
    seconds that did not help, for ``rest`` seconds; ``cooldown`` is in seconds, too.
    """

    cluster: str
    topic: str
    failed: tuple[str, ...]
    restarts: Mapping[str, str]
    cooldown: int
    an_hour: int
    a_day: int
    tries: int
    within: int
    rest: int

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Settings:
        """Read them; KeyError if one is missing."""
        return cls(
            environment["CLUSTER"],
            environment["TOPIC"],
            tuple(json.loads(environment["FAILED"])),
            dict(json.loads(environment["RESTARTS"])),
            int(environment["COOLDOWN"]),
            *(int(environment[name]) for name in ("AN_HOUR", "A_DAY", "TRIES", "WITHIN", "REST")),
        )


@dataclass(frozen=True)
class Event:
    """An alarm that went off: its name, and when."""

    alarm: str
    since: str

    @property
    def id(self) -> str:
        """The same for every delivery of the same event, and for no other."""
        return _hash(f"{self.alarm} {self.since}", 16)

    @property
    def age(self) -> float:
        """Seconds since the alarm went off; 0 where the message does not say."""
        try:
            return now() - datetime.strptime(self.since, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
        except ValueError:
            return 0.0


@dataclass(frozen=True)
class Deed:
    """What was done, or begun, at a group: when (seconds since 1970), and for which event of which alarm (its hash).

    ``instances`` are those that were to be replaced; where there are none the group was to grow to ``desired`` nodes,
    and ``done`` says that it was told to.
    """

    event: str
    when: int
    alarm: str
    desired: int
    instances: tuple[str, ...]
    done: bool = False

    @property
    def nodes(self) -> int:
        """How many nodes of the limit it takes."""
        return len(self.instances) or 1

    @property
    def tag(self) -> str:
        """It as a tag's value: at most 256 characters, however many nodes a limit allows."""
        ends = "done" if self.done else ""
        return f"{self.when}/{self.alarm}/{self.desired}/{'+'.join(self.instances)}/{ends}"

    @classmethod
    def of(cls, event: str, value: str) -> Deed | None:
        """Read a tag; None for what is none of ours."""
        parts = value.split("/")
        try:
            instances = tuple(filter(None, parts[3].split("+")))
            return cls(event, int(parts[0]), parts[1], int(parts[2]), instances, parts[4] == "done")
        except (IndexError, ValueError):
            return None


@dataclass(frozen=True)
class Group:
    """An Auto Scaling group behind a node group, with what it remembers; ``instances`` are those in service."""

    name: str
    node_group: str
    desired: int
    most: int
    instances: tuple[str, ...]
    deeds: tuple[Deed, ...]
    stopped: tuple[int, int]
    let_on: int


@cache
def client(service: str) -> Any:
    """A client of a service, made once for as long as the function stays warm."""
    return boto3.client(service)


def now() -> float:
    """The moment, in seconds since 1970."""
    return time.time()


def lambda_handler(event: Mapping[str, Any], context: object) -> dict[str, list[str]]:
    """Do what each alarm of an SNS event asks for, and tell the topic what was done.

    Two keys that no topic can send are for people: ``dry_run`` says what would be done and does nothing, and
    ``let_on`` has it go on after it stopped itself.  Returns what was said.  Raises what AWS answered, after telling
    of what was done before: Lambda tries again.
    """
    settings = Settings.of(os.environ)
    dry = bool(event.get("dry_run"))
    said: list[str] = []
    try:
        if event.get("let_on"):
            said.append(_let_on(settings, dry=dry))
        for found in _events(event):
            for line in _remedy(settings, found, dry=dry):
                # One by one, and into the log at once: what was done before an error must not be lost with it.
                said.append(line)
                print(line, flush=True)
    finally:
        if said and not dry:
            stopped = any(STOPS in line for line in said)
            subject = f"{'STOPPED: remediation' if stopped else 'Remediation'} of {settings.cluster}"
            client("sns").publish(TopicArn=settings.topic, Subject=subject[:100], Message="\n".join(said))
    return {"said": said}


def _events(event: Mapping[str, Any]) -> Iterator[Event]:
    for record in event.get("Records", ()):
        try:
            message = json.loads(record["Sns"]["Message"])
        except json.JSONDecodeError:
            continue  # words for people, ours among them
        if isinstance(message, dict) and message.get("NewStateValue") == "ALARM":
            yield Event(str(message["AlarmName"]), str(message.get("StateChangeTime", "")))


def _remedy(settings: Settings, event: Event, *, dry: bool) -> Iterator[str]:
    if event.alarm not in settings.failed and event.alarm not in settings.restarts:
        return
    # SNS and Lambda deliver more than once and sometimes late; what is well again needs nothing.
    up = _up(settings)
    if event.alarm not in up:
        yield f"{event.alarm}: it is over by itself; nothing was done."
        return
    if event.age > LATE:
        yield f"{event.alarm}: it went off more than {LATE // 60} minutes ago; it is left to people, nothing was done."
        return
    groups = sorted(_groups(settings), key=lambda group: group.name)
    if not groups:
        yield f"{event.alarm}: the cluster has no node group; nothing was done."
        return
    if (words := _stops(settings, event, groups, up, dry=dry)) is not None:
        yield f"{event.alarm}: {words}"
        return
    if event.alarm in settings.restarts:
        yield from _grow(settings, event, groups, settings.restarts[event.alarm], dry=dry)
    else:
        yield from _replace(settings, event, groups, dry=dry)
    if not dry:
        _forget(groups)


def _up(settings: Settings) -> set[str]:
    """Those of its alarms that are up now."""
    names = sorted({*settings.failed, *settings.restarts})
    found: set[str] = set()
    for first in range(0, len(names), 100):  # as many as one request may name
        asked = {"AlarmNames": names[first : first + 100], "AlarmTypes": ["MetricAlarm"]}
        for page in client("cloudwatch").get_paginator("describe_alarms").paginate(**asked):
            found |= {alarm["AlarmName"] for alarm in page["MetricAlarms"] if alarm["StateValue"] == "ALARM"}
    return found


def _groups(settings: Settings) -> Iterator[Group]:
    pages = (
        client("autoscaling")
        .get_paginator("describe_auto_scaling_groups")
        .paginate(Filters=[{"Name": "tag:eks:cluster-name", "Values": [settings.cluster]}])
    )
    for page in pages:
        for group in page["AutoScalingGroups"]:
            tags = {tag["Key"]: tag["Value"] for tag in group["Tags"]}
            deeds = (Deed.of(key.removeprefix(DEED), value) for key, value in tags.items() if key.startswith(DEED))
            yield Group(
                group["AutoScalingGroupName"],
                tags.get("eks:nodegroup-name", ""),
                group["DesiredCapacity"],
                group["MaxSize"],
                # What is leaving already is on its way to being replaced.
                tuple(each["InstanceId"] for each in group["Instances"] if each["LifecycleState"] == "InService"),
                tuple(sorted((deed for deed in deeds if deed), key=lambda deed: deed.when)),
                _numbers(tags.get(STOPPED, "")),
                _numbers(tags.get(LET_ON, ""))[0],
            )


# -- a node that failed ------------------------------------------------------------------------------------------------


def _replace(settings: Settings, event: Event, groups: Sequence[Group], *, dry: bool) -> Iterator[str]:
    told = False
    spent: dict[str, Deed] = {}
    for group in groups:
        begun = next((deed for deed in group.deeds if deed.event == event.id), None)
        failed = sorted(_failed(settings, group))
        if begun is not None:
            # What was planned is all that this event does here, and only as far as it is still so.
            failed = [instance for instance in failed if instance in begun.instances]
        if not failed:
            told = told or begun is not None
            continue
        told = True
        missing = max(0, group.desired - len(group.instances))
        if missing + len(failed) > max(1, group.desired // 2):
            yield (
                f"{event.alarm}: {len(failed)} of {len(group.instances)} nodes of {group.node_group} have failed, and "
                f"{missing} more are missing. That many do not fail by themselves, so none was replaced: look at the "
                "zone, the network, the release."
            )
            continue
        if (wait := _rests(settings, event, group)) > 0:
            yield (
                f"{event.alarm}: {group.node_group} was mended a moment ago; {', '.join(failed)} left alone for {wait} "
                f"s. {_afterwards(event)}"
            )
            continue
        room = _room(settings, [*_deeds(groups, but=(event, group)), *spent.values()])
        planned = begun.instances if begun else tuple(failed[: max(0, room)])
        if len(planned) > room or not planned:
            yield (
                f"{event.alarm}: {', '.join(failed)} of {group.node_group} have failed, and no more than "
                f"{settings.an_hour} nodes an hour and {settings.a_day} a day are replaced or added. "
                f"{_afterwards(event)}"
            )
            continue
        # The moment anew where it goes on: it counts from when it is done, not from when it was first meant to be.
        deed = Deed(event.id, int(now()), _hash(event.alarm, 8), group.desired, planned)
        spent[group.name] = deed
        if not dry:
            _remember(group, deed)
        for instance in failed:
            if instance not in planned:
                yield f"{event.alarm}: {instance} of {group.node_group} has failed, too. {_afterwards(event)}"
                continue
            if not dry:
                client("autoscaling").terminate_instance_in_auto_scaling_group(
                    InstanceId=instance, ShouldDecrementDesiredCapacity=False
                )
            verb = "would be" if dry else "is being"
            yield f"{event.alarm}: {instance} of {group.node_group} had failed and {verb} replaced."
    if not told:
        yield f"{event.alarm}: no node was found that has failed; one may be short of disk or memory. Nothing was done."


def _failed(settings: Settings, group: Group) -> set[str]:
    """The instances that EC2 finds impaired, or that the cluster has found not ready for some minutes."""
    if not group.instances:
        return set()
    ec2 = client("ec2")
    moment = datetime.fromtimestamp(now(), UTC)
    grown: dict[str, str] = {}
    for page in ec2.get_paginator("describe_instances").paginate(InstanceIds=list(group.instances)):
        for reservation in page["Reservations"]:
            for each in reservation["Instances"]:
                if moment - each["LaunchTime"] > JOINING:
                    grown[each["InstanceId"]] = each["PrivateDnsName"]
    if not grown:
        return set()
    impaired = {
        each["InstanceId"]
        for page in ec2.get_paginator("describe_instance_status").paginate(InstanceIds=sorted(grown))
        for each in page["InstanceStatuses"]
        if "impaired" in (each["InstanceStatus"]["Status"], each["SystemStatus"]["Status"])
    }
    return impaired | set(_not_ready(settings, grown, moment))


def _not_ready(settings: Settings, nodes: Mapping[str, str], moment: datetime) -> Iterator[str]:
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
            MetricDataQueries=queries[first : first + 500], StartTime=moment - LOOKED_AT, EndTime=moment
        )
        for result in answer["MetricDataResults"]:
            if result["Values"] and max(result["Values"]) < 1:
                yield ids[int(result["Id"][1:])]


# -- a service that restarts -------------------------------------------------------------------------------------------


def _grow(settings: Settings, event: Event, groups: Sequence[Group], wanted: str, *, dry: bool) -> Iterator[str]:
    group = next((group for group in groups if group.node_group == wanted), None)
    if group is None:
        yield f"{event.alarm}: there is no node group {wanted}; nothing was done."
        return
    begun = next((deed for deed in group.deeds if deed.event == event.id), None)
    if begun is not None and begun.done:
        return
    if (wait := _rests(settings, event, group)) > 0:
        yield (
            f"{event.alarm}: {group.node_group} was mended a moment ago and rests for {wait} s; nothing was done. "
            f"{_afterwards(event)}"
        )
        return
    # The same event again means the same number again, however often it is delivered.
    desired = begun.desired if begun else group.desired + 1
    if desired > group.most:
        yield f"{event.alarm}: {group.node_group} has all the {group.most} nodes that it may have; nothing was done."
        return
    if _room(settings, _deeds(groups, but=(event, group))) < 1:
        yield (
            f"{event.alarm}: no more than {settings.an_hour} nodes an hour and {settings.a_day} a day are replaced or "
            f"added; nothing was done. {_afterwards(event)}"
        )
        return
    if dry:
        yield f"{event.alarm}: {group.node_group} would get a node more, {desired} of {group.most}."
        return
    deed = Deed(event.id, int(now()), _hash(event.alarm, 8), desired, ())
    _remember(group, deed)
    # Nobody else may have made it larger meanwhile: a deed that goes on never takes a node away.
    if desired > group.desired:
        client("autoscaling").set_desired_capacity(
            AutoScalingGroupName=group.name, DesiredCapacity=desired, HonorCooldown=False
        )
        yield f"{event.alarm}: {group.node_group} gets a node more, {desired} of {group.most}."
    # So that a delivery hours later does not undo what an autoscaler has taken away since.
    _remember(group, replace(deed, done=True))


# -- what bounds it ----------------------------------------------------------------------------------------------------

STOPS = "remediation has stopped itself"


def _stops(settings: Settings, event: Event, groups: Sequence[Group], up: set[str], *, dry: bool) -> str | None:
    """Why nothing is done any more, or None; it is written down at the first time."""
    moment = int(now())
    let_on = max(group.let_on for group in groups)
    since, until = max(group.stopped for group in groups)
    if since > let_on and moment < until:
        return f"{STOPS} until {_clock(until)}; nothing was done. {_go_on()}"
    raised = {_hash(name, 8) for name in up}
    # What was done a moment ago has had no time to help.
    vain = [
        deed
        for deed in _deeds(groups)
        if max(let_on, moment - settings.within) < deed.when <= moment - settings.cooldown
        and deed.alarm in raised
        and deed.event != event.id
    ]
    if len(vain) < settings.tries:
        return None
    until = moment + settings.rest
    if not dry:
        _tag(groups[0], STOPPED, f"{moment}/{until}")
    return (
        f"{STOPS}: it mended {len(vain)} times since {_clock(vain[0].when)}, and the alarms of it are up again or "
        f"still. Its cure is the wrong one; find out what is the matter. Until {_clock(until)} it does nothing. "
        f"{_go_on()}"
    )


def _let_on(settings: Settings, *, dry: bool) -> str:
    groups = sorted(_groups(settings), key=lambda group: group.name)
    if not groups:
        return "the cluster has no node group; there is nothing to let go on."
    if not dry:
        _tag(groups[0], LET_ON, str(int(now())))
    return f"a person {'would let' if dry else 'lets'} it go on; what was done before is no longer held against it."


def _deeds(groups: Iterable[Group], but: tuple[Event, Group] | None = None) -> list[Deed]:
    """Every deed of the fleet, oldest first, without that of an event at a group."""
    found = [
        deed
        for group in groups
        for deed in group.deeds
        if but is None or (deed.event, group.name) != (but[0].id, but[1].name)
    ]
    return sorted(found, key=lambda deed: deed.when)


def _room(settings: Settings, deeds: Iterable[Deed]) -> int:
    """How many nodes may still be replaced or added now."""
    given = list(deeds)
    moment = now()
    return min(
        most - sum(deed.nodes for deed in given if deed.when > moment - span - RUN)
        for most, span in ((settings.an_hour, HOUR), (settings.a_day, DAY))
    )


def _rests(settings: Settings, event: Event, group: Group) -> int:
    """Seconds for which the group is left alone; 0 for the event that it was mended for last."""
    others = [deed.when for deed in group.deeds if deed.event != event.id]
    return max(0, int(max(others, default=0) + settings.cooldown - now()))


# -- what groups remember ----------------------------------------------------------------------------------------------


def _remember(group: Group, deed: Deed) -> None:
    """Written before anything is done: whatever is cut short is done again for the same event alone."""
    _tag(group, f"{DEED}{deed.event}", deed.tag)


def _forget(groups: Iterable[Group]) -> None:
    """Take away what no bound looks at any more: a group has room for fifty tags."""
    for group in groups:
        for deed in group.deeds:
            if deed.when < now() - DAY - RUN - LATE:
                key = f"{DEED}{deed.event}"
                tag = {"ResourceId": group.name, "ResourceType": "auto-scaling-group", "Key": key}
                client("autoscaling").delete_tags(Tags=[tag])


def _tag(group: Group, key: str, value: str) -> None:
    client("autoscaling").create_or_update_tags(
        Tags=[
            {
                "ResourceId": group.name,
                "ResourceType": "auto-scaling-group",
                "Key": key,
                "Value": value,
                "PropagateAtLaunch": False,
            }
        ]
    )


def _numbers(value: str) -> tuple[int, int]:
    first, _, second = value.partition("/")
    return (int(first) if first.isdecimal() else 0, int(second) if second.isdecimal() else 0)


def _hash(value: str, length: int) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:length]


def _clock(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _afterwards(event: Event) -> str:
    return f"Nobody comes back to it: `seawall remediate INPUT --alarm {event.alarm}` does, when that is over."


def _go_on() -> str:
    return "Before then a person can let it go on: `seawall remediate INPUT --let-on`."
