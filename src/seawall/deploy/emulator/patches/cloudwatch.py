"""CloudWatch: moto has no PutCompositeAlarm, although it keeps and lists composite alarms.

Seen from the provider: aws_cloudwatch_composite_alarm ends in a 500.
"""

from __future__ import annotations

from typing import Any

from seawall.deploy.emulator.grafting import add_operations


def apply() -> None:
    """Write a composite alarm the way moto writes a metric alarm: by its rule instead of its metric."""
    from moto.cloudwatch.responses import CloudWatchResponse

    def put_composite_alarm(response: Any) -> Any:
        return response.put_metric_alarm()

    add_operations(CloudWatchResponse, put_composite_alarm)
