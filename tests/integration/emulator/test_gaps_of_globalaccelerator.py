"""Each test here passes with the patch of Global Accelerator and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

Clients = Callable[..., Any]


def test_an_accelerator_lives(aws: Clients) -> None:
    """An accelerator with a listener and an endpoint group is made, changed and deleted."""
    service = aws("globalaccelerator", "us-west-2")
    accelerator = service.create_accelerator(
        Name="a", IdempotencyToken=uuid.uuid4().hex, Tags=[{"Key": "a", "Value": "1"}]
    )["Accelerator"]["AcceleratorArn"]
    service.update_accelerator_attributes(AcceleratorArn=accelerator, FlowLogsEnabled=True, FlowLogsS3Bucket="logs")
    attributes = service.describe_accelerator_attributes(AcceleratorArn=accelerator)["AcceleratorAttributes"]
    assert attributes["FlowLogsS3Bucket"] == "logs"
    assert service.list_tags_for_resource(ResourceArn=accelerator)["Tags"] == [{"Key": "a", "Value": "1"}]
    listener = service.create_listener(
        AcceleratorArn=accelerator, PortRanges=[{"FromPort": 443, "ToPort": 443}], Protocol="TCP", IdempotencyToken="l"
    )["Listener"]["ListenerArn"]
    group = service.create_endpoint_group(
        ListenerArn=listener, EndpointGroupRegion="ap-northeast-2", IdempotencyToken="g"
    )["EndpointGroup"]["EndpointGroupArn"]
    service.update_endpoint_group(EndpointGroupArn=group, TrafficDialPercentage=50.0)
    kept = service.describe_endpoint_group(EndpointGroupArn=group)["EndpointGroup"]
    assert kept["TrafficDialPercentage"] == 50.0
    service.delete_endpoint_group(EndpointGroupArn=group)
    service.delete_listener(ListenerArn=listener)
    service.delete_accelerator(AcceleratorArn=accelerator)
    with pytest.raises(service.exceptions.AcceleratorNotFoundException):
        service.describe_accelerator(AcceleratorArn=accelerator)
