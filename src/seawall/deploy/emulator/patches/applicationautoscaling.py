"""Application Auto Scaling: moto has no tags.

Seen from the provider: aws_appautoscaling_target ends in ListTagsForResource, which answers 500.
"""

from __future__ import annotations

import json
from typing import Any

from seawall.deploy.emulator.grafting import add_operations, around, store


def apply() -> None:
    """Keep tags by ARN."""
    from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

    def tags_of(response: Any) -> dict[str, str]:
        by_arn = store(response.applicationautoscaling_backend, "tags")
        found: dict[str, str] = by_arn.setdefault(response._get_param("ResourceARN"), {})
        return found

    def tag_resource(response: Any) -> str:
        tags_of(response).update(response._get_param("Tags"))
        return "{}"

    def untag_resource(response: Any) -> str:
        for key in response._get_param("TagKeys"):
            tags_of(response).pop(key, None)
        return "{}"

    def list_tags_for_resource(response: Any) -> str:
        return json.dumps({"Tags": tags_of(response)})

    @around(ApplicationAutoScalingResponse, "register_scalable_target")
    def register_scalable_target(original: Any, response: Any) -> str:
        answer: str = original(response)
        arn = json.loads(answer)["ScalableTargetARN"]
        tags = store(response.applicationautoscaling_backend, "tags")
        tags.setdefault(arn, {}).update(response._get_param("Tags") or {})
        return answer

    add_operations(ApplicationAutoScalingResponse, tag_resource, untag_resource, list_tags_for_resource)
