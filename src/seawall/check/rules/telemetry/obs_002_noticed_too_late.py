"""A recovery time that is over before any alarm rings."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.facts.telemetry import Alarm
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Duration

RULE = Rule(
    id="OBS-002",
    severity=Severity.HIGH,
    summary="A recovery time is claimed that is over before any alarm rings",
    why="an alarm waits for its periods to be bad before it says so; where a person, or what an alarm starts, has to "
    "act, that "
    "wait is the first part of every recovery",
    fix="shorter periods or fewer of them for the alarm that starts the recovery, or a claim that has room for it",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each claimed time against the fastest alarm that tells anybody; one whose time is not known may be faster."""
    alarms = [alarm for alarm in facts.all(Alarm) if alarm.notifies != ()]
    after = [alarm.detects_after for alarm in alarms if isinstance(alarm.detects_after, int)]
    if not alarms or len(after) < len(alarms):
        return
    fastest = min(alarms, key=lambda alarm: (alarm.detects_after, alarm.of))
    for claim in facts.all(Claim):
        if claim.measure == "rto" and isinstance(claim.value, Duration) and claim.value.seconds < min(after):
            yield RULE.refuted(
                f"{claim.subject} rto {claim.value} is claimed, and the first alarm, {fastest.of}, rings after "
                f"{min(after)} s",
                fastest.of,
                evidence=(f"claim: {claim.subject} rto {claim.value}", f"{fastest.of}: after {min(after)} s"),
            )
