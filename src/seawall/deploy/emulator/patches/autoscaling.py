"""Auto Scaling: moto forgets that a scaling policy is enabled, invents a predictive one, and forgets how long instances
of a group may live.

Seen from the provider: enabled and predictive_scaling_configuration of an aws_autoscaling_policy and
max_instance_lifetime of an aws_autoscaling_group plan changes for ever.
"""

from __future__ import annotations

from typing import Any

from seawall.deploy.emulator.grafting import after_init, around


def apply() -> None:
    """Answer a policy and a group as they were made."""
    from moto.autoscaling.models import FakeScalingPolicy
    from moto.autoscaling.responses import AutoScalingResponse

    @after_init(FakeScalingPolicy)
    def complete(policy: Any, arguments: dict[str, Any]) -> None:
        policy.enabled = True
        policy.predictive_scaling_configuration = policy.predictive_scaling_configuration or None

    for action in ("create_auto_scaling_group", "update_auto_scaling_group"):

        @around(AutoScalingResponse, action)
        def keep_lifetime(original: Any, response: Any) -> Any:
            answer = original(response)
            given = response._get_param("MaxInstanceLifetime")
            if given is not None:
                group = response.autoscaling_backend.autoscaling_groups[response._get_param("AutoScalingGroupName")]
                group.max_instance_lifetime = int(given) or None
            return answer
