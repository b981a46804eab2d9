"""An alarm that tells nobody."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
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
    return any(
        str(alarm.of) in str(value) for other in facts.where(Alarm, metric="composite") for _, value in other.dimensions
    )


def _is_deaf(facts: Facts, topic: Address) -> bool:
    """Whether a topic of the input has no subscription; of topics elsewhere nothing can be said."""
    if topic.is_outside or topic.as_terraform() is None:
        return False
    asked = facts.ask(Notifies, of=topic)
    return not asked.matches and not asked.doubts
