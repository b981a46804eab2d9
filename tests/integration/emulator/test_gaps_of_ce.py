"""Each test here passes with the patch of Cost Explorer and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

Clients = Callable[..., Any]


def test_a_monitor_and_its_subscription_live(aws: Clients) -> None:
    """A monitor of anomalies and a subscription to it are made, found, changed and deleted."""
    ce = aws("ce", "us-east-1")
    monitor = ce.create_anomaly_monitor(
        AnomalyMonitor={"MonitorName": "all", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"},
        ResourceTags=[{"Key": "a", "Value": "1"}],
    )["MonitorArn"]
    subscription = ce.create_anomaly_subscription(
        AnomalySubscription={
            "SubscriptionName": f"s-{uuid.uuid4().hex[:8]}",
            "MonitorArnList": [monitor],
            "Subscribers": [{"Type": "EMAIL", "Address": "owner@petclinic.example"}],
            "Frequency": "DAILY",
        }
    )["SubscriptionArn"]
    ce.update_anomaly_subscription(SubscriptionArn=subscription, Frequency="WEEKLY")
    found = ce.get_anomaly_subscriptions(SubscriptionArnList=[subscription])["AnomalySubscriptions"]
    assert [each["Frequency"] for each in found] == ["WEEKLY"]
    assert ce.list_tags_for_resource(ResourceArn=monitor)["ResourceTags"] == [{"Key": "a", "Value": "1"}]
    ce.delete_anomaly_subscription(SubscriptionArn=subscription)
    ce.delete_anomaly_monitor(MonitorArn=monitor)
    assert ce.get_anomaly_monitors(MonitorArnList=[monitor])["AnomalyMonitors"] == []
    with pytest.raises(ce.exceptions.UnknownMonitorException):
        ce.delete_anomaly_monitor(MonitorArn=monitor)
