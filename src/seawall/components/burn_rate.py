"""How fast the failures that a claim of availability allows are being used up, as alarms over the load balancer.

For each pace there are two windows: a long one, so that a moment's errors wake nobody, and a short one, so that the
alarm ends soon after the errors do.  Both have to be bad.  Paces and windows: Site Reliability Workbook, chapter 5,
"Alerting on SLOs", multiwindow, multi-burn-rate alerts, with its budget of 30 days; its slowest pace, three days long,
is not here: an alarm's period is a day at the most, and what CloudWatch works out of several is no mean of them all.

CloudWatch slides the window of an alarm with one period on by a minute at each evaluation (CloudWatch User Guide,
"Using Amazon CloudWatch alarms", at b35549706cab); arithmetic takes a missing value for 0 and drops what is divided by
0 ("Using metric math", the same).  RequestCount counts only requests for which a target could be chosen, so those
turned away for want of one (503) are added (User Guide for Application Load Balancers, "CloudWatch metrics", at
fb24293).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from seawall.components import runbook
from seawall.components.alarm import alarm_name, all_of, described
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel.units import Duration, Share
from seawall.kernel.value import Ref

MONTH: Final = 30 * 86_400
"""Seconds over which a claim counts."""
NAMESPACE: Final = "AWS/ApplicationELB"
COUNTED: Final = {
    "answered": "HTTPCode_Target_5XX_Count",
    "balancer": "HTTPCode_ELB_5XX_Count",
    "asked": "RequestCount",
    "away": "HTTPCode_ELB_503_Count",
}
"""Id -> metric; the first two are failures, the last two together all requests."""


@dataclass(frozen=True, slots=True)
class Pace:
    """A speed of using up the budget: ``factor`` times what would last for a month; windows in seconds."""

    name: str
    factor: Fraction
    long: int
    short: int
    critical: bool

    @property
    def spends(self) -> Fraction:
        """The share of a month's budget that is gone when the long window is full at just this pace."""
        return self.factor * self.long / MONTH


PACES: Final = (
    Pace("fast", Fraction("14.4"), 3600, 300, critical=True),
    Pace("steady", Fraction(6), 6 * 3600, 1800, critical=True),
    Pace("slow", Fraction(3), 86_400, 7200, critical=False),
)


def allowed(claim: Share) -> Fraction:
    """The share of requests that may fail."""
    return 1 - Fraction(claim.percent) / 100


def threshold(claim: Share, pace: Pace) -> Fraction:
    """The share of failed requests above which a window is bad; 1 or more is never passed."""
    return allowed(claim) * pace.factor


def fewest(claim: Share, pace: Pace) -> int:
    """How many requests a window must have seen to be judged: with fewer, one failure alone would make it bad."""
    return math.ceil(1 / threshold(claim, pace))


def raised_after(claim: Share, pace: Pace, failing: Fraction) -> int | None:
    """Seconds from when that share of an even traffic fails until the alarm is raised; None if it never is."""
    bad = threshold(claim, pace)
    return None if failing <= bad else math.ceil(max(pace.long, pace.short) * bad / failing)


def over_after(claim: Share, pace: Pace, failing: Fraction) -> int:
    """Seconds from when failures end, after filling the short window, until the alarm is over."""
    return math.ceil(pace.short * (1 - threshold(claim, pace) / failing))


def claimed(scope: Scope) -> Share | None:
    """The platform's claim of availability; None where it makes none."""
    for claim in scope.platform.claims:
        if (claim.subject, claim.measure) == ("platform", "availability") and isinstance(claim.value, Share):
            return claim.value
    return None


def watched(scope: Scope) -> Ref | None:
    """The load balancer's name in CloudWatch; None where nothing has to be watched here.

    Where Prometheus watches the claim there are no alarms beside its own.
    """
    if claimed(scope) is None or "monitoring" in scope.platform.components:
        return None
    for name in scope.platform.components:
        front = scope.component(name).front(scope.at(name))
        if front is not None:
            return Ref(front.of, "arn_suffix")
    return None


