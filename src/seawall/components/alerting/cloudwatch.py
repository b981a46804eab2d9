"""What CloudWatch tells Prometheus of AWS's resources, through its exporter, and what it means that it tells nothing.

A statistic of which CloudWatch has no datapoint is exported as not-a-number, or not at all; neither is above or below
anything, so that alerts on thresholds keep quiet of it, and ``silent`` is what asks for it.
"""

from __future__ import annotations

from seawall.knowledge.exporters.yace import metric

ASKING = "yace_cloudwatch_requests_total"
FAILING = "yace_cloudwatch_request_errors"


def selected(namespace: str, name: str, statistic: str, selector: str = "") -> str:
    """A statistic of a metric with these labels; a dimension's label is ``dimension_`` and its name."""
    called = metric(namespace, name, statistic)
    return f"{called}{{{selector}}}" if selector else called


def silent(series: str) -> str:
    """One where CloudWatch has told nothing of it for ten minutes, though its exporter asks and is answered.

    An exporter that is away or refused says nothing of the resource, so then this is not raised.
    """
    told = f"max_over_time(({series} >= 0)[10m:1m])"
    asked = f"(count({ASKING}) > 0 unless sum(increase({FAILING}[10m])) > 0)"
    return f"absent({told}) and on () {asked}"
