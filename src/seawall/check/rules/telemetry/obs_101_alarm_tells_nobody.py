"""An alarm that tells nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier
from seawall.facts.network import HealthCheck
from seawall.facts.telemetry import Alarm, Notifies
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="OBS-101",
    severity=Severity.HIGH,
    summary="An alarm tells nobody",
    why="an alarm without an action, or with a topic that nobody listens to, changes its colour in a console "
    "that nobody "
    "looks at",
    fix="add alarm_actions with a topic, and a subscription to that topic",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each alarm's actions, and whether the topics of the input among them are listened to."""
    for alarm in facts.all(Alarm):
        if isinstance(alarm.notifies, Unknown):
            yield RULE.unknown(f"whom {alarm.of} tells is not known", [alarm.notifies], alarm.of)
            continue
        if not alarm.notifies:
            if not _is_followed(facts, alarm):
                yield RULE.refuted(f"{alarm.of} has no action", alarm.of)
            continue
        deaf = [topic for topic in alarm.notifies if isinstance(topic, Address) and _is_deaf(facts, topic)]
        if len(deaf) == len(alarm.notifies):
            spelled = ", ".join(deaf)
            yield RULE.refuted(f"{alarm.of} tells {spelled}, to which nobody listens", alarm.of, *deaf)


def _is_followed(facts: Facts, alarm: Alarm) -> bool:
    """Whether somebody else acts on the alarm: a health check follows it, or an alarm made of alarms."""
    if facts.where(HealthCheck, target=alarm.of):
        return True
    return any(_names(facts, other, alarm) for other in facts.where(Alarm, metric="composite")) or _repeats(
        facts, alarm
    )


def _repeats(facts: Facts, alarm: Alarm) -> bool:
    """Whether it is made of alarms each of which tells somebody by itself, so that its state says nothing new."""
    if alarm.metric != "composite":
        return False
    members = [other for other in facts.all(Alarm) if other is not alarm and _names(facts, alarm, other)]
    return bool(members) and all(member.notifies for member in members)


def _names(facts: Facts, composite: Alarm, other: Alarm) -> bool:
    """Whether the rule of a composite alarm names another one: by its address, or by its name as far as it is known."""
    rule = " ".join(str(value) for _, value in composite.dimensions)
    arns = (str(each.value) for each in facts.where(Identifier, of=other.of) if each.attr == "arn")
    names = {arn.rpartition(":alarm:")[2] for arn in arns} - {""}
    return str(other.of) in rule or any(
        re.search(rf"""\(\s*["']?{re.escape(name)}["']?\s*\)""", rule) for name in names
    )


def _is_deaf(facts: Facts, topic: Address) -> bool:
    """Whether a topic of the input has no subscription; of topics elsewhere nothing can be said."""
    if topic.is_outside or topic.as_terraform() is None:
        return False
    asked = facts.ask(Notifies, of=topic)
    return not asked.matches and not asked.doubts
