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
from seawall.kernel.value import Ref, Unknown, holes

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
    followers, _ = facts.derive(_composites)
    return alarm.of in followers or _repeats(facts, alarm)


def _repeats(facts: Facts, alarm: Alarm) -> bool:
    """Whether it is made of alarms each of which tells somebody by itself, so that its state says nothing new."""
    _, members = facts.derive(_composites)
    found = members.get(alarm.of, ())
    return bool(found) and all(member.notifies for member in found)


def _composites(facts: Facts) -> tuple[set[Address], dict[Address, list[Alarm]]]:
    """The alarms that others are made of, and the members of each, by address or by name as far as it is known."""
    by_name: dict[str, list[Alarm]] = {}
    by_address = {alarm.of: alarm for alarm in facts.all(Alarm)}
    for alarm in facts.all(Alarm):
        for each in facts.where(Identifier, of=alarm.of):
            if each.attr == "arn" and (name := str(each.value).rpartition(":alarm:")[2]):
                by_name.setdefault(name, []).append(alarm)
    members: dict[Address, list[Alarm]] = {}
    for composite in facts.where(Alarm, metric="composite"):
        values = [value for _, value in composite.dimensions]
        rule = " ".join(str(value) for value in values)
        named = [alarm for name in _WITHIN.findall(rule) for alarm in by_name.get(name, ())]
        for hole in holes(values):
            address = hole.to if isinstance(hole, Ref) else Address(hole.what.rpartition(".")[0])
            named += [by_address[address]] if address in by_address else []
        members[composite.of] = [alarm for alarm in dict.fromkeys(named) if alarm is not composite]
    return {alarm.of for found in members.values() for alarm in found}, members


_WITHIN = re.compile(r"""\(\s*["']?([^()]*?)["']?\s*\)""")
"""An alarm's name in the rule of a composite alarm: ``ALARM("name")``."""


def _is_deaf(facts: Facts, topic: Address) -> bool:
    """Whether a topic of the input has no subscription; of topics elsewhere nothing can be said."""
    if topic.is_outside or topic.as_terraform() is None:
        return False
    asked = facts.ask(Notifies, of=topic)
    return not asked.matches and not asked.doubts
