"""An alarm on a metric that this kind of load balancer does not have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.cloudwatch import asked
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.knowledge.cloudwatch_metrics import CLASSIC_ONLY

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


def check(facts: Facts) -> Iterator[Finding]:
    """Alarms on and panels of application and network load balancers."""
    for one in asked(facts):
        if one.namespace in ("AWS/ApplicationELB", "AWS/NetworkELB") and one.metric in CLASSIC_ONLY:
            yield RULE.refuted(f"{one.source} watches {one.metric} in {one.namespace}", one.source)
