"""Each test here passes with the patch of Application Auto Scaling and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

Clients = Callable[..., Any]


def test_a_target_keeps_its_tags(aws: Clients) -> None:
    """Tags of a scalable target can be read and changed."""
    scaling = aws("application-autoscaling")
    arn = f"arn:aws:application-autoscaling:ap-northeast-2:123456789012:scalable-target/{uuid.uuid4().hex}"
    scaling.tag_resource(ResourceARN=arn, Tags={"a": "1", "b": "2"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"b": "2"}
