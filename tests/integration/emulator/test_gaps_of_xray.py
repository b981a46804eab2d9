"""Each test here passes with the patch of X-Ray and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

Clients = Callable[..., Any]


def test_a_group_lives(aws: Clients) -> None:
    """A group of traces is made, changed and deleted."""
    xray, name = aws("xray"), f"g-{uuid.uuid4().hex[:8]}"
    tags = [{"Key": "a", "Value": "1"}]
    group = xray.create_group(GroupName=name, FilterExpression="responsetime > 2", Tags=tags)["Group"]
    arn = group["GroupARN"]
    assert xray.list_tags_for_resource(ResourceARN=arn)["Tags"] == tags
    xray.update_group(GroupARN=arn, FilterExpression="responsetime > 3")
    assert xray.get_group(GroupName=name)["Group"]["FilterExpression"] == "responsetime > 3"
    xray.delete_group(GroupARN=arn)
    with pytest.raises(xray.exceptions.InvalidRequestException):
        xray.get_group(GroupARN=arn)


def test_a_sampling_rule_lives(aws: Clients) -> None:
    """A sampling rule is made, changed and deleted."""
    xray, name = aws("xray"), f"r-{uuid.uuid4().hex[:8]}"
    rule = {
        "RuleName": name,
        "ResourceARN": "*",
        "Priority": 1,
        "FixedRate": 0.05,
        "ReservoirSize": 1,
        "ServiceName": "*",
        "ServiceType": "*",
        "Host": "*",
        "HTTPMethod": "*",
        "URLPath": "*",
        "Version": 1,
    }
    xray.create_sampling_rule(SamplingRule=rule)
    xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": name, "FixedRate": 0.1})
    rates = {
        each["SamplingRule"]["RuleName"]: each["SamplingRule"]["FixedRate"]
        for each in xray.get_sampling_rules()["SamplingRuleRecords"]
    }
    assert rates[name] == 0.1
    xray.delete_sampling_rule(RuleName=name)
    names = [each["SamplingRule"]["RuleName"] for each in xray.get_sampling_rules()["SamplingRuleRecords"]]
    assert name not in names
