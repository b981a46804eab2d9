"""Auto Scaling: moto forgets that a scaling policy is enabled, and invents a predictive one.

Seen from the provider: enabled and predictive_scaling_configuration of an aws_autoscaling_policy plan changes for ever.
"""

from __future__ import annotations

from typing import Any

from seawall.deploy.emulator.grafting import after_init


def apply() -> None:
    """Answer a policy as it was made."""
    from moto.autoscaling.models import FakeScalingPolicy

    @after_init(FakeScalingPolicy)
    def complete(policy: Any, arguments: dict[str, Any]) -> None:
        policy.enabled = True
        policy.predictive_scaling_configuration = policy.predictive_scaling_configuration or None
