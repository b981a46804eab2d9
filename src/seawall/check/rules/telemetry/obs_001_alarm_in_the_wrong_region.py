"""An alarm on a metric that its region never sees."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.telemetry import Alarm
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="OBS-001",
    severity=Severity.HIGH,
    summary="An alarm watches a global metric outside us-east-1",
    why="CloudFront and Route 53 publish their metrics in us-east-1 only; elsewhere the alarm has no data and "
    "never rings",
    fix="make the alarm, and the topic that it tells, with a provider for us-east-1",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-cloudwatch.html",
    read=None,
)

GLOBAL = ("AWS/CloudFront/", "AWS/Route53/", "AWS/DDoSProtection/Global")
HOME = "us-east-1"


def check(facts: Facts) -> Iterator[Finding]:
    """Alarms on metrics of services that are in no region."""
    for alarm in facts.all(Alarm):
        if not alarm.metric.startswith(GLOBAL):
            continue
        if isinstance(alarm.region, Unknown):
            yield RULE.unknown(f"in which region {alarm.of} is is not known", [alarm.region], alarm.of)
        elif alarm.region not in (HOME, ""):
            yield RULE.refuted(f"{alarm.of} watches {alarm.metric} in {alarm.region}", alarm.of)
