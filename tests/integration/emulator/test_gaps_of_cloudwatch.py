"""Each test here passes with the patch of CloudWatch and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

Clients = Callable[..., Any]


def test_a_composite_alarm_is_kept(aws: Clients) -> None:
    """A composite alarm is listed with its rule."""
    cloudwatch, name = aws("cloudwatch"), f"a-{uuid.uuid4().hex[:8]}"
    cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule="ALARM(one) AND ALARM(two)")
    found = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert [each["AlarmRule"] for each in found] == ["ALARM(one) AND ALARM(two)"]
