"""An alarm on a metric that this kind of load balancer does not have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.telemetry import Alarm
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="EDGE-020",
    severity=Severity.MEDIUM,
    summary="An alarm watches a metric that only Classic Load Balancers have",
    why="SurgeQueueLength and SpilloverCount exist in AWS/ELB alone; on other load balancers the alarm never has data",
    fix="watch RejectedConnectionCount, TargetConnectionErrorCount or HTTPCode_ELB_5XX_Count",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-cloudwatch-metrics.html",
    read=date(2025, 12, 1),
)

CLASSIC = ("SurgeQueueLength", "SpilloverCount")


def check(facts: Facts) -> Iterator[Finding]:
    """Alarms on application and network load balancers."""
    for alarm in facts.all(Alarm):
        space, _, name = alarm.metric.rpartition("/")
        if space in ("AWS/ApplicationELB", "AWS/NetworkELB") and name in CLASSIC:
            yield RULE.refuted(f"{alarm.of} watches {name} in {space}", alarm.of)
