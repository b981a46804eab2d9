"""Remediation by hand: the function that alarms call, called by a person for one alarm, or let go on.

It is the deployed function that acts, under its own role, limits and memory, so that what a person does by hand and
what an alarm does by itself count together, and the same alarm's work is not done twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.errors import InputError, OutsideError
from seawall.kernel.verdict import Verdict, proven, refuted, unknown
from seawall.operate.functions import call
from seawall.operate.runbook import Doing, Runbook, Step

if TYPE_CHECKING:
    from seawall.deploy.target import Cloud

_SAID = "said"


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm as CloudWatch has it: whether it is up, and since when, in its own spelling."""

    name: str
    state: str
    since: str


def function_of(graph: Graph, subject: str) -> Resource:
    """The remediation of a platform. Raises InputError where it has none."""
    for resource in graph.of_type("aws_lambda_function"):
        if resource.address.endswith(".remediation"):
            return resource
    raise InputError(f"{subject} has no remediation", fix="add `remediation: {}`, with `alerts` and `insights`")


def known_alarms(function: Resource) -> tuple[str, ...]:
    """The alarms that it acts on."""
    variables = function.body["environment"][0]["variables"]
    return (*json.loads(variables["FAILED"]), *json.loads(variables["RESTARTS"]))


def alarm(cloud: Cloud, function: Resource, name: str) -> Alarm:
    """Ask CloudWatch for an alarm. Raises InputError for one that is not there, or that the function does not know."""
    if name not in known_alarms(function):
        listed = ", ".join(known_alarms(function))
        raise InputError(f"remediation does not act on an alarm {name}", fix=f"it acts on {listed}")
    client = cloud.client("cloudwatch", str(function.region))
    found = client.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    if not found:
        raise InputError(f"there is no alarm {name}", fix="`seawall up` makes it")
    since = found[0].get("StateTransitionedTimestamp") or found[0]["StateUpdatedTimestamp"]
    moment = since.astimezone(UTC)
    return Alarm(
        name, found[0]["StateValue"], moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"
    )


def event_of(alarm: Alarm) -> dict[str, Any]:
    """What the function would be told of this alarm by its topic: by hand it is the same event, if it is still fresh.

    An alarm that has been up for long is a new event: a person who asks for it anew means it.
    """
    moment = datetime.strptime(alarm.since, "%Y-%m-%dT%H:%M:%S.%f%z")
    # The function leaves alone what is an hour old; by then nobody else acts on it either.
    fresh = (datetime.now(UTC) - moment).total_seconds() < 3000
    since = alarm.since if fresh else datetime.now(UTC).strftime("%Y-%m-%dT%H:00:00.000+0000")
    message = {"AlarmName": alarm.name, "NewStateValue": alarm.state, "StateChangeTime": since}
    return {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": json.dumps(message)}}]}


def dry(cloud: Cloud, function: Resource, event: Mapping[str, Any]) -> tuple[str, ...]:
    """What the function says it would do, by itself; nothing is changed."""
    return _said(cloud, function, {**event, "dry_run": True})


def runbook(
    cloud: Cloud, function: Resource, subject: str, event: Mapping[str, Any], *, alarm: str, up: Callable[[], bool]
) -> Runbook:
    """Call the function for an alarm that is ``up``; done once it has answered."""

    def ready(doing: Doing) -> Verdict:
        return proven(f"{alarm} is up") if up() else refuted(f"{alarm} is not up: there is nothing to mend")

    return _called("remediate", cloud, function, subject, event, {"alarm": alarm}, ready)


def letting_on(cloud: Cloud, function: Resource, subject: str) -> Runbook:
    """Have the function go on that has stopped itself."""
    return _called("let-on", cloud, function, subject, {"let_on": True}, {}, lambda doing: proven("a person says so"))


def _called(
    name: str,
    cloud: Cloud,
    function: Resource,
    subject: str,
    event: Mapping[str, Any],
    inputs: Mapping[str, str],
    ready: Callable[[Doing], Verdict],
) -> Runbook:
    called = str(function.body["function_name"])

    def act(doing: Doing) -> None:
        said = _said(cloud, function, event)
        doing.keep(**{_SAID: list(said)})
        for line in said:
            doing.audit(line, called)

    def so(doing: Doing) -> Verdict:
        return proven("it has answered") if _SAID in doing.kept else unknown("it has not answered")

    step = Step(name, f"have {called} act on it, within its limits", act, so, ready)
    return Runbook(name, subject, (step,), inputs)


def _said(cloud: Cloud, function: Resource, event: Mapping[str, Any]) -> tuple[str, ...]:
    ended = call(cloud, function, event)
    if ended.failed:
        raise OutsideError(f"{function.body['function_name']} failed: {ended.failed}", ended.log)
    said = ended.answer["said"] or ["nothing was left to do: this alarm's work is done already"]
    return tuple(str(line) for line in said)