def alarms(scope: Scope, told: Callable[[bool], list[Ref]]) -> Iterator[Resource]:
    """Two silent alarms a pace, one a window, and one over both that tells; ``told`` are the topics by severity."""
    claim, balancer = claimed(scope), watched(scope)
    if claim is None or balancer is None:
        return
    for pace in PACES:
        if threshold(claim, pace) >= 1:
            continue
        windows = {"long": pace.long, "short": pace.short}
        for window, seconds in windows.items():
            yield _window(scope, claim, pace, f"burn_{pace.name}_{window}", seconds, balancer)
        names = [f"burn_{pace.name}_{window}" for window in windows]
        yield runbook.of(*_both(scope, claim, pace, names, told(pace.critical)), about=(balancer.to,))


def _window(scope: Scope, claim: Share, pace: Pace, name: str, seconds: int, balancer: Ref) -> Resource:
    called = alarm_name(scope, name)
    bad = threshold(claim, pace)
    says = (
        f"More than {float(100 * bad):.4g} % of requests failed within {Duration(seconds)}: half of what raises "
        f"{alarm_name(scope, f'burn_{pace.name}')}."
    )
    body = {
        "alarm_name": called,
        "alarm_description": described(scope, called, says),
        "metric_query": [*queries(balancer, seconds, fewest(claim, pace))],
        "comparison_operator": "GreaterThanThreshold",
        "threshold": float(100 * bad),
        "evaluation_periods": 1,
        "datapoints_to_alarm": 1,
        # No request, no failure.
        "treat_missing_data": "notBreaching",
        # One window alone is nothing that visitors are sure to feel.
        "tags": {"severity": "warning"},
    }
    page = runbook.path(runbook.page_of(scope, called.rpartition("-")[0]))
    first = (f"Nothing by itself: it tells nobody. Follow {page}.",)
    return runbook.of(scope.aws("aws_cloudwatch_metric_alarm", name, body, called=called), first)


def queries(balancer: Ref, seconds: int, least: int) -> Iterator[dict[str, Any]]:
    """The metrics of a window and what is worked out of them: failed requests in percent, 0 where there were few."""
    share = "100 * (answered + balancer) / (asked + away)"
    yield {
        "id": "failed",
        "expression": f"IF(asked + away >= {least}, {share}, 0)",
        "label": "failed requests, %",
        "return_data": True,
    }
    for id, metric in COUNTED.items():
        counted = {
            "namespace": NAMESPACE,
            "metric_name": metric,
            "dimensions": {"LoadBalancer": balancer},
            "period": seconds,
            "stat": "Sum",
        }
        yield {"id": id, "metric": [counted], "return_data": False}


def _both(
    scope: Scope, claim: Share, pace: Pace, windows: list[str], told: list[Ref]
) -> tuple[Resource, tuple[str, ...]]:
    name = f"burn_{pace.name}"
    called = alarm_name(scope, name)
    says = (
        f"Requests fail {float(pace.factor):g} times as often as the claimed availability of {claim} allows, for "
        f"{Duration(pace.long)} and still: {float(100 * pace.spends):.2g} % of the month's budget are gone."
    )
    body = {
        "alarm_name": called,
        "alarm_description": described(scope, called, says),
        "alarm_rule": all_of(scope, windows),
        "alarm_actions": told,
        "ok_actions": told,
        "tags": {"severity": "critical" if pace.critical else "warning"},
    }
    lasts = Duration(round(MONTH / pace.factor))
    first = (
        "Which of the load balancer's alarms is raised beside it, and follow that page: edge-service-errors where the "
        "application answers 5xx, edge-load-balancer-errors where nothing answers.",
        "Neither is: few requests fail, but too many for the claim. Which path: in the load balancer's log, by "
        "elb_status_code of 500 and above and by request_url.",
        f"Whether to act now or to stop releasing: at this pace the month's budget lasts {lasts} in all.",
        "Until it is over, release nothing but what mends it.",
    )
    return scope.aws("aws_cloudwatch_composite_alarm", name, body, called=called), first
