"""Each test here passes with the patch of Application Auto Scaling and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

Clients = Callable[..., Any]


def test_a_target_keeps_its_tags(aws: Clients) -> None:
    """Tags of a scalable target can be read and changed."""
    scaling, table = aws("application-autoscaling"), f"t-{uuid.uuid4().hex[:8]}"
    aws("dynamodb").create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    arn = scaling.register_scalable_target(
        ServiceNamespace="dynamodb",
        ResourceId=f"table/{table}",
        ScalableDimension="dynamodb:table:ReadCapacityUnits",
        MinCapacity=1,
        MaxCapacity=2,
        Tags={"a": "1"},
    )["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"b": "2"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"b": "2"}
