"""IAM: moto refuses whatever a Deny speaks of, even where its conditions do not hold.

Seen from the provider: a bucket policy that denies requests without TLS ends every read of an aws_s3_object in
403.
"""

from __future__ import annotations

from typing import Any

from seawall.deploy.emulator.grafting import around


def apply() -> None:
    """Let a Deny whose conditions do not hold say nothing.

    moto gives S3's requests no condition values at all, so that here no condition of a bucket policy's Deny ever
    holds; a Deny without conditions denies as before.
    """
    from moto.iam.access_control import IAMPolicyStatement, PermissionResult

    @around(IAMPolicyStatement, "is_action_permitted")
    def is_action_permitted(original: Any, statement: Any, *arguments: Any, **named: Any) -> Any:
        stated = statement._statement
        if stated["Effect"] == "Deny" and stated.get("Condition"):
            values = named.get("incoming_condition_values") or (arguments[3] if len(arguments) > 3 else None)
            if not values or not statement._check_conditions(values):
                return PermissionResult.NEUTRAL
        return original(statement, *arguments, **named)
